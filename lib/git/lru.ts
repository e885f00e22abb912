interface Kept<T> {
  value: Promise<T>;
  /** bytes */
  size: number;
}

/** Keeps what was used last, up to a number of bytes. What is being read is shared by all who ask; failures are not kept. */
export class Lru<T> {
  readonly #kept = new Map<string, Kept<T>>();
  readonly #most: number;
  readonly #weigh: (value: T) => number;
  #size = 0;

  /**
   * @param most bytes
   * @param weigh bytes of a value, about
   */
  constructor(most: number, weigh: (value: T) => number) {
    this.#most = most;
    this.#weigh = weigh;
  }

  async get(key: string, make: () => Promise<T>): Promise<T> {
    const found = this.#kept.get(key);
    if (found !== undefined) {
      // Maps keep the order of insertion, so the first key is the one not used for longest.
      this.#kept.delete(key);
      this.#kept.set(key, found);
      return found.value;
    }
    const entry = { value: make(), size: 0 };
    this.#kept.set(key, entry);
    try {
      const value = await entry.value;
      if (this.#kept.get(key) === entry) this.#account(entry, this.#weigh(value));
      return value;
    } catch (error) {
      if (this.#kept.get(key) === entry) this.#kept.delete(key);
      throw error;
    }
  }

  #account(entry: Kept<T>, size: number): void {
    entry.size = size;
    this.#size += size;
    for (const [key, { size: freed }] of this.#kept) {
      if (this.#size <= this.#most) return;
      this.#kept.delete(key);
      this.#size -= freed;
    }
  }
}
