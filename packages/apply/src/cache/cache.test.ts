import { type KubeObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { createInformerCache } from '@gitops-toolkit/kube';
import { applyAll } from '../apply/apply-all.ts';
import { standardCleanup } from '../fields/managers.ts';
import { healthMemory } from '../health/memory.ts';
import { waitForHealth } from '../health/wait.ts';
import { prepareObjects } from '../manifest/prepare.ts';
import { eventually, openCluster, type TestCluster } from '../testing/cluster.ts';
import { type AppliedCache, createAppliedCache } from './applied-cache.ts';
import { informedVersions, listedVersions, type LiveVersions } from './live-versions.ts';

const group = 'kustomize.toolkit.fluxcd.io';
const manager = 'kustomize-controller';
const configMapType = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const deploymentType = { group: 'apps', version: 'v1', kind: 'Deployment', plural: 'deployments', namespaced: true };

let cluster: TestCluster;
let cache: AppliedCache;
let live: LiveVersions;
const end = new AbortController();

beforeAll(async () => {
  cluster = await openCluster(startEmbeddedKube);
  const informers = createInformerCache(cluster.other);
  live = informedVersions(informers, `${group}/name`);
  informers.start(end.signal);
});
afterAll(async () => {
  end.abort();
  await cluster.close();
});
beforeEach(() => {
  cache = createAppliedCache();
});

function objectsNamed(name: string, data = '1', replicas = 1): KubeObject[] {
  const metadata = { namespace: cluster.namespace, name };
  const labels = { app: name };
  const container = { name: 'main', image: 'example.org/web:1', ports: [{ containerPort: 80 }] };
  const manifests = [
    { apiVersion: 'v1', kind: 'ConfigMap', metadata, data: { data } },
    {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata,
      spec: {
        replicas,
        selector: { matchLabels: labels },
        template: { metadata: { labels }, spec: { containers: [container] } },
      },
    },
  ];
  const owner = { group, name, namespace: cluster.namespace };
  return prepareObjects(manifests as KubeObject[], { owner });
}

const apply = (objects: KubeObject[], versions: LiveVersions | undefined = live) =>
  applyAll(cluster.client, objects, {
    fieldManager: manager,
    group,
    cleanup: standardCleanup(manager),
    cache,
    live: versions,
  });

/** Applies until the informers have seen the outcome and nothing is left to ask. */
async function settle(objects: KubeObject[]): Promise<void> {
  await eventually(async () => {
    cluster.requests();
    await apply(objects);
    return Object.keys(cluster.requests()).length === 0;
  });
}

test('a pass with nothing changed makes no request at all', async () => {
  const objects = objectsNamed('idle');
  await apply(objects);
  await settle(objects);
  const changes = await apply(structuredClone(objects));
  expect(changes.map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
  expect(cluster.requests()).toEqual({});
});

test('what others do to fields of their own costs nothing', async () => {
  const objects = objectsNamed('status');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'status' };
  const seen = (object: KubeObject) =>
    eventually(() => live.get(deploymentType, key)?.resourceVersion === object.metadata.resourceVersion);
  const path = `/apis/apps/v1/namespaces/${key.namespace}/deployments/${key.name}`;
  const update = (where: string, body: object) =>
    cluster.other.request<KubeObject>('PATCH', where, { contentType: 'application/merge-patch+json', body });
  await seen(await update(`${path}/status`, { status: { replicas: 1, observedGeneration: 1 } }));
  await seen(await update(path, { metadata: { annotations: { theirs: 'x' } }, spec: { minReadySeconds: 2 } }));
  cluster.requests();
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['unchanged', 'unchanged']);
  expect(cluster.requests()).toEqual({});
});

test('KUS-242: a mark set on the live object is seen', async () => {
  const objects = objectsNamed('marked');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'marked' };
  const body = { metadata: { annotations: { [`${group}/reconcile`]: 'disabled' } } };
  const marked = await cluster.other.patch(configMapType, key, { type: 'merge', body });
  await eventually(() => live.get(configMapType, key)?.resourceVersion === marked.metadata.resourceVersion);
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['skipped', 'unchanged']);
});

test('KUS-256: traces of kubectl are seen', async () => {
  const objects = objectsNamed('touched');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'touched' };
  const body = { metadata: { annotations: { theirs: 'x' } } };
  const touched = await cluster.other.patch(
    configMapType,
    key,
    { type: 'merge', body },
    { fieldManager: 'kubectl-annotate' },
  );
  await eventually(() => live.get(configMapType, key)?.resourceVersion === touched.metadata.resourceVersion);
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['configured', 'unchanged']);
  expect((await cluster.read('ConfigMap', 'touched')).metadata.annotations).toBeUndefined();
});

