import { parseArgs } from 'node:util';
import { demoOrganization } from '../demo-organization.ts';
import { startPortal } from './portal.ts';

/** A simulated portal with the demo's organization, until it is stopped. */
const { values } = parseArgs({ options: { port: { type: 'string', default: '8080' } } });
const portal = await startPortal({ org: demoOrganization(), port: Number(values.port) });
console.log(`A simulated portal listens on ${portal.url}. Put this into .env:\n`);
for (const [name, value] of Object.entries(portal.env)) console.log(`${name}=${value}`);
for (const signal of ['SIGINT', 'SIGTERM'] as const) process.once(signal, () => void portal.close());
