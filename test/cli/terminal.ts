import { Writable } from 'node:stream';

/** What a terminal of 80 columns was sent. */
export class FakeTerminal extends Writable {
  readonly isTTY: boolean;
  readonly columns = 80;
  text = '';

  constructor(isTTY = true) {
    super();
    this.isTTY = isTTY;
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: () => void): void {
    this.text += chunk.toString();
    done();
  }

  /** What it shows in the end: without the sequences that a bar needs to stay on its line. */
  get plain(): string {
    return this.text.replace(/\u001b\[[0-9;?]*[A-Za-z]|\u001b[78]/g, '\n');
  }
}
