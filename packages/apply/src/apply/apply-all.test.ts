import { type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { changeText, inventoryOf } from '../change/change-set.ts';
import { standardCleanup } from '../fields/managers.ts';
import { prepareObjects } from '../manifest/prepare.ts';
import { eventually, openCluster, type TestCluster } from '../testing/cluster.ts';
import { applyAll } from './apply-all.ts';
import { ApplyError, ObjectApplyError } from './errors.ts';
import { type ApplyOptions } from './options.ts';

const group = 'kustomize.toolkit.fluxcd.io';
const manager = 'kustomize-controller';

let cluster: TestCluster;
let counter = 0;
const unique = (prefix: string) => `${prefix}-${++counter}-${cluster.namespace}`;

beforeAll(async () => {
  cluster = await openCluster(startEmbeddedKube);
});
afterAll(() => cluster.close());

function configMap(name: string, data: Record<string, string>, metadata: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { namespace: cluster.namespace, name, ...metadata },
    data,
  } as KubeObject;
}
function secret(name: string, data: Record<string, string>, rest: object = {}): KubeObject {
  return {
    apiVersion: 'v1',
    kind: 'Secret',
    metadata: { namespace: cluster.namespace, name },
    stringData: data,
    ...rest,
  } as KubeObject;
}
const mark = (key: string, value: string) => ({ annotations: { [`${group}/${key}`]: value } });

function apply(objects: KubeObject[], options: Partial<ApplyOptions> = {}) {
  const owner = { group, name: 'apps', namespace: cluster.namespace };
  return applyAll(cluster.client, prepareObjects(objects, { owner }), {
    fieldManager: manager,
    group,
    cleanup: standardCleanup(manager),
    ...options,
  });
}
const actions = async (...args: Parameters<typeof apply>) => (await apply(...args)).map(({ action }) => action);

async function failure(work: Promise<unknown>): Promise<ApplyError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof ApplyError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const managers = (object: UnstructuredObject) => (object.metadata.managedFields ?? []).map((entry) => entry.manager);

describe('actions', () => {
  test('KUS-223 KUS-231 KUS-258 KUS-259 KUS-261: created, unchanged without a write, configured', async () => {
    const name = unique('a');
    const changes = await apply([configMap(name, { a: '1' })]);
    expect(changes.map(changeText)).toEqual([`ConfigMap/${cluster.namespace}/${name} created`]);
    const created = await cluster.read('ConfigMap', name);
    expect(created.metadata.labels).toEqual({ [`${group}/name`]: 'apps', [`${group}/namespace`]: cluster.namespace });
    expect(created.metadata.managedFields).toMatchObject([{ manager, operation: 'Apply' }]);

    expect(await actions([configMap(name, { a: '1' })])).toEqual(['unchanged']);
    expect((await cluster.read('ConfigMap', name)).metadata.resourceVersion).toBe(created.metadata.resourceVersion);

    expect(await actions([configMap(name, { a: '2' })])).toEqual(['configured']);
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '2' });
  });

  test('KUS-260 KUS-255: a manual change is undone, a field of others stays, a deleted object comes back', async () => {
    const name = unique('a');
    const type = { group: '', version: 'v1', kind: 'ConfigMap' };
    const key = { namespace: cluster.namespace, name };
    await apply([configMap(name, { a: '1' })]);
    await cluster.other.patch(
      type,
      key,
      { type: 'merge', body: { data: { a: 'x', b: 'y' } } },
      { fieldManager: 'hpa' },
    );
    expect(await actions([configMap(name, { a: '1' })])).toEqual(['configured']);
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '1', b: 'y' });
    await cluster.other.delete(type, key);
    expect(await actions([configMap(name, { a: '1' })])).toEqual(['created']);
  });

  test('KUS-231: fields of another manager are taken over, unless the caller says otherwise', async () => {
    const name = unique('a');
    await cluster.other.apply(configMap(name, { a: 'theirs' }), { fieldManager: 'theirs' });
    const error = await failure(apply([configMap(name, { a: 'ours' })], { forceConflicts: false }));
    expect(error.message).toContain(`ConfigMap/${cluster.namespace}/${name} dry-run failed (FieldManagerConflict): `);
    expect(await actions([configMap(name, { a: 'ours' })])).toEqual(['configured']);
  });

  test('KUS-461 KUS-225: a key that left stringData leaves the cluster', async () => {
    const name = unique('s');
    await apply([secret(name, { a: '1', b: '2' })]);
    expect(await actions([secret(name, { a: '1', b: '2' })])).toEqual(['unchanged']);
    expect(await actions([secret(name, { a: '1' })])).toEqual(['configured']);
    expect((await cluster.read('Secret', name)).data).toEqual({ a: 'MQ==' });
  });

  test('KUS-230 KUS-470: common metadata appears and vanishes', async () => {
    const name = unique('a');
    const owner = { group, name: 'apps', namespace: cluster.namespace };
    const commonMetadata = { labels: { team: 'x' }, annotations: { note: 'y' } };
    const options = { fieldManager: manager, group };
    const manifest = configMap(name, {}, { labels: { team: 'manifest' } });
    await applyAll(cluster.client, prepareObjects([manifest], { owner, commonMetadata }), options);
    const { metadata } = await cluster.read('ConfigMap', name);
    expect(metadata.labels?.team).toBe('x');
    expect(metadata.annotations?.note).toBe('y');
    await applyAll(cluster.client, prepareObjects([configMap(name, {})], { owner }), options);
    const after = (await cluster.read('ConfigMap', name)).metadata;
    expect([after.labels?.team, after.annotations?.note]).toEqual([undefined, undefined]);
  });
});

