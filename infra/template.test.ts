import assert from 'node:assert/strict';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { test } from 'node:test';
import { bicep } from './compiler.ts';
import { parameterFiles, resourcesOf, snapshot, type Resource } from './snapshot.ts';

const folder = new URL('./', import.meta.url);
const read = (name: string) => readFileSync(new URL(name, folder), 'utf8');
const modules = readdirSync(new URL('modules/', folder)).map((name) => `modules/${name}`);

const ofType = (resources: Resource[], type: string) => resources.filter((resource) => resource.type === type);

test('the template compiles and lints without a word', () => {
  assert.equal(bicep('lint', 'main.bicep').trim(), '');
});

test('every file is formatted as the compiler formats it', (t) => {
  const copy = mkdtempSync(join(tmpdir(), 'ago-infra-'));
  t.after(() => rmSync(copy, { recursive: true, force: true }));
  const files = ['main.bicep', ...modules, ...parameterFiles];
  for (const name of ['bicepconfig.json', ...files]) cpSync(new URL(name, folder), join(copy, name));
  // One call for all of them, because each takes a second to start. It formats in place.
  bicep('format', '--pattern', join(copy, '**/*.bicep'));
  bicep('format', '--pattern', join(copy, '*.bicepparam'));
  for (const name of files) assert.equal(read(name), readFileSync(join(copy, name), 'utf8'), `bicep format ${name}`);
});

for (const file of parameterFiles) {
  test(`${file} deploys what its snapshot shows; write it anew with \`npm run snapshot\``, () => {
    assert.doesNotThrow(() => snapshot(file, 'validate'));
  });

  // A module's outputs handed on as a whole arrive wrapped in {type, value}; the compiler does not mind, Azure does.
  test(`${file}: every output of a module is read by its value`, () => {
    const text = JSON.stringify(resourcesOf(file));
    for (const [found] of text.matchAll(/\.outputs\b.{0,40}/g)) assert.match(found, /^\.outputs\.\w+\.value\b/);
  });

  test(`${file}: no account takes keys or old TLS, or shows blobs to anybody`, () => {
    const accounts = ofType(resourcesOf(file), 'Microsoft.Storage/storageAccounts');
    assert.equal(accounts.length, 2);
    for (const { properties = {} } of accounts) {
      assert.deepEqual(
        [properties['allowSharedKeyAccess'], properties['allowBlobPublicAccess'], properties['minimumTlsVersion']],
        [false, false, 'TLS1_2'],
      );
      assert.equal(properties['supportsHttpsTrafficOnly'], true);
    }
  });

  test(`${file}: no key, password or connection by key stands anywhere`, () => {
    const text = JSON.stringify(resourcesOf(file)) + read('main.bicep') + modules.map(read).join('');
    assert.equal(/listKeys|listSecrets|listAccountSas|AccountKey=|SharedAccessSignature/i.exec(text)?.[0], undefined);
    assert.equal(ofType(resourcesOf(file), 'Microsoft.KeyVault/vaults/secrets').length, 0);
    assert.ok(!text.includes('@secure'), 'a secret parameter comes in by the deployment, and stays in its history');
  });
}

test('the archive keeps what is overwritten or deleted for as long as its lifecycle rule says', () => {
  const resources = resourcesOf('main.bicepparam');
  const blobs = ofType(resources, 'Microsoft.Storage/storageAccounts/blobServices').map(({ properties }) => properties);
  const days = { enabled: true, days: 90 };
  assert.deepEqual(blobs[1], {
    isVersioningEnabled: true,
    deleteRetentionPolicy: { ...days, allowPermanentDelete: false },
    containerDeleteRetentionPolicy: days,
  });
  const rules = JSON.stringify(ofType(resources, 'Microsoft.Storage/storageAccounts/managementPolicies'));
  assert.match(rules, /"version":\{"delete":\{"daysAfterCreationGreaterThan":90\}\}/);
  assert.match(
    rules,
    /"prefixMatch":\["backup\/lfs\/objects"\].*"tierToCold":\{"daysAfterModificationGreaterThan":30\}/,
  );
  assert.equal(ofType(resources, 'Microsoft.Authorization/locks').length, 1);
});

