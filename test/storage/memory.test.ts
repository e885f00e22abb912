import { MemoryStore } from '../../lib/storage/memory.ts';
import { systemClock } from '../../lib/clock.ts';
import { storeContract } from './contract.ts';

storeContract('memory', () =>
  Promise.resolve({ store: new MemoryStore({ clock: systemClock }), close: () => Promise.resolve() }),
);
