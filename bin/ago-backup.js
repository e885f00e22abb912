#!/usr/bin/env -S node --max-semi-space-size=8
// A small young generation: V8 would else let garbage grow to half a gigabyte before it looks (docs/performance.md).
import { existsSync } from 'node:fs';

/** As `engines` in package.json. What comes after it may use syntax and modules that an older Node does not know. */
const [major, minor] = process.versions.node.split('.').map(Number);
if (major < 22 || (major === 22 && minor < 18)) {
  process.stderr.write(`ago-backup needs Node 22.18 or later; this is ${process.version} (${process.execPath}).\n`);
  process.exit(2);
}
// Compiled where it was built or installed; a clone without the compiler runs its sources, which Node takes as they are.
const built = new URL('../dist/lib/cli/main.js', import.meta.url);
await import(existsSync(built) ? built : new URL('../lib/cli/main.ts', import.meta.url));