test('what a run needs meanwhile lies in an account without versions, which a rule empties after 14 days', () => {
  const resources = resourcesOf('main.bicepparam');
  const [host] = ofType(resources, 'Microsoft.Storage/storageAccounts/blobServices');
  assert.match(host?.id ?? '', /host/);
  assert.equal(host?.properties, undefined, 'neither versions nor soft delete');
  const [rule] = ofType(resources, 'Microsoft.Storage/storageAccounts/managementPolicies');
  assert.match(rule?.id ?? '', /host/);
  const { rules } = (rule?.properties as { policy: { rules: { definition: unknown }[] } }).policy;
  assert.deepEqual(
    rules.map(({ definition }) => definition),
    [
      {
        filters: { blobTypes: ['blockBlob'], prefixMatch: ['scratch/staging/'] },
        actions: { baseBlob: { delete: { daysAfterModificationGreaterThan: 14 } } },
      },
    ],
  );
});

test('the vault goes by roles and cannot be purged', () => {
  const [vault] = ofType(resourcesOf('main.bicepparam'), 'Microsoft.KeyVault/vaults');
  const { enableRbacAuthorization, enableSoftDelete, enablePurgeProtection } = vault?.properties ?? {};
  assert.deepEqual([enableRbacAuthorization, enableSoftDelete, enablePurgeProtection], [true, true, true]);
});

/** Who may do what: role → where, for the app alone. */
const roles = {
  'b7e6dc6d-f1e8-4753-8033-0f276bb0955b': /storageAccounts\/\w+host\w+$/,
  '974c5e8b-45b9-4653-ba55-5f855dd0fb88': /storageAccounts\/\w+host\w+$/,
  '0a9a7e1f-b9d0-4cc4-a60d-0319b160aaa3': /storageAccounts\/\w+host\w+$/,
  'ba92f5b4-2d11-453d-a403-e96b0029c9fe': /storageAccounts\/(?!\w+host)\w+\/blobServices\/default\/containers\/backup$/,
  'db58b8e5-c6ad-4a2a-8342-4190687cbf4a': /storageAccounts\/(?!\w+host)\w+$/,
  '4633458b-17de-408a-b874-0445c86b69e6': /Microsoft\.KeyVault\/vaults\/[\w-]+$/,
  '3913510d-42f4-4e42-8a64-420c390055eb': /Microsoft\.Insights\/components\/[\w-]+$/,
};
const switchedOn = {
  '0ad04412-c4d5-4796-b79c-f76d14c8d402': /Microsoft\.DurableTask\/schedulers\/[\w-]+$/,
  '2a2b9908-6ea1-4ae2-8e65-a410df84e7d1': /containers\/backup$/,
};

for (const [file, expected] of [
  ['main.bicepparam', roles],
  ['all-options.bicepparam', { ...roles, ...switchedOn }],
] as const) {
  test(`${file}: the role table and nothing more`, () => {
    const assigned = ofType(resourcesOf(file), 'Microsoft.Authorization/roleAssignments');
    const found = assigned.map(({ id, properties }) => {
      const role = String(properties?.['roleDefinitionId']).split('/').at(-1) ?? '';
      return [role, id.split('/providers/Microsoft.Authorization/')[0] ?? ''] as const;
    });
    assert.deepEqual(found.map(([role]) => role).sort(), Object.keys(expected).sort());
    for (const [role, scope] of found)
      assert.match(scope, new Map<string, RegExp>(Object.entries(expected)).get(role)!);
  });
}

