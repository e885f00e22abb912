import { newPlace } from './measure.ts';
import { forkPortal } from './portal.ts';

/** What an unchanged run may ask of portal and store. */
const [members, items, services] = [100, 1000, 100];
const portal = await forkPortal({ members, items, services });
const place = await newPlace(portal.env);
await place.run();
await portal.requests();
const { record, store, seconds } = await place.run();
const asked = await portal.requests();
const listed = record.members.listed;
console.log(
  `an unchanged run of ${record.listed} items, ${listed} members, ${services} hosted services: ${seconds.toFixed(1)} s`,
);
console.log(`portal requests ${asked}, at most ${listed * 2 + services + items / 50 + 20}`);
console.log(`store requests ${store}, at most ${listed + 30}`);
if (asked > listed * 2 + services + items / 50 + 20 || store > listed + 30) process.exitCode = 1;
await place.close();
await portal.close();