describe('marks on objects', () => {
  test('KUS-240 KUS-242 KUS-455 KUS-20: reconcile disabled on the live object', async () => {
    const name = unique('a');
    const type = { group: '', version: 'v1', kind: 'ConfigMap' };
    const key = { namespace: cluster.namespace, name };
    const annotate = (value: string) =>
      cluster.other.patch(type, key, { type: 'merge', body: { metadata: mark('reconcile', value), data: { a: 'x' } } });
    await apply([configMap(name, { a: '1' })]);
    await annotate('Disabled');
    const changes = await apply([configMap(name, { a: '2' })]);
    expect(changes.map(({ action }) => action)).toEqual(['skipped']);
    expect(inventoryOf(changes)).toEqual([{ id: `${cluster.namespace}_${name}__ConfigMap`, v: 'v1' }]);
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: 'x' });
    await annotate('enabled');
    expect(await actions([configMap(name, { a: '2' })])).toEqual(['configured']);
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '2' });
  });

  test('KUS-243 KUS-456: IfNotPresent creates and then leaves alone', async () => {
    const name = unique('a');
    const manifest = (a: string, value = 'IfNotPresent') => configMap(name, { a }, mark('ssa', value));
    expect(await actions([manifest('1')])).toEqual(['created']);
    expect(await actions([manifest('2')])).toEqual(['skipped']);
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '1' });
    expect(await actions([manifest('2', 'Override')])).toEqual(['configured']);
  });

  test('KUS-239 KUS-240: ssa Ignore, in any case, as a label', async () => {
    const name = unique('a');
    expect(await actions([configMap(name, {}, { labels: { [`${group}/ssa`]: 'ignore' } })])).toEqual(['skipped']);
    await expect(cluster.read('ConfigMap', name)).rejects.toThrow('not found');
  });
});

describe('field managers', () => {
  const type = { group: '', version: 'v1', kind: 'ConfigMap' };
  async function editedByKubectl(name: string, metadata: object = {}) {
    await apply([configMap(name, { a: '1' }, metadata)]);
    const body = {
      metadata: { annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
      data: { a: 'x', added: 'y' },
    };
    const key = { namespace: cluster.namespace, name };
    await cluster.other.patch(type, key, { type: 'merge', body }, { fieldManager: 'kubectl-edit' });
  }

  test('KUS-251 KUS-252 KUS-253 KUS-256 KUS-452: what kubectl changed is reverted, what it added goes', async () => {
    const name = unique('a');
    await editedByKubectl(name);
    expect(await actions([configMap(name, { a: '1' })])).toEqual(['configured']);
    const live = await cluster.read('ConfigMap', name);
    expect(live.data).toEqual({ a: '1' });
    expect(managers(live)).toEqual([manager]);
    expect(live.metadata.annotations ?? {}).toEqual({});
    expect(await actions([configMap(name, { a: '1' })])).toEqual(['unchanged']);
  });

  test('KUS-453: with ssa Merge foreign fields and their manager stay', async () => {
    const name = unique('a');
    await editedByKubectl(name, mark('ssa', 'Merge'));
    expect(await actions([configMap(name, { a: '1' }, mark('ssa', 'Merge'))])).toEqual(['configured']);
    const live = await cluster.read('ConfigMap', name);
    expect(live.data).toEqual({ a: '1', added: 'y' });
    expect(managers(live)).toContain('kubectl-edit');
  });

  test('KUS-257 KUS-454: managers that are overridden lose their keys, others keep them', async () => {
    const name = unique('a');
    await apply([configMap(name, { a: '1' })]);
    const key = { namespace: cluster.namespace, name };
    const add = (field: string) =>
      cluster.other.patch(type, key, { type: 'merge', body: { data: { [field]: 'x' } } }, { fieldManager: field });
    await add('listed');
    await add('unlisted');
    await apply([configMap(name, { a: '1' })], { cleanup: standardCleanup(manager, ['listed']) });
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '1', unlisted: 'x' });
  });

  test('KUS-254: flux-client-side-apply is preserved even when its prefix is overridden', async () => {
    const name = unique('a');
    await apply([configMap(name, { a: '1' })]);
    const key = { namespace: cluster.namespace, name };
    const body = { data: { kept: 'x' } };
    await cluster.other.patch(type, key, { type: 'merge', body }, { fieldManager: 'flux-client-side-apply' });
    await apply([configMap(name, { a: '1' })], { cleanup: standardCleanup(manager, ['flux']) });
    expect((await cluster.read('ConfigMap', name)).data).toEqual({ a: '1', kept: 'x' });
  });
});