test('the app runs on Node 24 of Flex Consumption, by its own identity, without passwords for publishing', () => {
  const resources = resourcesOf('main.bicepparam');
  const [plan] = ofType(resources, 'Microsoft.Web/serverfarms');
  assert.deepEqual(plan?.['sku'], { tier: 'FlexConsumption', name: 'FC1' });
  const text = JSON.stringify(ofType(resources, 'Microsoft.Web/sites'));
  assert.match(text, /"runtime":\{"name":"node","version":"24"\}/);
  assert.match(text, /"identity":\{"type":"UserAssigned"/);
  assert.match(text, /"httpsOnly":true/);
  assert.match(text, /"minTlsVersion":"1.2"/);
  const publishing = ofType(resources, 'Microsoft.Web/sites/basicPublishingCredentialsPolicies');
  assert.deepEqual(
    publishing.map(({ properties }) => properties),
    [{ allow: false }, { allow: false }],
  );
});

test('where Flex Consumption is not, one machine of an App Service plan runs the same package all night, in the same network', () => {
  const resources = resourcesOf('all-options.bicepparam');
  const [plan] = ofType(resources, 'Microsoft.Web/serverfarms');
  assert.deepEqual(plan?.['sku'], { tier: 'Basic', name: 'B2' });
  const text = JSON.stringify(ofType(resources, 'Microsoft.Web/sites'));
  assert.match(text, /"alwaysOn":true,"linuxFxVersion":"NODE\|24"/);
  assert.doesNotMatch(text, /"runtime"/);
  const settings = resources.find(({ name }) => name.endsWith('/appsettings'))?.properties;
  assert.deepEqual([settings?.['FUNCTIONS_WORKER_RUNTIME'], settings?.['WEBSITE_RUN_FROM_PACKAGE']], ['node', '1']);
  assert.match(JSON.stringify(ofType(resources, 'Microsoft.Network/virtualNetworks')), /Microsoft\.Web\/serverFarms/);
});

test('people sign in with Microsoft Entra only where that is asked for, and then the app is told of whom to believe', () => {
  const settingOf = (file: (typeof parameterFiles)[number]) =>
    resourcesOf(file).find(({ name }) => name.endsWith('/appsettings'))?.properties?.['ARCHIVE_ENTRA_TENANT'];
  const authentication = (file: (typeof parameterFiles)[number]) =>
    resourcesOf(file).filter(({ name }) => name.endsWith('/authsettingsV2'));
  assert.deepEqual([settingOf('main.bicepparam'), authentication('main.bicepparam')], [undefined, []]);
  const tenant = '33333333-3333-3333-3333-333333333333';
  assert.equal(settingOf('all-options.bicepparam'), tenant);
  const [{ properties = {} } = assert.fail()] = authentication('all-options.bicepparam');
  const text = JSON.stringify(properties);
  assert.match(text, /"enabled":true,"runtimeVersion"/);
  // git and the API bring keys of their own.
  assert.match(text, /"unauthenticatedClientAction":"AllowAnonymous"/);
  assert.match(
    text,
    new RegExp(
      `"openIdIssuer":"\\[format\\('\\{0\\}\\{1\\}/v2.0', environment\\(\\).authentication.loginEndpoint, '${tenant}'`,
    ),
  );
  assert.doesNotMatch(text, /ecret/);
});

test('the scheduler has the hub of host.json', () => {
  const { extensions } = JSON.parse(read('../host.json')) as { extensions: { durableTask: { hubName: string } } };
  const [hub] = ofType(resourcesOf('all-options.bicepparam'), 'Microsoft.DurableTask/schedulers/taskHubs');
  assert.equal(hub?.name.split('/').at(-1), extensions.durableTask.hubName);
});

test('with a private network, nothing of storage and vault answers from outside', () => {
  const resources = resourcesOf('all-options.bicepparam');
  const shut = [
    ...ofType(resources, 'Microsoft.Storage/storageAccounts'),
    ...ofType(resources, 'Microsoft.KeyVault/vaults'),
  ];
  for (const { properties } of shut) assert.equal(properties?.['publicNetworkAccess'], 'Disabled');
  assert.equal(ofType(resources, 'Microsoft.Network/privateEndpoints').length, 5);
});
