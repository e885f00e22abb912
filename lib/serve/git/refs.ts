import { branch, packedRefs } from '../../git/layout.ts';
import type { ObjectReader } from '../../git/object-reader.ts';
import type { BlobStore } from '../../storage/blob-store.ts';

/** A name under which a client sees a commit. */
export interface Ref {
  name: string;
  oid: string;
  /** what an annotated tag leads to */
  peeled?: string;
}

/** Names of one answer. A person's git may have made some beside the branch. */
const mostRefs = 10_000;

/** The refs of the repository in the order of their names; the branch is what HEAD means. Throws STORE_DAMAGED. */
export async function readRefs(store: BlobStore, reader: ObjectReader): Promise<Ref[]> {
  const found = readPackedRefs((await store.get(packedRefs))?.bytes.toString() ?? '');
  for await (const { name } of store.list('refs/')) {
    if (found.size >= mostRefs) break;
    const oid = (await store.get(name))?.bytes.toString().trim() ?? '';
    if (isRef(name) && /^[0-9a-f]{40}$/.test(oid)) found.set(name, oid);
  }
  const refs = [...found].map(([name, oid]) => ({ name, oid }));
  refs.sort((a, b) => Buffer.compare(Buffer.from(a.name), Buffer.from(b.name)));
  return Promise.all(refs.map((ref) => withPeeled(reader, ref)));
}

/** What HEAD stands for among these. */
export function headOf(refs: readonly Ref[]): Ref | undefined {
  return refs.find(({ name }) => name === branch);
}

/** https://git-scm.com/docs/git-pack-refs */
function readPackedRefs(text: string): Map<string, string> {
  const lines = [...text.matchAll(/^([0-9a-f]{40}) (refs\/\S+)$/gm)];
  return new Map(lines.map(([, oid = '', name = '']) => [name, oid] as const).filter(([name]) => isRef(name)));
}

/** May it be sent? https://git-scm.com/docs/git-check-ref-format */
function isRef(name: string): boolean {
  return name.length < 1000 && !/[\x00-\x20\x7f~^:?*[\\]|\.\.|@\{|\.lock$/.test(name);
}

async function withPeeled(reader: ObjectReader, ref: Ref): Promise<Ref> {
  // The branch never is a tag, and most archives have nothing else.
  if (!ref.name.startsWith('refs/tags/')) return ref;
  const peeled = await peel(reader, ref.oid);
  return peeled === ref.oid ? ref : { ...ref, peeled };
}

/** What a tag leads to, through other tags; anything else leads to itself. Throws STORE_DAMAGED. */
async function peel(reader: ObjectReader, oid: string): Promise<string> {
  let at = oid;
  for (let n = 0; n < 10; n++) {
    if ((await reader.describe(at))?.type !== 'tag') return at;
    const next = targetOf((await reader.read(at))?.bytes);
    if (next === undefined) return at;
    at = next;
  }
  return at;
}

/** The object that a tag names. */
export function targetOf(tag: Buffer | undefined): string | undefined {
  return /^object ([0-9a-f]{40})$/m.exec(tag?.toString() ?? '')?.[1];
}
