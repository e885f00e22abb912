import { execFileSync } from 'node:child_process';
import { rmSync } from 'node:fs';
import { diff } from '../../lib/cli/diff.ts';
import { log } from '../../lib/cli/log.ts';
import { run } from '../../lib/cli/run.ts';
import { demoChanges, demoOrganization } from './demo-organization.ts';
import { startPortal } from './portal/portal.ts';

/** `npm run demo`: two backups of a simulated organization by the real functions, and what they made. */
const store = 'demo/backup.git';
for (const old of [store, 'demo/ago-backup']) rmSync(old, { recursive: true, force: true });
const portal = await startPortal({ org: demoOrganization() });
const env = { ...portal.env, BACKUP_STORE: `file:${store}` };
const options = { user: [], item: [] };

console.log(
  `A simulated portal (${portal.url}) on this machine stands in for ArcGIS Online; no account, no network.\n`,
);
console.log('First backup: everything.');
const first = await run(env, options);
console.log('\nA day passes: edits, a move, a deletion, something new. Second backup: only that.');
demoChanges(portal.org);
const second = await run(env, options);
await portal.close();

const git = (...args: string[]) => execFileSync('git', ['-C', store, ...args], { encoding: 'utf8' });
console.log(`\nWhat git says:\n`);
console.log(git('log', '-1', '--stat=110', '--format=%h %s%n%n%b'));
console.log('Nobody needs git for that: ago-backup log "District 2", and ago-backup diff "District 2":\n');
await log(env, { user: [], type: [], limit: 50 }, 'District 2');
console.log();
await diff(env, {}, ['District 2']);
console.log(`\nLook at it:\n`);
console.log(`  npx ago-backup ls --store file:${store}`);
console.log(`  npx ago-backup serve --store file:${store}   # then open http://127.0.0.1:7071/`);
console.log(`  git clone ${store} demo/clone`);
console.log(`  git -C demo/clone log --stat`);
console.log(`  git -C ${store} fsck --strict`);
process.exitCode = Math.max(first, second);
