import type { Route } from '../../ask.ts';
import { binRoutes } from './bin.ts';
import { categoryRoutes } from './categories.ts';
import { groupWriteRoutes } from './groups.ts';
import { membershipRoutes } from './membership.ts';
import { infoRoutes } from './infos.ts';
import { itemWriteRoutes } from './items.ts';
import { relationRoutes } from './relations.ts';
import { resourceRoutes } from './resources.ts';
import { sharingRoutes } from './sharing.ts';
import { attachmentRoutes } from './services/attachments.ts';
import { createRoutes } from './services/create.ts';
import { definitionRoutes } from './services/definition.ts';
import { editRoutes } from './services/edits.ts';
import { emptyRoutes } from './services/empty.ts';
import { loadRoutes } from './services/load.ts';
import { publishRoutes } from './services/publish.ts';
import { replicaRoutes } from './services/replicas.ts';
import { shelfRoutes } from './shelf.ts';
import { uploadRoutes } from './upload.ts';

/** What changes the portal. A POST to an address that no route knows counts as a write as well (server.ts). */
export const writeRoutes: Route[] = [
  ...itemWriteRoutes,
  ...uploadRoutes,
  ...binRoutes,
  ...shelfRoutes,
  ...sharingRoutes,
  ...resourceRoutes,
  ...infoRoutes,
  ...relationRoutes,
  ...groupWriteRoutes,
  ...membershipRoutes,
  ...categoryRoutes,
  ...createRoutes,
  ...definitionRoutes,
  ...editRoutes,
  ...attachmentRoutes,
  ...emptyRoutes,
  ...loadRoutes,
  ...publishRoutes,
  ...replicaRoutes,
];
