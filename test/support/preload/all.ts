// What each process of `npm test` loads before its tests, by `--import`.
import './untracked.ts';
import './scratch.ts';
import './unbuffered.ts';
