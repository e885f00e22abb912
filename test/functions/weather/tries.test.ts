import assert from 'node:assert/strict';
import { test } from 'node:test';
import { MemoryStore } from '../../../lib/storage/memory.ts';
import { newBackup } from '../../support/backup.ts';
import { VirtualClock } from '../../support/clock.ts';
import type { FaultAnswer } from '../../support/portal/faults.ts';
import { Organization } from '../../support/portal/organization.ts';
import { counting } from '../../support/stores/counting.ts';
import { faulty } from '../../support/stores/faulty.ts';

/** One place tries again: what always fails is sent so often in a whole run, with all that might try again above it. */

function someItems() {
  const org = new Organization();
  const file = org.addItem({ owner: 'backup', type: 'PDF', title: 'Flyer', file: 'flyer.pdf' }).record.id;
  org.addService({ owner: 'backup', title: 'Parcels', layers: ['A'] });
  return { org, file };
}

for (const [name, match, answer, most] of [
  ['the list of members', /portals\/self\/users/, { status: 503 }, 5],
  ['a file', /\/data$/, { status: 502 }, 5],
  // Five times it breaks off, and each time the rest is asked for.
  ['a file that breaks off', /\/data$/, { cutAfter: 600 }, 6],
  ['an export that is not started', /\/export$/, 'reset', 3],
  ['the progress of an export', /\/status$/, { status: 503 }, 5],
  ['the dates of layers', /FeatureServer\/layers$/, { status: 503 }, 5],
] as [string, RegExp, FaultAnswer, number][]) {
  test(`${name} that is always ${JSON.stringify(answer)} is asked for at most ${most} times in a run`, async (t) => {
    const { org, file } = someItems();
    const { run, portal } = await newBackup(t, { org });
    const isMeant = match.source.includes('data') ? new RegExp(`${file}/data$`) : match;
    const fault = portal.faults.add({ match: isMeant, times: Infinity, answer });
    assert.notEqual((await run()).outcome, 'complete');
    assert.ok(fault.hits > 0 && fault.hits <= most, `${fault.hits} times`);
  });
}

for (const name of [/\/work\//, /^ago-backup\/runs\/[^/]+\/staged\//, /^objects\/info\/packs$/]) {
  test(`a write of ${name.source} that always fails is made at most seven times by a run`, async (t) => {
    const { org } = someItems();
    const { store, requests } = counting(
      faulty(new MemoryStore({ clock: new VirtualClock() }), ({ verb, name: blob }) =>
        verb === 'put' && name.test(blob) && (hits.set(blob, (hits.get(blob) ?? 0) + 1), true) ? 'before' : undefined,
      ),
    );
    const hits = new Map<string, number>();
    const { run } = await newBackup(t, { org, store });
    const { outcome, error } = await run();
    assert.deepEqual([outcome, error?.code], ['failed', 'STORE_UNREACHABLE']);
    assert.ok(requests.total > 0 && hits.size > 0);
    assert.deepEqual([...new Set(hits.values())], [7]);
  });
}