test('a field that agrees by chance and is not ours is watched by its version', async () => {
  const key = { namespace: cluster.namespace, name: 'chance' };
  const [ours, more] = [objectsNamed('chance').slice(0, 1), objectsNamed('chance').slice(0, 1)];
  await apply(ours);
  const set = (theirs: string) =>
    cluster.other.patch(
      configMapType,
      key,
      { type: 'merge', body: { data: { theirs } } },
      { fieldManager: 'somebody' },
    );
  await set('1');
  (more[0] as unknown as { data: Record<string, string> }).data.theirs = '1';
  expect((await apply(more)).map(({ action }) => action)).toEqual(['unchanged']);
  await settle(more);
  const changed = await set('2');
  await eventually(() => live.get(configMapType, key)?.resourceVersion === changed.metadata.resourceVersion);
  expect((await apply(more)).map(({ action }) => action)).toEqual(['configured']);
});

test('an apply by somebody else under our name is undone', async () => {
  const objects = objectsNamed('forged');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'forged' };
  const entries = live.get(configMapType, key)?.managedFields ?? [];
  await eventually(() => entries.every(({ time }) => Date.now() >= Date.parse(time!) + 1000));
  const [forgery] = objectsNamed('forged', 'x');
  const forged = await cluster.other.apply(forgery!, { fieldManager: manager });
  await eventually(() => live.get(configMapType, key)?.resourceVersion === forged.metadata.resourceVersion);
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['configured', 'unchanged']);
});

test('KUS-78: an edit by hand is undone', async () => {
  const objects = objectsNamed('edited');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'edited' };
  const body = { data: { data: 'x' } };
  const edited = await cluster.other.patch(configMapType, key, { type: 'merge', body }, { fieldManager: 'somebody' });
  await eventually(() => live.get(configMapType, key)?.resourceVersion === edited.metadata.resourceVersion);
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['configured', 'unchanged']);
  expect((await cluster.read('ConfigMap', 'edited')).data).toEqual({ data: '1' });
});

test('KUS-260: an object that was deleted comes back', async () => {
  const objects = objectsNamed('deleted');
  await settle(objects);
  const key = { namespace: cluster.namespace, name: 'deleted' };
  await cluster.other.delete(configMapType, key);
  await eventually(() => live.get(configMapType, key) === undefined);
  expect((await apply(objects)).map(({ action }) => action)).toEqual(['created', 'unchanged']);
});

test('a change of the manifest is applied, and one of the options is compared anew', async () => {
  await settle(objectsNamed('changed'));
  expect((await apply(objectsNamed('changed', '2'))).map(({ action }) => action)).toEqual(['configured', 'unchanged']);
  await settle(objectsNamed('changed', '2'));
  await applyAll(cluster.client, objectsNamed('changed', '2'), { fieldManager: manager, group, cache, live });
  expect(cluster.requests()).toEqual({ get: 2, patch: 2 });
});

test('without knowledge of versions each object is read once', async () => {
  const objects = objectsNamed('unknown');
  const nothing: LiveVersions = { get: () => undefined };
  await apply(objects, nothing);
  await apply(objects, nothing);
  cluster.requests();
  await apply(objects, nothing);
  expect(cluster.requests()).toEqual({ get: 2 });
});

test('versions from lists: one list for each kind and namespace', async () => {
  const objects = objectsNamed('listed');
  await apply(objects);
  await apply(objects);
  cluster.requests();
  const refs = [configMapType, deploymentType].map((type) => ({
    type,
    key: { namespace: cluster.namespace, name: 'listed' },
  }));
  const versions = await listedVersions(cluster.client, refs, { labelSelector: `${group}/name=listed` });
  await apply(objects, versions);
  expect(cluster.requests()).toEqual({ list: 2 });
});

test('what was found healthy and has not changed is not read again', async () => {
  const objects = objectsNamed('healthy').slice(0, 1);
  const changes = await apply(objects);
  const memory = healthMemory(cluster.client, { cache, live });
  await waitForHealth(cluster.client, changes, { timeoutMs: 5000, ...memory });
  await settle(objects);
  await eventually(async () => {
    await waitForHealth(cluster.client, changes, { timeoutMs: 5000, ...memory });
    return memory.isKnown(changes[0]!);
  });
  cluster.requests();
  await waitForHealth(cluster.client, changes, { timeoutMs: 5000, ...memory });
  expect(cluster.requests()).toEqual({});
});

describe('createAppliedCache', () => {
  const record = { desired: 'a', resourceVersion: '1', uid: 'u', ownership: 'f' };

  test('forgets what was not used for longest', () => {
    const small = createAppliedCache({ maxSize: 2 });
    small.set('a', record);
    small.set('b', record);
    small.get('a');
    small.set('c', record);
    expect([small.get('a'), small.get('b')].map(Boolean)).toEqual([true, false]);
    expect(small.size).toBe(2);
  });

  test('a record grows old, and amending it does not make it younger', () => {
    let now = 0;
    const aging = createAppliedCache({ maxAgeMs: 100, now: () => now });
    aging.set('a', record);
    now = 60;
    aging.amend('a', { resourceVersion: '2' });
    expect(aging.get('a')?.resourceVersion).toBe('2');
    now = 101;
    expect(aging.get('a')).toBeUndefined();
  });
});
