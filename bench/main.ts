import { execFileSync } from 'node:child_process';

/** Every benchmark in a process of its own, so that each has its own peak memory. `npm run bench [name]` */
const all = [
  'budget',
  'first-run',
  'waiting',
  'large-export',
  'ten-thousand',
  'fair-race',
  'pack-writing',
  'merge',
  'verify',
  'verify-many',
  'clone',
  'clone-huge',
  'page',
  'start-up',
  'garbage',
  'two-stores',
  'wide',
  'history',
  'take-over',
  'restore-rows',
  'restore-items',
];
const [only] = process.argv.slice(2);
for (const name of all.filter((each) => only === undefined || each === only)) {
  console.log(`\n${name}`);
  execFileSync(process.execPath, ['--max-semi-space-size=8', new URL(`${name}.ts`, import.meta.url).pathname], {
    stdio: 'inherit',
  });
}
