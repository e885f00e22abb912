/** What a client asks for cannot be had; the message is for the person who sits before it. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** the HTTP status where nothing was sent yet, and git's own protocol says nothing else */
  readonly status: number;

  constructor(message: string, status = 200) {
    super(message);
    this.status = status;
  }
}