describe('changes that are not possible', () => {
  const fixed = (name: string, data: Record<string, string>, metadata: object = {}) =>
    secret(name, data, { immutable: true, metadata: { namespace: cluster.namespace, name, ...metadata } });

  test('KUS-444 KUS-250: an immutable Secret, without its data in the message', async () => {
    const name = unique('s');
    await apply([fixed(name, { key: 'sensitive-old' })]);
    const error = await failure(apply([fixed(name, { key: 'sensitive-new' })]));
    expect(error.message).toContain(`Secret/${cluster.namespace}/${name} dry-run failed (Invalid): `);
    expect(error.message).toContain('field is immutable');
    for (const text of ['sensitive-new', Buffer.from('sensitive-new').toString('base64')]) {
      expect(error.message).not.toContain(text);
    }
    expect(error.cause).toBeInstanceOf(ObjectApplyError);
  });

  test.each([
    ['option', { force: true }, {}],
    ['mark on the object', {}, { annotations: { [`${group}/force`]: 'Enabled' } }],
  ])('KUS-245 KUS-445: it is recreated with the force %s', async (_, options, metadata) => {
    const name = unique('s');
    await apply([fixed(name, { key: 'old' }, metadata)]);
    const before = await cluster.read('Secret', name);
    const changes = await apply([fixed(name, { key: 'new' }, metadata)], options);
    expect(changes.map(changeText)).toEqual([`Secret/${cluster.namespace}/${name} created`]);
    const after = await cluster.read('Secret', name);
    expect(after.metadata.uid).not.toBe(before.metadata.uid);
    expect(after.data).toEqual({ key: Buffer.from('new').toString('base64') });
  });

  test('KUS-248 KUS-446: it waits for finalizers, and gives up in time', async () => {
    const name = unique('s');
    await cluster.create(fixed(name, { key: 'old' }, { finalizers: ['example.org/hold'] }));
    const manifest = [fixed(name, { key: 'new' })];
    const error = await failure(apply(manifest, { force: true, recreateTimeoutMs: 50 }));
    expect(error.message).toContain('immutable field detected, failed to wait for object to be deleted');
    const pending = apply(manifest, { force: true });
    const type = { group: '', version: 'v1', kind: 'Secret' };
    await cluster.other.patch(
      type,
      { namespace: cluster.namespace, name },
      { type: 'merge', body: { metadata: { finalizers: null } } },
    );
    expect((await pending).map(({ action }) => action)).toEqual(['created']);
  });

  test('KUS-246 KUS-448: an invalid manifest does not delete the live object', async () => {
    const name = unique('svc');
    const service = (port: number) =>
      ({
        apiVersion: 'v1',
        kind: 'Service',
        metadata: { namespace: cluster.namespace, name },
        spec: { ports: [{ port }] },
      }) as unknown as KubeObject;
    await apply([service(80)]);
    const before = await cluster.read('Service', name);
    const error = await failure(apply([service(99999)], { force: true }));
    expect(error.message).toContain('is invalid');
    expect((await cluster.read('Service', name)).metadata.uid).toBe(before.metadata.uid);
  });
});

