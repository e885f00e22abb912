import { Option, type Command } from 'commander';
import type { Environment } from '../../settings/table.ts';
import type { CommonOptions } from '../environment.ts';
import { readStore } from '../option-values.ts';

/** Declares a command of one archive; what else it takes is said of what comes back. */
export type Declare = (name: string, description: string) => Command;

/** What every command takes that is asked by programs as well. */
export const json = ['--json', 'one JSON document on standard output, and nothing else there'] as const;

/** Declares commands of a program, each of which may be told another archive. */
export function commandsOf(program: Command): Declare {
  const store = () =>
    new Option('--store <address>', 'where the archive lies, in place of BACKUP_STORE').argParser(readStore);
  return (name, description) =>
    program
      .command(name)
      .description(description)
      .addOption(store())
      .option(...json);
}

/**
 * Runs a command. It is loaded only now, with all that it needs, so that --help and --version answer at once.
 * @param load imports the command
 */
export function does<O extends CommonOptions>(load: () => Promise<(env: Environment, options: O) => Promise<number>>) {
  return async (options: O) => {
    const { readEnvironment } = await import('../environment.ts');
    const act = await load();
    process.exitCode = await act(readEnvironment(process.cwd(), options), options);
  };
}

/** The same for a command that is told what to look at. */
export function doesWith<O extends CommonOptions, A>(
  load: () => Promise<(env: Environment, options: O, argument: A) => Promise<number>>,
) {
  return (argument: A, options: O) =>
    does<O>(async () => {
      const act = await load();
      return (env, given) => act(env, given, argument);
    })(options);
}
