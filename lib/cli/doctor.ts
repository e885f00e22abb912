import { app, replaceParts } from '../app.ts';
import type { Replacements } from '../replacements.ts';
import type { Check } from '../run/diagnose.ts';
import { checkSettings } from '../settings/settings.ts';
import { type Environment } from '../settings/table.ts';
import type { CommonOptions } from './environment.ts';
import { printable, printJson } from './printable.ts';

/** A check as `ago-backup doctor` shows it; settings are checked before anything else. */
type Shown = Pick<Check, 'ok' | 'text' | 'warnings'> & {
  name: string;
  failure?: { code: string; message: string; hint: string };
};

/** Checks everything that a backup needs and says what to do. Exit status: 0, 1 something failed, 2 settings. */
export async function doctor(
  env: Environment,
  options: CommonOptions,
  replacements: Replacements = {},
): Promise<number> {
  const { settings, problems, unknown } = checkSettings(env);
  const shown: Shown[] = problems.map(({ setting, message }) => ({
    name: 'settings',
    ok: false,
    text: message,
    warnings: [],
    failure: { code: 'SETTINGS_INVALID', message, hint: `Correct ${setting}.` },
  }));
  shown.at(-1)?.warnings.push(...unknown);
  for (const check of shown) show(check);
  if (settings !== undefined) {
    replaceParts({ ...replacements, env });
    for await (const check of app().diagnose()) {
      shown.push(check);
      show(check);
    }
  }
  const ok = shown.every((check) => check.ok);
  if (options.json === true) printJson({ ok, checks: shown });
  process.stderr.write(ok ? 'Everything is ready for a backup.\n' : 'A backup would fail.\n');
  return ok ? 0 : settings === undefined ? 2 : 1;
}

function show({ name, ok, text, warnings, failure }: Shown): void {
  const lines = [
    `${ok ? 'ok  ' : failure === undefined ? '--  ' : 'FAIL'}  ${name}: ${text}`,
    ...warnings.map((warning) => `      ! ${warning}`),
  ];
  if (failure !== undefined && name !== 'settings') lines.push(`      ${failure.hint}`);
  process.stderr.write(printable(`${lines.join('\n')}\n`));
}
