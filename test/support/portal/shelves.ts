import type { PortalItem } from './words.ts';

/** Who has which items in which folder: the index behind the listings, in the order of arrival. */
export class Shelves {
  #owners = new Map<string, Map<string | null, Set<PortalItem>>>();

  #shelf(owner: string, folder: string | null): Set<PortalItem> {
    const shelves = this.#owners.get(owner) ?? new Map<string | null, Set<PortalItem>>();
    this.#owners.set(owner, shelves);
    const shelf = shelves.get(folder) ?? new Set();
    shelves.set(folder, shelf);
    return shelf;
  }

  /** Puts an item where its record says; at the front when `first`, which shifts all pages of a listing. */
  put(item: PortalItem, first = false): void {
    const shelf = this.#shelf(item.record.owner, item.record.ownerFolder);
    const after = first ? [...shelf] : [];
    if (first) shelf.clear();
    shelf.add(item);
    for (const other of after) shelf.add(other);
  }

  /** Takes an item away; call it before its record changes. */
  take(item: PortalItem): void {
    this.#shelf(item.record.owner, item.record.ownerFolder).delete(item);
  }

  /** The items of one folder; null: outside any folder. */
  folder(owner: string, folder: string | null): PortalItem[] {
    return [...this.#shelf(owner, folder)];
  }

  /** All items of a member: the root first, then folder by folder. */
  all(owner: string): PortalItem[] {
    const shelves = this.#owners.get(owner) ?? new Map<string | null, Set<PortalItem>>();
    return [...this.#shelf(owner, null), ...[...shelves].flatMap(([id, shelf]) => (id === null ? [] : [...shelf]))];
  }
}
