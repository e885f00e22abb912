import { execFileSync } from 'node:child_process';
import { fileURLToPath } from 'node:url';

/** How long the command takes to answer and the functions take to register, each in a process of its own. Wants `npm run build`. */
const runs = 9;
const main = fileURLToPath(new URL('../dist/lib/cli/main.js', import.meta.url));
const functions = new URL('../dist/lib/cli/local-host.js', import.meta.url).href;
const env = { ...process.env, ARCGIS_USERNAME: 'a', ARCGIS_PASSWORD: 'b', BACKUP_STORE: 'file:./no-archive.git' };
const register = `const { startLocalHost } = await import('${functions}');
  await (await startLocalHost(process.env, () => undefined)).host.close();`;

const doctor = new URL('../dist/lib/cli/doctor.js', import.meta.url).href;
const rows = {
  '--version': [main, '--version'],
  '--help': [main, '--help'],
  'run --help': [main, 'run', '--help'],
  'loading doctor': ['--input-type=module', '-e', `await import('${doctor}')`],
  'all functions registered': ['--input-type=module', '-e', register],
};
for (const [name, args] of Object.entries(rows)) {
  const times = Array.from({ length: runs }, () => {
    const began = performance.now();
    execFileSync(process.execPath, args, { env, stdio: 'ignore' });
    return performance.now() - began;
  }).sort((a, b) => a - b);
  const [min = 0, median = 0, max = 0] = [times[0], times[Math.floor(runs / 2)], times.at(-1)];
  console.log(`${name}: ${median.toFixed(0)} ms (${min.toFixed(0)} to ${max.toFixed(0)})`);
}
