import { execFileSync } from 'node:child_process';
import { chmodSync, existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

/** The Bicep compiler of NuGet, at one version, whose package has this hash. */
const version = '0.49.2';
const sha512 = 'kBnX0iG9wd/PWdCTwFfUvm6Jemn+5L7sY7b7HQi5k+LLwdFmrbw4y5RTLFxewCFMdBqUThiOILMa7sgzklPEAQ==';

const root = fileURLToPath(new URL('../', import.meta.url));
const folder = `${root}node_modules/.cache/bicep/azure.bicep.commandline.linux-x64/${version}`;

/** The compiler's path; fetched with `dotnet restore` when it is not there. Throws when it cannot be had, with the cure. */
export function compiler(): string {
  const path = `${folder}/tools/bicep`;
  if (!existsSync(path)) fetchCompiler();
  const found = readFileSync(`${folder}/azure.bicep.commandline.linux-x64.${version}.nupkg.sha512`, 'utf8').trim();
  if (found !== sha512)
    throw new Error(`The package of Bicep ${version} is not the one that is pinned in infra/compiler.ts.`);
  chmodSync(path, 0o755);
  return path;
}

function fetchCompiler(): void {
  try {
    execFileSync('dotnet', ['restore', `${root}infra/bicep.proj`], { stdio: 'pipe' });
  } catch (error) {
    throw new Error(
      'The Bicep compiler could not be fetched: install the .NET SDK (dotnet) and let NuGet be reachable, then run `npm run check:infra` again.',
      { cause: error },
    );
  }
}

/** Runs the compiler; what it prints. Throws with its messages when it finds anything at all. */
export function bicep(...args: string[]): string {
  try {
    return execFileSync(compiler(), args, {
      encoding: 'utf8',
      stdio: 'pipe',
      cwd: `${root}infra`,
      maxBuffer: 64 * 1024 * 1024,
    });
  } catch (error) {
    const { stderr, stdout, message } = error as { stderr?: string; stdout?: string; message: string };
    throw new Error(`bicep ${args.join(' ')}:\n${stderr ?? ''}${stdout ?? ''}` || message, { cause: error });
  }
}
