import assert from 'node:assert/strict';
import { test } from 'node:test';
import type { VersionText } from '../../../lib/history/describe.ts';
import { versionList } from '../../../lib/serve/page/versions.ts';

const id = 'a'.repeat(32);
const commitOf = (n: number) => String(n).padStart(40, '0');

/** Versions of so many nights, the newest first; every tenth night the item was gone. */
function nights(count: number): VersionText[] {
  const plain = { title: 'Plan', owner: 'ana', type: 'PDF', path: 'x', size: 1, layers: [], what: [], runId: null };
  return Array.from({ length: count }, (_, n): VersionText => {
    const night = count - n;
    const op = night === 1 ? 'added' : night % 10 === 0 ? 'removed' : 'changed';
    return { ...plain, op, commit: commitOf(night), time: new Date(night * 86_400_000).toISOString() };
  });
}

const linesOf = (html: string) => [...html.matchAll(/<li/g)].length;

test('of very many versions the latest are shown, and all where that is asked for, or an old one is looked at', () => {
  const all = nights(250);
  const shown = versionList(id, all, commitOf(249)).toString();
  assert.equal(linesOf(shown), 100);
  assert.match(shown, /100 of 250 are shown\. <a href="\/items\/a{32}\?versions=all">/);
  assert.equal(linesOf(versionList(id, all, commitOf(249), true).toString()), 250);
  const old = versionList(id, all, commitOf(3)).toString();
  assert.equal(linesOf(old), 250);
  assert.match(old, new RegExp(`<li aria-current="true">[^]*?at=${commitOf(3)}`));
  assert.equal(linesOf(versionList(id, nights(100), commitOf(99)).toString()), 100);
});

test('each version is compared with the one before in which the item was there, the first with none', () => {
  const html = versionList(id, nights(21), commitOf(21)).toString();
  assert.match(html, new RegExp(`from=${commitOf(19)}&amp;to=${commitOf(21)}`));
  assert.doesNotMatch(html, new RegExp(`to=${commitOf(20)}"`));
  assert.doesNotMatch(html, new RegExp(`to=${commitOf(1)}"`));
});
