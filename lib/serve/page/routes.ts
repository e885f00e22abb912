import type { HttpRequest, HttpResponseInit } from '@azure/functions';
import { BackupError } from '../../errors.ts';
import { differencesPage } from './differences.ts';
import { itemPage } from './item.ts';
import { itemsPage } from './items.ts';
import { runProgress } from './outcome.ts';
import { newRestorePage } from './new-restore.ts';
import { overview } from './overview.ts';
import { pictureAnswer } from './picture.ts';
import { progressJson } from './progress.ts';
import { followRestore, planRestore, startRestore, stopRestore, undoRestore } from './restoring.ts';
import { restorePage } from './restore.ts';
import { restoresPage } from './restores.ts';
import { runPage } from './run.ts';
import { runsPage } from './runs.ts';
import { inShell, safe, seeOther, type Page } from './shell.ts';
import { isUnderWay, type Site } from './site.ts';
import { trouble } from './trouble.ts';
import type { Visitor } from './visitor.ts';
import { warningsPage } from './warnings.ts';

/** A request to the page, taken apart. */
interface Asked {
  site: Site;
  visitor: Visitor;
  query: URLSearchParams;
  /** what stands in the address where the route has `*` */
  parts: string[];
  headers: HttpRequest['headers'];
  /** of a POST */
  form: URLSearchParams;
}

type Route = [
  method: 'GET' | 'POST',
  path: string,
  answer: (asked: Asked) => Promise<Page | HttpResponseInit | undefined>,
];

/** Every address of the page; `*` is one part of it, `**` all the rest. */
const routes: readonly Route[] = [
  ['GET', '/', ({ site, visitor }) => overview(site, visitor)],
  ['GET', '/items', ({ site, visitor, query }) => itemsPage(site, visitor, query)],
  ['GET', '/items/*', ({ site, visitor, parts: [id = ''], query }) => itemPage(site, visitor, id, query)],
  ['GET', '/items/*/differences', ({ site, parts: [id = ''], query }) => differencesPage(site, id, query)],
  ['GET', '/items/*/picture/*/**', ({ site, parts: [id = '', at = '', path = ''] }) => picture(site, id, at, path)],
  ['GET', '/items/*/zip/*', ({ site, parts: [id = '', at = ''] }) => site.items.zip(id, at)],
  [
    'GET',
    '/items/*/files/*/**',
    ({ site, headers, parts: [id = '', at = '', path = ''] }) => site.items.part(id, at, path, headers.get('range')),
  ],
  ['GET', '/zip', ({ site, query }) => site.items.zipOf(query)],
  ['GET', '/runs', ({ site, visitor, query }) => runsPage(site, visitor, query)],
  ['POST', '/runs', ({ site }) => start(site)],
  ['GET', '/runs/*', ({ site, visitor, parts: [id = ''], query }) => runPage(site, visitor, id, query)],
  ['GET', '/runs/*/progress', ({ site, parts: [id = ''] }) => progress(site, id)],
  ['POST', '/runs/*/end', ({ site, parts: [id = ''] }) => end(site, id)],
  ['GET', '/restores', ({ site }) => restoresPage(site)],
  ['POST', '/restores', ({ site, form }) => planRestore(site, form)],
  ['GET', '/restores/new', ({ site, visitor, query }) => newRestorePage(site, visitor, query)],
  ['GET', '/restores/*', ({ site, visitor, parts: [id = ''], query }) => restorePage(site, visitor, id, query)],
  ['GET', '/restores/*/progress', ({ site, parts: [id = ''] }) => followRestore(site, id)],
  ['POST', '/restores/*/start', ({ site, parts: [id = ''] }) => startRestore(site, id)],
  ['POST', '/restores/*/stop', ({ site, parts: [id = ''] }) => stopRestore(site, id)],
  ['POST', '/restores/*/undo', ({ site, parts: [id = ''] }) => undoRestore(site, id)],
  ['GET', '/warnings', ({ site, visitor }) => warningsPage(site, visitor)],
  ['POST', '/warnings/*/acknowledge', ({ site, parts: [id = ''] }) => acknowledge(site, id, true)],
  ['POST', '/warnings/*/revoke', ({ site, parts: [id = ''] }) => acknowledge(site, id, false)],
];

/**
 * What the page answers at an address. What is not there is said by a page too. Throws ACCESS_DENIED for what only an operator may,
 * and what the API throws.
 */
export async function routed(asked: Omit<Asked, 'parts'>, method: string, pathname: string): Promise<HttpResponseInit> {
  const wanted = method === 'HEAD' ? 'GET' : method;
  for (const [each, path, answer] of routes) {
    const parts = each === wanted ? partsOf(path, pathname) : undefined;
    if (parts === undefined) continue;
    if (each === 'POST' && asked.visitor.role !== 'operator')
      throw new BackupError('ACCESS_DENIED', 'Only an operator may do this.');
    const answered = await answer({ ...asked, parts });
    if (answered === undefined) break;
    return 'title' in answered ? inShell(answered, asked.visitor) : answered;
  }
  const hint = 'Look for it among the items or the runs.';
  return inShell(trouble(404, new BackupError('USAGE', 'Nothing has this address.', { hint })), asked.visitor);
}

/** What stands where the route has a star; undefined when the path is of another route. */
function partsOf(route: string, pathname: string): string[] | undefined {
  const [want, have] = [route.split('/').filter(Boolean), pathname.split('/').filter(Boolean)];
  const isOpen = want.at(-1) === '**';
  if (isOpen ? have.length < want.length : have.length !== want.length) return undefined;
  const parts: string[] = [];
  for (const [n, part] of want.entries()) {
    if (part === '**') parts.push(have.slice(n).map(decoded).join('/'));
    else if (part === '*') parts.push(decoded(have[n] ?? ''));
    else if (part !== have[n]) return undefined;
  }
  return parts;
}

function decoded(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch (cause) {
    throw new BackupError('USAGE', 'The address is not one of this page.', { hint: 'Copy it anew.', cause });
  }
}

async function picture(site: Site, id: string, at: string, path: string): Promise<HttpResponseInit> {
  const { status, body } = await site.items.part(id, at, path, null);
  return (status === 200 && body instanceof Uint8Array && pictureAnswer(body)) || { status: 404, headers: { ...safe } };
}

async function progress(site: Site, id: string): Promise<HttpResponseInit | undefined> {
  const run = await site.run(id);
  const progress = run && isUnderWay(run) ? runProgress(run) : undefined;
  return run && { status: 200, jsonBody: progressJson(progress, site.now()), headers: { ...safe } };
}

async function start(site: Site): Promise<HttpResponseInit> {
  const started = await site.start();
  // Of two who press at once the second is led to the run of the first.
  return seeOther(`/runs/${started.runId}`);
}

async function acknowledge(site: Site, id: string, isKnown: boolean): Promise<HttpResponseInit> {
  await site.acknowledge(id, isKnown);
  return seeOther('/warnings');
}

async function end(site: Site, id: string): Promise<HttpResponseInit> {
  await site.end(id);
  return seeOther(`/runs/${encodeURIComponent(id)}`);
}
