import { errors, failure, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { exportOf, formatOf } from '../export-bytes.ts';
import type { ExportRules } from '../jobs.ts';
import { mayAs } from '../tokens.ts';
import { publishStatus, uploadStatus } from '../uploads.ts';
import type { PortalItem } from '../words.ts';
import { isItem, own, ownItem, root, visible } from './wire.ts';

/** Is the export of this service refused at once, and how? */
function refusal(ask: Ask, user: string, item: PortalItem): Answer | undefined {
  const rules = ask.state.jobs.of(item.record.id);
  const self = ask.caller.account?.username;
  const canExtract = item.service?.capabilities.split(',').includes('Extract') === true;
  if (rules.refuse) return failure(rules.refuse);
  if (self === undefined || !mayAs(ask.caller, item.record.owner, 'portal:admin:viewItems')) return errors.forbidden();
  if (rules.needsExtract && !canExtract) return errors.forbidden();
  if (user !== self && user !== item.record.owner) return errors.forbidden();
  if (self === item.record.owner) return undefined;
  if (user === item.record.owner && rules.underOwner === 'refused') return errors.forbidden();
  if (user === self && (rules.underOwnName === 'refused' || (rules.underOwnName === 'extract' && !canExtract))) {
    return errors.forbidden();
  }
  return undefined;
}

/** What the request says of the new item. */
function words({ params }: Ask, type: string, { tags }: ExportRules) {
  const list = (name: string) => (params.get(name) ?? '').split(',').filter(Boolean);
  return {
    tags: tags === 'kept' ? list('tags') : [],
    typeKeywords: [type, ...list('typeKeywords')],
    snippet: params.get('snippet') ?? null,
  };
}

/** POST content/users/{user}/export: the new item belongs to the user of the address (arcgis-rest.md 6.1). */
function start(ask: Ask, user = ''): Answer {
  const { state, params } = ask;
  const item = visible(ask, params.get('itemId') ?? '');
  if (!isItem(item)) return item;
  const { service } = item;
  const format = params.get('exportFormat') ?? '';
  if (!service?.hosted) return failure({ code: 400, message: 'Item type not supported for export' });
  const made = formatOf(format, service.layers.length + service.tables.length);
  if (!made) return failure({ code: 400, message: `Export format ${format} not supported` });
  const refused = refusal(ask, user, item);
  if (refused) return refused;
  const rules = state.jobs.of(item.record.id);
  const onlyTables = service.layers.length === 0 && made.type === 'File Geodatabase';
  if (onlyTables && rules.tablesOnly === 'refused')
    return failure({ code: 400, message: 'Unable to export a service without layers' });
  const title = params.get('title') ?? item.record.title;
  const name = `${title ?? 'export'}.${made.ending}`;
  const twin = state.org.shelves.all(user).find(({ record }) => record.name === name);
  if (twin && rules.sameName === 'refused') {
    return failure({
      code: 409,
      messageCode: 'CONT_0027',
      message: `Item with this filename already exists. [itemId=${twin.record.id}]`,
    });
  }
  const exported = state.org.addItem({ owner: user, type: made.type, title, name, ...words(ask, made.type, rules) });
  const content = exportOf(service, format, rules.holds);
  const jobId = state.jobs.newId();
  exported.record.size = content.size;
  const { polls, unready, message } = rules;
  exported.job = {
    jobId,
    serviceItemId: item.record.id,
    format,
    polls,
    end: onlyTables && rules.tablesOnly === 'failed' ? 'failed' : rules.end,
    message: typeof message === 'string' ? message : JSON.stringify(message),
    unready,
    content,
    done: false,
  };
  const { id } = exported.record;
  state.exported.add(id);
  return json({
    type: made.type,
    size: content.size,
    jobId,
    exportItemId: id,
    serviceItemId: item.record.id,
    exportFormat: format,
  });
}

function status(ask: Ask, owner = '', id = ''): Answer {
  const item = own(ask, owner, id);
  if (!isItem(item)) return item;
  const { publishing } = item;
  if (publishing && ask.params.get('jobId') === publishing.jobId) return publishStatus(id, publishing);
  const upload = item.job ? undefined : uploadStatus(item);
  if (upload) return upload;
  const { job } = item;
  const jobId = ask.params.get('jobId');
  if (!job || (jobId !== undefined && jobId !== job.jobId)) return json({ status: 'completed', itemId: id });
  if (job.end === 'never' || job.polls > 0) {
    job.polls -= 1;
    return json({ status: 'processing', statusMessage: '', itemId: id });
  }
  if (job.end === 'failed') return json({ status: 'failed', statusMessage: job.message, itemId: id });
  job.done = true;
  return json({ status: 'completed', statusMessage: 'Completed.', itemId: id });
}

/** Exporting. */
export const exportRoutes: Route[] = [
  { pattern: new RegExp(`${root}/content/users/([^/]+)/export$`), kind: 'write', answer: start },
  { pattern: new RegExp(`${ownItem}/status$`), answer: status },
];
