import { hostname } from 'node:os';
import { isGone, readHolder, textOf, thisHolder } from '../../storage/directory/holder.ts';
import type { Host } from './run-holder.ts';

/** Where runs of this process are made: an app of Azure, however many instances it has, or this very process. @param app its name */
export async function thisHost(app: string | undefined): Promise<Host> {
  const here = await thisHolder();
  return {
    id: app === undefined ? `${textOf(here)} process` : `app ${app}`,
    name: app === undefined ? `${hostname()} (process ${here.pid})` : `the Functions app ${app}`,
    isGone: async (id) => {
      const other = readHolder(id);
      return other !== undefined && (await isGone(other, here));
    },
  };
}
