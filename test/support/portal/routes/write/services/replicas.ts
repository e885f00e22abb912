import { json, type Answer } from '../../../answers.ts';
import type { Ask, Route } from '../../../ask.ts';
import { found, isService } from '../../services.ts';
import { invalid, isAnswer, write } from '../door.ts';
import { jobStatus, opened, server } from './door.ts';

/** Copies on devices (restore.md 2.2), and jobs. */

function list(ask: Ask, name = ''): Answer {
  const service = found(ask, name);
  return isService(service) ? json(service.replicas ?? []) : service;
}

function create(ask: Ask, name = ''): Answer {
  const open = opened(ask, name, /\bSync\b/);
  if (isAnswer(open)) return open;
  if (!/\bSync\b/.test(open.service.capabilities)) return invalid('Sync is not enabled.');
  const replica = { replicaName: ask.params.get('replicaName') ?? 'replica', replicaID: ask.state.org.newId() };
  (open.service.replicas ??= []).push(replica);
  return json(replica);
}

/** `*` stands for all. */
function unregister(ask: Ask, name = ''): Answer {
  const open = opened(ask, name);
  if (isAnswer(open)) return open;
  const id = ask.params.get('replicaID');
  const held = open.service.replicas ?? [];
  if (id !== '*' && !held.some(({ replicaID }) => replicaID === id)) return invalid('Replica was not found.');
  open.service.replicas = id === '*' ? [] : held.filter(({ replicaID }) => replicaID !== id);
  return json({ success: true });
}

/** Replicas and jobs. */
export const replicaRoutes: Route[] = [
  { pattern: new RegExp(`${server}/replicas$`), answer: list },
  write(`${server}/createReplica`, create),
  write(`${server}/unRegisterReplica`, unregister),
  { pattern: new RegExp(`${server}/(?:\\d+/)?jobs/([^/]+)$`), answer: jobStatus },
];
