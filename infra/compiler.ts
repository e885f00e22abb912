import { spawnSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The version of infra/bicep.proj, and the hash of the program in that package. */
const version = '0.49.2';
const sha256 = '0ab9de90c2493f206f8281bae74f9ee2d5ed3605548dab1adf41fef185e1f7c5';

const root = fileURLToPath(new URL('../', import.meta.url));
/** NuGet's own folder for all projects, so that `npm ci` does not have it fetched again. */
const packages = process.env['NUGET_PACKAGES'] ?? join(homedir(), '.nuget/packages');
const path = join(packages, 'azure.bicep.commandline.linux-x64', version, 'tools/bicep');
let checked: string | undefined;

/**
 * The Bicep compiler's path. Fetched from NuGet when it is not there, and refused when it is not the one whose hash stands
 * above. BICEP names another one of the same version, for machines that are no Linux on x64. Throws with the cure.
 * @param own the path in BICEP
 */
export function compiler(own = process.env['BICEP']): string {
  checked ??= own === undefined || own === '' ? pinned() : sameVersion(own);
  return checked;
}

function pinned(): string {
  if (!existsSync(path)) fetchCompiler();
  const found = createHash('sha256').update(readFileSync(path)).digest('hex');
  if (found !== sha256) {
    throw new Error(`${path} is not the program that infra/compiler.ts pins. Delete it and try again.`);
  }
  chmodSync(path, 0o755);
  return path;
}

function sameVersion(own: string): string {
  const { stdout } = spawnSync(own, ['--version'], { encoding: 'utf8' });
  if (stdout?.includes(` ${version} `)) return own;
  throw new Error(`BICEP=${own} is not Bicep ${version}. Run \`az bicep install --version v${version}\`.`);
}

function fetchCompiler(): void {
  const { status, stdout, error } = spawnSync('dotnet', ['restore', `${root}infra/bicep.proj`], { encoding: 'utf8' });
  if (status === 0 && existsSync(path)) return;
  const cure =
    'Install the .NET SDK (dotnet), let NuGet be reachable, and run `npm run check:infra` again; or set BICEP to the path ' +
    `of a Bicep ${version} of your own.`;
  throw new Error(`The Bicep compiler could not be fetched. ${cure}\n${stdout ?? ''}${error?.message ?? ''}`);
}

/** Runs the compiler in `infra/`; what it prints. Throws with its messages when it has any, be it only a warning. */
export function bicep(...args: string[]): string {
  const { status, stdout, stderr, error } = spawnSync(compiler(), args, {
    encoding: 'utf8',
    cwd: `${root}infra`,
    env: { ...process.env, ALARM_EMAIL: 'gis-admins@example.com' },
    maxBuffer: 64 * 1024 * 1024,
  });
  // Warnings go to standard error and leave the exit status at 0; a misspelt property is only a warning.
  if (status === 0 && stderr.trim() === '') return stdout;
  throw new Error(`bicep ${args.join(' ')}:\n${stderr ?? ''}${stdout ?? ''}${error?.message ?? ''}`);
}