describe('stages', () => {
  const widget = (plural: string) => {
    const kind = plural[0]!.toUpperCase() + plural.slice(1);
    const definition = {
      apiVersion: 'apiextensions.k8s.io/v1',
      kind: 'CustomResourceDefinition',
      metadata: { name: `${plural}.example.org` },
      spec: {
        group: 'example.org',
        scope: 'Namespaced',
        names: { plural, singular: plural, kind, listKind: `${kind}List` },
        versions: [
          {
            name: 'v1',
            served: true,
            storage: true,
            schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
          },
        ],
      },
    } as unknown as UnstructuredObject;
    const object = {
      apiVersion: 'example.org/v1',
      kind,
      metadata: { namespace: cluster.namespace, name: 'it' },
      spec: { size: 1 },
    } as unknown as KubeObject;
    return { definition, object };
  };

  test('KUS-232 KUS-451 KUS-19: a definition, its object, a namespace and its content in one apply', async () => {
    const { definition, object } = widget(`things${Date.now().toString(36)}`.replaceAll(/[0-9]/g, 'x'));
    const namespace = unique('ns');
    const inside = configMap('inside', { a: '1' });
    inside.metadata.namespace = namespace;
    const changes = await apply([
      inside,
      object,
      { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
      definition,
    ]);
    expect(changes.map(({ type, action }) => `${type.kind} ${action}`)).toEqual([
      'CustomResourceDefinition created',
      'Namespace created',
      'ConfigMap created',
      `${object.kind} created`,
    ]);
    await cluster.other.delete({ group: '', version: 'v1', kind: 'Namespace' }, { name: namespace });
  });

  test('KUS-462: fields of an older API version of the kind move to the one that is applied', async () => {
    const { definition, object } = widget('migratedthings');
    const { versions } = definition.spec as { versions: { name: string; storage: boolean }[] };
    versions.push({ ...versions[0]!, name: 'v2', storage: false });
    await apply([definition, object]);
    const newer = { ...object, apiVersion: 'example.org/v2', spec: { size: 1, more: true } };
    expect(await actions([newer], { migrateApiVersion: true })).toEqual(['configured']);
    cluster.other.mapper.invalidate();
    const live = await cluster.read(object.kind, 'it', 'example.org/v2');
    expect(live.metadata.managedFields?.map(({ apiVersion }) => apiVersion)).toEqual(['example.org/v2']);
    expect(await actions([newer], { migrateApiVersion: true })).toEqual(['unchanged']);
    const type = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
    await cluster.other.delete(type, { name: definition.metadata.name });
  });

  test('KUS-234 KUS-236 KUS-237: one bad object stops its stage, earlier stages stay and are listed', async () => {
    const [namespace, good, bad] = [unique('ns'), unique('good'), unique('bad')];
    const broken = {
      apiVersion: 'v1',
      kind: 'ConfigMap',
      metadata: { namespace: cluster.namespace, name: bad },
      data: { a: { b: 1 } },
    };
    const error = await failure(
      apply([
        { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } },
        configMap(good, { a: '1' }),
        broken as unknown as KubeObject,
      ]),
    );
    expect(error.message).toContain(`ConfigMap/${cluster.namespace}/${bad} dry-run failed`);
    expect(error.message.endsWith(`\nNamespace/${namespace} created`)).toBe(true);
    await expect(cluster.read('ConfigMap', good)).rejects.toThrow('not found');
    await cluster.other.delete({ group: '', version: 'v1', kind: 'Namespace' }, { name: namespace });
  });

  test('KUS-235 KUS-238: a definition that does not become ready', async () => {
    const { definition, object } = widget('stalledthings');
    const health = {
      digest: 'never',
      status: () => ({ status: 'InProgress' as const, message: 'not yet' }),
    };
    const error = await failure(apply([definition, object], { health, stageTimeoutMs: 100 }));
    expect(error.message).toContain(
      "timeout waiting for: [CustomResourceDefinition/stalledthings.example.org status: 'InProgress'",
    );
    expect(error.message.endsWith('\nCustomResourceDefinition/stalledthings.example.org created')).toBe(true);
    const type = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };
    await cluster.other.delete(type, { name: 'stalledthings.example.org' });
  });

  test('KUS-244: a kind that is not served', async () => {
    const { object } = widget('unknownthings');
    const error = await failure(apply([object]));
    expect(error.message).toContain('no matches for kind "Unknownthings"');
  });

  test('KUS-450: a namespaced object without a namespace', async () => {
    const error = await failure(apply([{ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x' } }]));
    expect(error.message).toBe('ConfigMap/x namespace not specified: the server could not find the requested resource');
  });

  test('KUS-18 KUS-457: a stray namespace on a cluster-scoped object is no part of its id', async () => {
    const name = unique('class');
    const manifest = (metadata: object) =>
      ({
        apiVersion: 'storage.k8s.io/v1',
        kind: 'StorageClass',
        metadata: { name, namespace: cluster.namespace, ...metadata },
        provisioner: 'example.org/none',
      }) as unknown as KubeObject;
    const id = `_${name}_storage.k8s.io_StorageClass`;
    expect(inventoryOf(await apply([manifest({})]))).toEqual([{ id, v: 'v1' }]);
    const skipped = await apply([manifest(mark('reconcile', 'disabled'))]);
    expect(skipped.map(({ action }) => action)).toEqual(['skipped']);
    expect(inventoryOf(skipped)).toEqual([{ id, v: 'v1' }]);
    await cluster.other.delete({ group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass' }, { name });
  });

  test('an aborted apply ends with the reason of the signal', async () => {
    const reason = new Error('enough');
    await expect(apply([configMap(unique('a'), {})], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
  });

  test('nothing to apply is no request', async () => {
    cluster.requests();
    expect(await apply([])).toEqual([]);
    expect(cluster.requests()).toEqual({});
    await eventually(() => true);
  });
});
