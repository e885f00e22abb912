import { BackupError } from '../errors.ts';

/** One thing that is wrong with the settings. */
export interface Problem {
  setting: string;
  message: string;
}

/** All of them in one error; a misspelt name is often why another setting is missing. */
export function invalid(problems: readonly Problem[], unknown: readonly string[] = []): BackupError {
  const lines = [...problems.map(({ message }) => message), ...unknown].map((line) => `- ${line}`);
  return new BackupError('SETTINGS_INVALID', `The settings cannot be used:\n${lines.join('\n')}`);
}
