import hooks from 'node:async_hooks';

/**
 * Spares the test runner the promises: to name the test whose error nobody caught, node:test numbers every promise and asks
 * the garbage collector to tell of its end, which is about a sixth of the time of a whole run. Without it such an error still fails
 * the file, unless a timer or socket leads to its test. Works only when loaded before node:test, by `--import`.
 */
const { createHook } = hooks;
hooks.createHook = (callbacks) => createHook({ ...callbacks, trackPromises: false });
