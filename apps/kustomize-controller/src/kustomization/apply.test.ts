import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap, inventory, type Tenant } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let controller: Controller;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
  controller = await world.controller('--override-manager=somebody');
});
afterAll(async () => {
  await controller?.stop();
  await world?.close();
});

const group = 'kustomize.toolkit.fluxcd.io';
type Spec = Parameters<Tenant['apply']>[0];
type Files = Parameters<Tenant['push']>[0];

async function applied(files: Files, spec: Spec = {}) {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, ...spec });
  return Object.assign(tenant, { object: await tenant.ready('r1') });
}
const data = async (tenant: Tenant, name: string) => (await tenant.find('ConfigMap', name))?.data;
const secret = (value: string, metadata: object = {}) =>
  JSON.stringify({
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { name: 'key', ...metadata },
    immutable: true,
    stringData: { value },
  });

test('KUS-223, KUS-231: whom objects belong to, and who owns their fields', async () => {
  const tenant = await applied({ 'cm.yaml': configMap('a', { x: '1' }) });
  const { metadata } = (await tenant.find('ConfigMap', 'a'))!;
  expect(metadata.labels).toEqual({ [`${group}/name`]: 'app', [`${group}/namespace`]: tenant.namespace });
  expect(metadata.managedFields).toMatchObject([{ manager: 'kustomize-controller', operation: 'Apply' }]);
});

