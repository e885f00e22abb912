/**
 * Lets a process of tests wait until its report is written: `--test-force-exit` ends it as soon as its last test did, and what the
 * runner, busy with the others, had not read until then was lost without a word (27 tests of one run). A pipe that blocks
 * has nothing to lose. Node offers this only on the handle; `test/together.test.ts` sees that it still works.
 */
interface Pipe {
  _handle?: { setBlocking?: (blocks: boolean) => number };
}

(process.stdout as Pipe)._handle?.setBlocking?.(true);
