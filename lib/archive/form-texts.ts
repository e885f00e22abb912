import { buffer } from 'node:stream/consumers';
import yauzl from 'yauzl';

/**
 * The texts in a survey's zip: form.json, the XForm, scripts, pages. A zip that is damaged, or that unpacks to more than may be
 * held, has none.
 * @param isText says by its name which entry is a text
 * @param mostBytes that all of them together may have
 */
export async function formTexts(
  zip: Buffer,
  { isText, mostBytes }: { isText: RegExp; mostBytes: number },
): Promise<string[]> {
  const texts: string[] = [];
  let left = mostBytes;
  try {
    const opened = await yauzl.fromBufferPromise(zip);
    for await (const entry of opened.eachEntry()) {
      if (!isText.test(entry.fileName)) continue;
      left -= entry.uncompressedSize;
      if (left < 0) return [];
      // The stream ends with an error when it has more than the directory says.
      texts.push((await buffer(await opened.openReadStreamPromise(entry))).toString());
    }
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    return [];
  }
  return texts;
}
