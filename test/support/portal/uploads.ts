import { json, type Answer } from './answers.ts';
import type { PortalItem } from './words.ts';

/** What status says of a file that came in parts; each question brings its end nearer. Undefined: none came. */
export function uploadStatus({ upload, record }: PortalItem): Answer | undefined {
  if (!upload) return undefined;
  const says = (status: string, statusMessage = '') => json({ status, statusMessage, itemId: record.id });
  if (upload.state !== 'processing') return says(upload.state);
  if (upload.end === 'never' || upload.polls > 0) {
    upload.polls -= 1;
    return says('processing');
  }
  upload.state = upload.end;
  return upload.end === 'failed' ? says('failed', 'Error updating file item') : says('completed', 'Upload completed.');
}

/** What status says of a publish; each question brings its end nearer. */
export function publishStatus(itemId: string, publishing: NonNullable<PortalItem['publishing']>): Answer {
  if (publishing.end === 'never' || publishing.polls > 0) {
    publishing.polls -= 1;
    return json({ status: 'processing', statusMessage: '', itemId });
  }
  const statusMessage = publishing.end === 'failed' ? publishing.message : 'completed';
  return json({ status: publishing.end, statusMessage, itemId });
}

/** Is its file on the way still? */
export function isArriving({ upload }: PortalItem): boolean {
  return upload?.state === 'processing';
}
