import { dirname, relative, resolve } from 'node:path';

/** Every room may use these, and itself. */
const ground = ['lib/errors.ts', 'lib/clock.ts', 'lib/secret.ts', 'lib/schedule.ts', 'lib/decoded.ts'];
/** The archive and what it stands on. */
const archive = ['lib/backup', 'lib/storage', 'lib/git', 'lib/archive'];
const portal = ['connection', 'content', 'layers', 'exports', 'organization', 'portal.ts'].map(
  (name) => `lib/arcgis/${name}`,
);
/** What every step of a run may use. */
const steps = [
  ...archive,
  ...portal,
  'lib/monitor',
  'lib/run/deps.ts',
  'lib/run/announce.ts',
  'lib/run/delete-exported.ts',
];
const whole = (folder) => `a step reads what earlier ones left, never what later ones do: ${folder}`;

/**
 * The floors of the house: room -> [rooms it may use besides, why no others]. A file belongs to the longest room whose path
 * it has. https://eslint.org/docs/latest/extend/custom-rules
 */
const rooms = {
  'lib/errors.ts': [[], 'every room uses it, so it uses none'],
  'lib/clock.ts': [[], 'every room uses it, so it uses none'],
  'lib/secret.ts': [[], 'every room uses it, so it uses none'],
  'lib/schedule.ts': [[], 'every room uses it, so it uses none'],
  'lib/decoded.ts': [[], 'every room uses it, so it uses none'],
  'lib/connections.ts': [[], 'every client of Azure uses it'],
  'lib/backup': [[], 'the core decides; it imports nothing of the rest, so that it can be tested as tables'],
  'lib/storage': [['lib/connections.ts'], 'a store knows nothing of what lies in it, so that it can be replaced alone'],
  'lib/git': [['lib/storage'], 'git knows nothing of items'],
  'lib/archive': [archive, 'the archive knows nothing of portals and runs'],
  'lib/settings': [['lib/storage'], 'settings are read before anything is opened'],
  'lib/monitor': [[], 'who watches knows nothing of what is watched'],
  'lib/vault': [['lib/connections.ts', 'lib/settings'], 'the vault keeps secrets and nothing else'],
  'lib/arcgis/connection': [
    ['lib/backup', 'lib/settings', 'lib/connections.ts'],
    'the connection knows nothing of what is asked',
  ],
  'lib/arcgis/content': [
    ['lib/backup', portal[0]],
    'the portal knows nothing of archives; content is read without layers',
  ],
  'lib/arcgis/layers': [['lib/backup', portal[0], portal[1]], 'the portal knows nothing of archives'],
  'lib/arcgis/exports': [['lib/backup', portal[0], portal[1]], 'the portal knows nothing of archives'],
  'lib/arcgis/organization': [['lib/backup', portal[0]], 'the portal knows nothing of archives'],
  'lib/arcgis/portal.ts': [['lib/backup', 'lib/settings', ...portal], 'the portal knows nothing of archives'],
  'lib/arcgis/writing': [
    ['lib/backup', portal[0], portal[1]],
    'the portal knows nothing of archives, and nobody but a restore writes',
  ],
  'lib/run/lanes.ts': [[], 'it knows nothing of what is asked'],
  'lib/run/deps.ts': [[...archive, ...portal, 'lib/monitor', 'lib/settings', 'lib/run/lanes.ts'], 'what steps talk to'],
  'lib/run/announce.ts': [[...archive, 'lib/monitor', 'lib/run/deps.ts'], 'what every end of a run says'],
  'lib/run/delete-exported.ts': [[...archive, ...portal, 'lib/run/deps.ts'], 'what steps share'],
  'lib/run/begin': [[...steps, 'lib/one-per-run.ts'], whole('begin')],
  'lib/run/check': [[...steps, 'lib/run/begin'], whole('begin, check')],
  'lib/run/plan': [[...steps, 'lib/run/begin', 'lib/run/check'], whole('begin, check, plan')],
  'lib/run/save': [[...steps, 'lib/run/plan', 'lib/activity.ts'], whole('plan, save')],
  'lib/run/organization': [steps, whole('organization')],
  'lib/run/finish': [
    [...steps, 'lib/run/begin', 'lib/run/check', 'lib/run/plan', 'lib/run/organization'],
    whole('all but save'),
  ],
  'lib/run/diagnose.ts': [[...steps, 'lib/run/begin'], 'it tries what a run begins with'],
  'lib/takeover': [
    [...steps, 'lib/run/save', 'lib/run/finish'],
    'an old archive is taken over as a run saves: it brings items, and knows nothing of how they are found otherwise',
  ],
  'lib/dry-run': [['lib/run', ...steps], 'it takes the steps of a run, and lets none of them change anything'],
  'lib/restore': [
    ['lib/arcgis/writing', 'lib/history', 'lib/run', ...steps],
    'a restore saves with the steps of a run what it is about to change, and alone may write in the portal',
  ],
  'lib/history': [archive, 'what was is read from the archive alone, without a portal and without a run'],
  'lib/copy': [
    [...archive, 'lib/history/index'],
    'an archive is copied as it is, without a portal, and without knowing what its items are',
  ],
  'lib/upkeep': [
    [...archive, 'lib/history', 'lib/monitor', 'lib/run/deps.ts'],
    'the archive is kept up without a portal',
  ],
  'lib/one-per-run.ts': [[], 'it knows nothing of what it keeps'],
  'lib/api': [
    [
      ...archive,
      'lib/history',
      'lib/settings',
      'lib/monitor',
      'lib/run/deps.ts',
      'lib/run/finish',
      'lib/restore',
      'lib/serve/http/range.ts',
    ],
    'the API starts and watches runs and restores',
  ],
  'lib/serve/read-body.ts': [[], 'it knows nothing of what is sent'],
  'lib/serve/access': [[], 'who may come in has nothing to do with what there is to see'],
  'lib/serve/page': [
    [
      'lib/api',
      'lib/history',
      'lib/backup',
      'lib/restore/words.ts',
      'lib/restore/journal',
      'lib/serve/access',
      'lib/serve/read-body.ts',
    ],
    'the page says nothing that the API does not say',
  ],
  'lib/serve/git': [
    ['lib/storage', 'lib/git', 'lib/serve/read-body.ts'],
    'git over HTTP knows nothing of items, and of who asks',
  ],
  'lib/serve/http': [['lib/storage', 'lib/serve'], 'HTTP puts together what is served and who may see it'],
  'lib/activity.ts': [[], 'how steps are called has nothing to do with what they do'],
  'lib/step.ts': [
    ['lib/activity.ts', 'lib/app.ts', 'lib/backup', 'lib/monitor', 'lib/run/deps.ts', 'lib/restore/deps.ts'],
    'it binds steps',
  ],
  'lib/host': [[], 'the host knows nothing of backups: it would run any functions'],
  'lib/replacements.ts': [['lib'], 'types of what the composition root puts together'],
  'lib/restorer.ts': [
    ['lib/arcgis', 'lib/restore/deps.ts', 'lib/settings', 'lib/vault', 'lib/one-per-run.ts'],
    'a part of the composition root: who restores',
  ],
  'lib/served.ts': [
    ['lib/api', 'lib/serve', 'lib/settings', 'lib/storage', 'lib/vault', 'lib/one-per-run.ts'],
    'a part of the composition root: what is served over HTTP',
  ],
  'lib/app.ts': [['lib'], 'the composition root'],
  'lib/cli': [['lib'], 'the command'],
  functions: [
    [
      'lib/app.ts',
      'lib/activity.ts',
      'lib/step.ts',
      'lib/run',
      'lib/dry-run',
      'lib/restore',
      'lib/upkeep',
      'lib/backup',
      'lib/api',
    ],
    'functions register and pass on; what they do is in lib',
  ],
  test: [['lib', 'functions', 'infra', 'docs'], 'the benchmarks lean on the tests, not the reverse'],
  bench: [['lib', 'functions', 'test/support', 'test/portal'], 'benchmarks use what tests share'],
};

const isIn = (path, room) => path === room || path.startsWith(`${room}/`);
const roomOf = (path) =>
  Object.keys(rooms)
    .filter((room) => isIn(path, room))
    .sort((a, b) => b.length - a.length)[0];

/** Lint's rule: a file imports from its own room, the ground, and the rooms that its own may use. */
export const layers = {
  meta: { type: 'problem', schema: [] },
  create(context) {
    const own = relative(context.cwd, context.filename);
    const room = roomOf(own);
    const check = (node) => {
      const from = node.source?.value;
      if (room === undefined || typeof from !== 'string' || !from.startsWith('.')) return;
      const path = relative(context.cwd, resolve(dirname(context.filename), from));
      const [allowed, reason] = rooms[room];
      if ([room, ...ground, ...allowed].some((each) => isIn(path, each))) return;
      context.report({ node, message: `${room} may not use ${path}: ${reason}.` });
    };
    return {
      ImportDeclaration: check,
      ExportNamedDeclaration: check,
      ExportAllDeclaration: check,
      ImportExpression: check,
    };
  },
};
