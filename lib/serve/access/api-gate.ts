import type { Clock } from '../../clock.ts';
import { roleOfKey, type Keys } from './keys.ts';

/** Whose keys open the API. */
export interface ApiGateParts {
  clock: Pick<Clock, 'sleep'>;
  keys: () => Promise<Keys>;
}

/** A request, as far as it says who comes and what for. */
interface Caller {
  method: string;
  headers: Record<string, string>;
}

/** ms that a wrong key takes */
const slowly = 1000;

/**
 * The gate of the API where no Azure keeps one: the key comes in the header in which Azure wants its function keys. The read key
 * looks, the operator key also changes. The status that refuses; undefined lets it pass.
 * https://learn.microsoft.com/azure/azure-functions/function-keys-how-to#use-access-keys
 */
export function apiGate({ clock, keys }: ApiGateParts): (caller: Caller) => Promise<401 | 403 | undefined> {
  return async ({ method, headers }) => {
    const presented = headers['x-functions-key'];
    if (presented === undefined) return 401;
    const role = roleOfKey(await keys(), presented);
    if (role === 'operator' || (role === 'reader' && /^(?:GET|HEAD)$/.test(method))) return undefined;
    if (role === 'reader') return 403;
    await clock.sleep(slowly);
    return 401;
  };
}