test('KUS-15, KUS-16, KUS-18, KUS-19, KUS-232, KUS-233: stages, order and ids', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  const plural = `things${namespace.replace('-', '')}`;
  const definition = {
    apiVersion: 'apiextensions.k8s.io/v1',
    kind: 'CustomResourceDefinition',
    metadata: { name: `${plural}.example.org` },
    spec: {
      group: 'example.org',
      scope: 'Cluster',
      names: { plural, singular: plural, kind: 'Thing', listKind: 'ThingList' },
      versions: [{ name: 'v1', served: true, storage: true, schema: { openAPIV3Schema: { type: 'object' } } }],
    },
  };
  const role = {
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: 'ClusterRole',
    metadata: { name: `${namespace}:edit` },
    rules: [],
  };
  const thing = { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name: `${namespace}-thing` } };
  const place = { apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-more` } };
  await tenant.push(
    {
      'a.yaml': [thing, { ...role }, place, definition].map((object) => JSON.stringify(object)).join('\n---\n'),
      'b.yaml': configMap('cm', {}, { namespace: `${namespace}-more` }),
    },
    'r1',
  );
  await tenant.apply();
  const object = await tenant.ready('r1');
  expect(inventory(object)).toEqual([
    `_${plural}.example.org_apiextensions.k8s.io_CustomResourceDefinition`,
    `_${namespace}-more__Namespace`,
    `_${namespace}__edit_rbac.authorization.k8s.io_ClusterRole`,
    `${namespace}-more_cm__ConfigMap`,
    `_${namespace}-thing_example.org_Thing`,
  ]);
});

test('KUS-22, KUS-28, KUS-234, KUS-236, KUS-237: one bad object stops its stage; what was written is in the inventory', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  const cm = (name: string, x: string) => configMap(name, { x }, { namespace });
  await tenant.push({ 'cm.yaml': cm('a', '1') }, 'r1');
  await tenant.apply();
  await tenant.ready('r1');
  const place = JSON.stringify({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: `${namespace}-new` } });
  await tenant.push(
    { 'cm.yaml': cm('a', '2'), 'new.yaml': cm('b', '1'), 'bad.yaml': cm('not_a_name', '1'), 'ns.yaml': place },
    'r2',
  );
  const object = await tenant.failed('ReconciliationFailed');
  const { message } = condition(object, 'Ready')!;
  expect(message).toContain(`ConfigMap/${namespace}/not_a_name dry-run failed (Invalid)`);
  expect(message).toContain(`Namespace/${namespace}-new created`);
  expect(inventory(object)).toEqual([`${namespace}_a__ConfigMap`, `_${namespace}-new__Namespace`]);
  expect(await data(tenant, 'a')).toEqual({ x: '1' });
  expect(await tenant.find('ConfigMap', 'b')).toBeUndefined();
  expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({ message });

  // What the failed run left behind goes when the next one does not want it.
  await tenant.push({ 'cm.yaml': cm('a', '3') }, 'r3');
  expect(inventory(await tenant.ready('r3'))).toEqual([`${namespace}_a__ConfigMap`]);
  await tenant.event(({ message: text }) => text === `Namespace/${namespace}-new deleted`);
});

test('objects are noted before they are written, so that a crash in between loses none', async () => {
  const tenant = await world.tenant();
  const late = configMap('late', {}, { labels: { wait: 'yes' } });
  await tenant.push({ 'a.yaml': configMap('a', {}), 'late.yaml': late }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  const created = Number((await readyAfter(tenant)).metadata.resourceVersion);
  const noted = world
    .states(tenant.namespace, 'app')
    .filter((state) => inventory(state).length === 2)
    .map(({ metadata }) => Number(metadata.resourceVersion));
  expect(Math.min(...noted)).toBeLessThan(created);
});

test('KUS-18, KUS-457: the namespace of the build means nothing to cluster-scoped objects, skipped or not', async () => {
  const tenant = await world.tenant();
  const role = (rules: object[]) =>
    JSON.stringify({
      apiVersion: 'rbac.authorization.k8s.io/v1',
      kind: 'ClusterRole',
      metadata: { name: `${tenant.namespace}-view`, namespace: tenant.namespace },
      rules,
    });
  const id = `_${tenant.namespace}-view_rbac.authorization.k8s.io_ClusterRole`;
  await tenant.push({ 'role.yaml': role([]) }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  expect(inventory(await tenant.ready('r1'))).toEqual([id]);
  const type = { group: 'rbac.authorization.k8s.io', version: 'v1', kind: 'ClusterRole' };
  const key = { name: `${tenant.namespace}-view` };
  const body = { metadata: { annotations: { [`${group}/reconcile`]: 'disabled' } } };
  await world.client.patch(type, key, { type: 'merge', body });
  await tenant.push({ 'role.yaml': role([{ apiGroups: [''], resources: ['pods'], verbs: ['get'] }]) }, 'r2');
  expect(inventory(await tenant.ready('r2'))).toEqual([id]);
  expect((await world.client.get(type, key)).rules).toEqual([]);
});

test('KUS-242, KUS-455, KUS-20, KUS-240: an object that is marked is left alone', async () => {
  const tenant = await applied({ 'a.yaml': configMap('a', { x: '1' }), 'b.yaml': configMap('b', { x: '1' }) });
  const mark = (value: string) => ({ metadata: { annotations: { [`${group}/reconcile`]: value } } });
  await tenant.edit('ConfigMap', 'a', { ...mark('disabled'), data: { x: 'mine' } });
  await tenant.push({ 'a.yaml': configMap('a', { x: '2' }), 'b.yaml': configMap('b', { x: '2' }) }, 'r2');
  const object = await tenant.ready('r2');
  expect(await data(tenant, 'a')).toEqual({ x: 'mine' });
  expect(inventory(object)).toHaveLength(2);
  const event = await tenant.event(({ message }) => message.endsWith('configured'));
  expect(event.message).toBe(`ConfigMap/${tenant.namespace}/b configured`);
  await tenant.edit('ConfigMap', 'a', mark('enabled'));
  await tenant.request();
  expect(await data(tenant, 'a')).toEqual({ x: '2' });
});

test('KUS-243, KUS-456: what is only created when absent', async () => {
  const metadata = { annotations: { [`${group}/ssa`]: 'IfNotPresent' } };
  const tenant = await applied({ 'a.yaml': configMap('a', { x: '1' }, metadata) });
  await tenant.edit('ConfigMap', 'a', { data: { x: 'mine' } });
  await tenant.request();
  expect(await data(tenant, 'a')).toEqual({ x: 'mine' });
  await world.client.delete(
    { group: '', version: 'v1', kind: 'ConfigMap' },
    { namespace: tenant.namespace, name: 'a' },
  );
  await tenant.request();
  expect(await data(tenant, 'a')).toEqual({ x: '1' });
});

describe('immutable fields', () => {
  test('KUS-62, KUS-245, KUS-250, KUS-444: without force the change is refused', async () => {
    const tenant = await applied({ 'secret.yaml': secret('first-value') });
    await tenant.push({ 'secret.yaml': secret('second-value') }, 'r2');
    const { message } = condition(await tenant.failed('ReconciliationFailed'), 'Ready')!;
    expect(message).toContain(`Secret/${tenant.namespace}/key dry-run failed (Invalid)`);
    expect(message).toContain('field is immutable');
    expect(message).not.toContain('second-value');
    expect(message).not.toContain(Buffer.from('second-value').toString('base64'));
    expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({ message });
  });

  test.each([
    ['spec.force', { force: true }, {}],
    ['the annotation', {}, { annotations: { [`${group}/force`]: 'enabled' } }],
  ])('KUS-245, KUS-445: %s makes it anew', async (_name, spec: Spec, metadata) => {
    const tenant = await applied({ 'secret.yaml': secret('1', metadata) }, spec);
    const { uid } = (await tenant.find('Secret', 'key'))!.metadata;
    await tenant.push({ 'secret.yaml': secret('2', metadata) }, 'r2');
    await tenant.ready('r2');
    expect((await tenant.find('Secret', 'key'))!.metadata.uid).not.toBe(uid);
    await tenant.event(() => tenant.events().length >= 4);
    const created = tenant.events().filter(({ message }) => message === `Secret/${tenant.namespace}/key created`);
    expect(created).toHaveLength(2);
  });

  test('KUS-448: force does not help what is wrong in itself', async () => {
    const service = (port: number) =>
      JSON.stringify({ apiVersion: 'v1', kind: 'Service', metadata: { name: 'web' }, spec: { ports: [{ port }] } });
    const tenant = await applied({ 'svc.yaml': service(80) }, { force: true });
    const { uid } = (await tenant.find('Service', 'web'))!.metadata;
    await tenant.push({ 'svc.yaml': service(99_999) }, 'r2');
    expect(condition(await tenant.failed('ReconciliationFailed'), 'Ready')!.message).toContain('is invalid');
    expect((await tenant.find('Service', 'web'))!.metadata.uid).toBe(uid);
  });
});

test('KUS-244: a kind that nobody serves', async () => {
  const tenant = await world.tenant();
  await tenant.push({ 'x.yaml': 'apiVersion: example.org/v9\nkind: Nothing\nmetadata: {name: x}\n' }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  expect(condition(await tenant.failed('ReconciliationFailed'), 'Ready')!.message).toContain('no matches for kind');
});

test('KUS-201, KUS-202: an encrypted Secret is not applied, unless it says so', async () => {
  const encrypted = (metadata: object) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'key', ...metadata },
      stringData: { a: 'ENC[AES256_GCM,data:x]' },
      sops: { mac: 'ENC[AES256_GCM,data:y]' },
    });
  const tenant = await world.tenant();
  await tenant.push({ 'a.yaml': configMap('a', {}), 'secret.yaml': encrypted({}) }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  const { message } = condition(await tenant.failed('ReconciliationFailed'), 'Ready')!;
  const fact = 'is SOPS encrypted, configuring decryption is required for this secret to be reconciled';
  expect(message).toBe(`Secret/${tenant.namespace}/key ${fact}`);
  expect(await tenant.find('ConfigMap', 'a')).toBeUndefined();
  await tenant.push({ 'secret.yaml': encrypted({ annotations: { [`${group}/decrypt`]: 'disabled' } }) }, 'r2');
  await tenant.ready('r2');
});

test('KUS-257, KUS-454: fields of a manager that is listed are undone, those of others stay', async () => {
  const tenant = await applied({ 'a.yaml': configMap('a', { x: '1' }) });
  await tenant.edit('ConfigMap', 'a', { data: { listed: 'y' } });
  const type = { group: '', version: 'v1', kind: 'ConfigMap' };
  const key = { namespace: tenant.namespace, name: 'a' };
  const body = { data: { unlisted: 'y' } };
  await world.client.patch(type, key, { type: 'merge', body }, { fieldManager: 'another' });
  await tenant.request();
  expect(await data(tenant, 'a')).toEqual({ x: '1', unlisted: 'y' });
});

test('KUS-263, KUS-264, KUS-266: ignored fields', async () => {
  const target = { kind: 'ConfigMap', name: 'a' };
  const tenant = await applied(
    { 'a.yaml': configMap('a', { x: '1', y: '1' }), 'b.yaml': configMap('b', { x: '1' }) },
    { ignore: [{ paths: ['/data/x'] }, { paths: ['/data/y'], target }] },
  );
  await tenant.edit('ConfigMap', 'a', { data: { x: 'mine', y: 'mine' } });
  await tenant.edit('ConfigMap', 'b', { data: { x: 'mine' } });
  await tenant.request();
  expect(await data(tenant, 'a')).toEqual({ x: 'mine', y: 'mine' });
  expect(await data(tenant, 'b')).toEqual({ x: 'mine' });
  await tenant.patch({ spec: { ignore: null } });
  await tenant.ready('r1');
  expect(await data(tenant, 'a')).toEqual({ x: '1', y: '1' });
  await tenant.patch({ spec: { ignore: [{ paths: ['/data/x'], target: { name: '(' } }] } });
  expect(condition(await tenant.failed('ReconciliationFailed'), 'Ready')!.message).toContain('invalid name regex');
});

/** The first object that was written, once all are. */
async function readyAfter(tenant: Tenant) {
  await tenant.ready('r1');
  return (await tenant.find('ConfigMap', 'a'))!;
}
