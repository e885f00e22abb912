import type { Server } from 'node:http';
import { systemClock, type Clock } from '../../../lib/clock.ts';
import type { Route } from './ask.ts';
import { Faults } from './faults.ts';
import { Jobs, type ExportRules } from './jobs.ts';
import { Log, type LogEntry } from './log.ts';
import { Organization } from './organization.ts';
import { contentRoutes } from './routes/content.ts';
import { foreignRoutes, storageRoutes } from './routes/elsewhere.ts';
import { exportRoutes } from './routes/exports.ts';
import { groupRoutes } from './routes/groups.ts';
import { itemRoutes } from './routes/items.ts';
import { memberRoutes } from './routes/members.ts';
import { rowRoutes } from './routes/rows.ts';
import { serviceRoutes } from './routes/services.ts';
import { signInRoutes } from './routes/sign-in.ts';
import { writeRoutes } from './routes/write/routes.ts';
import { addressOf, listen, shut } from './server.ts';
import { usual, type Behaviour, type State } from './state.ts';
import { Tokens } from './tokens.ts';
import type { PortalItem } from './words.ts';
import { usualWriting, type WriteRules } from './write-rules.ts';

/** How a simulated portal is started; everything has a default. */
export interface PortalOptions {
  org?: Organization;
  clock?: Clock;
  behaviour?: Partial<Behaviour>;
  rules?: Partial<ExportRules>;
  writing?: Partial<WriteRules>;
  /** default: any free one */
  port?: number;
}

/** A portal that answers like the real one, on loopback ports of its own. */
export interface SimulatedPortal {
  /** root, as ARCGIS_PORTAL_URL wants it */
  url: string;
  storageUrl: string;
  foreignUrl: string;
  org: Organization;
  faults: Faults;
  log: Log;
  jobs: Jobs;
  tokens: Tokens;
  behaviour: Behaviour;
  /** how changing goes: write-rules.ts */
  writing: WriteRules;
  /** credentials that reached a host which they are not for, a line each */
  leaks: string[];
  /** requests that changed something else than a temporary export */
  writes(): LogEntry[];
  /** the same of one account, by method and path */
  writesOf(username: string): string[];
  /** exported items that are still there, also in the recycle bin */
  leftovers(): PortalItem[];
  /** settings with which the backup signs in here */
  env: { ARCGIS_PORTAL_URL: string; ARCGIS_USERNAME: string; ARCGIS_PASSWORD: string };
  close(): Promise<void>;
}

const portalRoutes: Route[] = [
  ...signInRoutes,
  ...memberRoutes,
  ...contentRoutes,
  ...itemRoutes,
  ...exportRoutes,
  ...groupRoutes,
  ...serviceRoutes,
  ...rowRoutes,
  ...writeRoutes,
];

/** Starts a portal, its storage on another origin, and a foreign host. */
export async function startPortal(options: PortalOptions = {}): Promise<SimulatedPortal> {
  const { org = new Organization(), clock = systemClock, port = 0 } = options;
  const behaviour = { ...usual, ...options.behaviour };
  const writing = { ...usualWriting, ...options.writing };
  const jobs = new Jobs(options.rules);
  const tokens = new Tokens(org, clock);
  const urls = { url: '', storageUrl: '', foreignUrl: '' };
  const state: State = {
    org,
    clock,
    behaviour,
    tokens,
    jobs,
    writing,
    added: 0,
    made: new Set(),
    serviceJobs: new Map(),
    uploads: new Map(),
    leaks: [],
    heard: '',
    signed: new Map(),
    exported: new Set(),
    ...urls,
  };
  const faults = new Faults();
  const log = new Log();
  const desk = { state, faults, log };
  const writes = () => log.filter((entry) => entry.kind === 'write' && !isExport(entry, state));
  const servers: Server[] = [
    await listen(desk, portalRoutes, (path) => (path.startsWith('/arcgis/') ? 'server' : 'portal'), port),
    await listen(desk, storageRoutes, () => 'storage'),
    await listen(desk, foreignRoutes, () => 'foreign'),
  ];
  const [url = '', storageUrl = '', foreignUrl = ''] = servers.map(addressOf);
  Object.assign(state, { url, storageUrl, foreignUrl });
  return {
    url,
    storageUrl,
    foreignUrl,
    org,
    faults,
    log,
    jobs,
    tokens,
    behaviour,
    writing,
    leaks: state.leaks,
    writes,
    writesOf: (username) =>
      writes().flatMap(({ who, method, path }) => (who === username ? [`${method} ${path}`] : [])),
    leftovers: () => [...org.items.values()].filter(({ job }) => job !== null),
    env: { ARCGIS_PORTAL_URL: url, ARCGIS_USERNAME: org.admin.username, ARCGIS_PASSWORD: org.admin.password },
    close: async () => void (await Promise.all(servers.map(shut))),
  };
}

/** Belongs it to a temporary export: its start, or the end of an item that one made? What an item says of itself is no proof. */
function isExport({ path }: LogEntry, { exported }: State): boolean {
  if (/\/content\/users\/[^/]+\/export$/.test(path)) return true;
  const id = /\/items\/([0-9a-f]{32})\/delete$/.exec(path)?.[1];
  return id !== undefined && exported.has(id);
}
