import { type KubeObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { changeText } from '../change/change-set.ts';
import { TerminationError, waitForTermination } from '../health/termination.ts';
import { inventoryEntry, type InventoryEntry } from '../inventory/inventory.ts';
import { ownerLabels } from '../manifest/prepare.ts';
import { openCluster, type TestCluster } from '../testing/cluster.ts';
import { prune, PruneError, terminating } from './prune.ts';

const group = 'kustomize.toolkit.fluxcd.io';
const type = { group: '', version: 'v1', kind: 'ConfigMap' };
let cluster: TestCluster;
let counter = 0;

beforeAll(async () => {
  cluster = await openCluster(startEmbeddedKube);
});
afterAll(() => cluster.close());

const owner = () => ({ group, name: 'apps', namespace: cluster.namespace });
const keyOf = (entry: InventoryEntry) => ({ namespace: cluster.namespace, name: entry.id.split('_')[1]! });

async function stored(
  metadata: { labels?: object; annotations?: object; finalizers?: string[] } = {},
  kind = 'ConfigMap',
) {
  const object = {
    apiVersion: 'v1',
    kind,
    metadata: {
      namespace: cluster.namespace,
      name: `it-${++counter}`,
      ...metadata,
      labels: { ...ownerLabels(owner()), ...metadata.labels },
    },
  } as KubeObject;
  await cluster.create(object);
  return inventoryEntry(object);
}
const exists = async (entry: InventoryEntry) => Boolean(await cluster.other.find(type, keyOf(entry)));
const pruned = async (...entries: InventoryEntry[]) =>
  (await prune(cluster.client, entries, { owner: owner() })).map(({ action }) => action);

test('KUS-277 KUS-471: objects are deleted in reverse order, absent ones count as deleted', async () => {
  const first = await stored();
  const second = await stored({}, 'Secret');
  const absent = { id: `${cluster.namespace}_absent__Service`, v: 'v1' };
  const changes = await prune(cluster.client, [first, second, absent], { owner: owner() });
  const name = (entry: InventoryEntry) => keyOf(entry).name;
  expect(changes.map(changeText)).toEqual([
    `Service/${cluster.namespace}/absent deleted`,
    `Secret/${cluster.namespace}/${name(second)} deleted`,
    `ConfigMap/${cluster.namespace}/${name(first)} deleted`,
  ]);
  await waitForTermination(cluster.client, terminating(changes), { timeoutMs: 10_000 });
  expect(await exists(first)).toBe(false);
});

test('KUS-275 KUS-283 KUS-474: objects of another owner are skipped', async () => {
  const entry = await stored({ labels: { [`${group}/name`]: 'other' } });
  expect(await pruned(entry)).toEqual(['skipped']);
  expect(await exists(entry)).toBe(true);
});

test.each([
  ['prune', 'disabled'],
  ['reconcile', 'Disabled'],
  ['ssa', 'Ignore'],
])('KUS-276 KUS-330 KUS-475: %s: %s on the live object, as a label or an annotation', async (key, value) => {
  const labelled = await stored({ labels: { [`${group}/${key}`]: value } });
  const annotated = await stored({ annotations: { [`${group}/${key}`]: value } });
  expect(await pruned(labelled, annotated)).toEqual(['skipped', 'skipped']);
  expect([await exists(labelled), await exists(annotated)]).toEqual([true, true]);
});

test('KUS-243 KUS-476: IfNotPresent is no reason to keep an object', async () => {
  const entry = await stored({ annotations: { [`${group}/ssa`]: 'IfNotPresent' } });
  expect(await pruned(entry)).toEqual(['deleted']);
});

test('KUS-279 KUS-473 KUS-329: a finalizer of others: deleted, and the wait for it ends in time', async () => {
  const entry = await stored({ finalizers: ['example.org/hold'] });
  const changes = await prune(cluster.client, [entry], { owner: owner() });
  expect(changes.map(({ action }) => action)).toEqual(['deleted']);
  const wait = (timeoutMs: number) => waitForTermination(cluster.client, terminating(changes), { timeoutMs });
  await expect(wait(50)).rejects.toThrow(TerminationError);
  await expect(wait(50)).rejects.toThrow(`ConfigMap/${cluster.namespace}/${keyOf(entry).name}`);
  const waiting = wait(10_000);
  await cluster.other.patch(type, keyOf(entry), { type: 'merge', body: { metadata: { finalizers: null } } });
  await waiting;
});

test('KUS-278 KUS-280 KUS-23: failures do not stop the others, and stay in the inventory', async () => {
  const entry = await stored();
  const gone = { id: `${cluster.namespace}_it_example.org_Gone`, v: 'v1' };
  const error = await prune(cluster.client, [entry, gone], { owner: owner() }).then(
    () => undefined,
    (reason: unknown) => reason as PruneError,
  );
  expect(error).toBeInstanceOf(PruneError);
  expect(error?.message).toMatch(/^delete failed, errors: Gone\/.* query failed: no matches for kind "Gone".*;$/);
  expect(error?.changes.map(({ action }) => action)).toEqual(['unknown', 'deleted']);
  expect(error?.remaining).toEqual([gone]);
  expect(await exists(entry)).toBe(false);
});
