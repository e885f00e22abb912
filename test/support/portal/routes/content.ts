import { errors, json, type Answer } from '../answers.ts';
import type { Ask, Route } from '../ask.ts';
import { contentPage, isOn, sorted } from '../paging.ts';
import { mayAs } from '../tokens.ts';
import type { PortalItem, PortalFolder } from '../words.ts';
import { root, wireItem } from './wire.ts';

function accountOf(ask: Ask, username: string): string | Answer {
  const { accounts } = ask.state.org;
  const folded = username.toLowerCase();
  const account = accounts.get(username) ?? [...accounts.values()].find((one) => one.username.toLowerCase() === folded);
  if (!ask.caller.account) return ask.state.behaviour.silentAnonymous ? username : errors.tokenRequired();
  if (!account) return errors.userGone();
  return mayAs(ask.caller, account.username, 'portal:admin:viewItems') ? account.username : errors.forbidden();
}

function listing(
  ask: Ask,
  username: string,
  items: PortalItem[],
  more: { folder: PortalFolder | null; total?: number },
): Answer {
  const some = sorted(ask, items, (one, field) => one.record[field]);
  const { numbers, part } = contentPage(ask, some);
  return json({
    username,
    ...numbers,
    total: more.total ?? numbers.total,
    currentFolder: more.folder,
    items: part.map((one) => wireItem(ask, one)),
    ...(more.folder === null && { folders: ask.state.org.folders.get(username) ?? [] }),
  });
}

/** GET content/users/{username}: outside any folder, or with foldersContent everywhere (arcgis-rest.md 4). */
function userContent(ask: Ask, asked = ''): Answer {
  const username = accountOf(ask, asked);
  if (typeof username !== 'string') return username;
  const { org, behaviour } = ask.state;
  if (!ask.caller.account) return listing(ask, username, [], { folder: null });
  const all = org.shelves.all(username);
  if (isOn(ask, 'inRecycleBin'))
    return listing(
      ask,
      username,
      all.filter(({ recycled }) => recycled),
      { folder: null },
    );
  const alive = all.filter(({ recycled }) => !recycled);
  const isEverywhere = behaviour.foldersContent && isOn(ask, 'foldersContent');
  const shown = isEverywhere ? alive : alive.filter(({ record }) => record.ownerFolder === null);
  const total =
    behaviour.rootTotal === 'all'
      ? alive.length
      : isEverywhere && behaviour.rootTotal === 'root'
        ? undefined
        : shown.length;
  return listing(ask, username, shown, { folder: null, ...(total !== undefined && { total }) });
}

/** GET content/users/{username}/{folderId}. */
function folderContent(ask: Ask, asked = '', folderId = ''): Answer {
  const username = accountOf(ask, asked);
  if (typeof username !== 'string') return username;
  const folder = ask.state.org.folders.get(username)?.find(({ id }) => id === folderId);
  if (!folder) return errors.folderGone();
  const items = ask.state.org.shelves.folder(username, folderId).filter(({ recycled }) => !recycled);
  return listing(ask, username, items, { folder });
}

/** What members have. */
export const contentRoutes: Route[] = [
  { pattern: new RegExp(`${root}/content/users/([^/]+)$`), answer: userContent },
  { pattern: new RegExp(`${root}/content/users/([^/]+)/([0-9a-f]{32})$`), answer: folderContent },
];
