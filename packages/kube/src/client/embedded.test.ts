import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { UnstructuredObject } from '@gitops-toolkit/api';
import {
  configOfContext,
  createClient,
  createInformerCache,
  isAlreadyExists,
  isConflict,
  isInvalid,
  isNotFound,
  NoMatchError,
  observe,
  parseKubeConfig,
  type ApiError,
} from '../index.ts';
import { until } from '../testing/server.ts';
import type { KubeClient } from '../types.ts';

type ConfigMap = UnstructuredObject & { data?: Record<string, string> };

const configMaps = { group: '', version: 'v1', kind: 'ConfigMap' };
const widgets = { group: 'example.org', version: 'v1', kind: 'Widget' };
const key = (name: string) => ({ namespace: 'default', name });
const configMap = (name: string, data: Record<string, string> = { a: '1' }): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'default' },
  data,
});
const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'widgets.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { plural: 'widgets', singular: 'widget', kind: 'Widget', listKind: 'WidgetList' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true } },
      },
    ],
  },
};

let server: Awaited<ReturnType<typeof startEmbeddedKube>>;
let client: KubeClient;
let stop: AbortController;
beforeAll(async () => {
  server = await startEmbeddedKube();
  client = createClient(configOfContext(parseKubeConfig(server.kubeconfigYaml)));
});
beforeEach(() => {
  stop = new AbortController();
});
afterEach(() => stop.abort());
afterAll(async () => {
  await client.close();
  await server.close();
});

test('objects are created, read, updated and deleted, with typed errors', async () => {
  const created = await client.create(configMap('crud'));
  expect(created.metadata.uid).toBeTruthy();
  expect(isAlreadyExists(await client.create(configMap('crud')).catch((e: unknown) => e))).toBe(true);
  const updated = await client.update({ ...created, data: { b: '2' } });
  expect(updated.data).toEqual({ b: '2' });
  expect(isConflict(await client.update({ ...created, data: {} }).catch((e: unknown) => e))).toBe(true);
  await client.patch(configMaps, key('crud'), { type: 'json', body: [{ op: 'add', path: '/data/j', value: 'x' }] });
  await client.patch(configMaps, key('crud'), { type: 'merge', body: { data: { b: null, m: 'y' } } });
  expect((await client.get<ConfigMap>(configMaps, key('crud'))).data).toEqual({ j: 'x', m: 'y' });
  const wrong = client.delete(configMaps, key('crud'), { preconditions: { uid: 'another' } });
  expect(isConflict(await wrong.catch((e: unknown) => e))).toBe(true);
  await client.delete(configMaps, key('crud'));
  expect(isNotFound(await client.get(configMaps, key('crud')).catch((e: unknown) => e))).toBe(true);
  expect(isInvalid(await client.create(configMap('Not_A_Name')).catch((e: unknown) => e))).toBe(true);
});

test('apply reports conflicts with their fields, takes over by force, and stores nothing on a dry run', async () => {
  await client.apply(configMap('applied', { a: '1' }), { fieldManager: 'one' });
  const other = configMap('applied', { a: '2' });
  const conflict = (await client.apply(other, { fieldManager: 'two' }).catch((e: unknown) => e)) as ApiError;
  expect(isConflict(conflict)).toBe(true);
  expect(conflict.causes).toEqual([
    { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
  ]);
  const dry = await client.apply(other, { fieldManager: 'two', force: true, dryRun: true });
  expect(dry.data).toEqual({ a: '2' });
  expect((await client.get<ConfigMap>(configMaps, key('applied'))).data).toEqual({ a: '1' });
  expect((await client.apply(other, { fieldManager: 'two', force: true })).data).toEqual({ a: '2' });
});

test('lists come in pages, or as metadata only', async () => {
  await Promise.all(Array.from({ length: 9 }, (_, i) => client.create(configMap(`page-${i}`))));
  const names = ({ items }: { items: UnstructuredObject[] }) =>
    items.map(({ metadata }) => metadata.name).filter((name) => name.startsWith('page-'));
  expect(names(await client.list(configMaps, { namespace: 'default', pageSize: 2 }))).toHaveLength(9);
  const partial = await client.list<ConfigMap>(configMaps, { namespace: 'default', metadataOnly: true });
  expect(names(partial)).toHaveLength(9);
  expect(partial.items.every(({ kind, data }) => kind === 'ConfigMap' && data === undefined)).toBe(true);
});

test('informers and observers pick up a kind that is installed later', async () => {
  const cache = createInformerCache(client, { backoff: { initialMs: 10, maxMs: 50 } });
  const full = cache.informer<ConfigMap>(configMaps, { namespace: 'default' });
  const partial = cache.informer(configMaps, { metadataOnly: true });
  const custom = cache.informer({ ...widgets, plural: 'widgets', namespaced: true });
  cache.start(stop.signal);
  await cache.waitForSync();
  expect(custom.synced).toBe(false);

  const states: string[] = [];
  const observed = observe(
    client,
    [
      { type: configMaps, key: key('later') },
      { type: { ...widgets, plural: 'widgets', namespaced: true }, key: key('w') },
    ],
    (ref, object) => states.push(`${ref.type.kind} ${object ? 'is there' : 'is not there'}`),
    { signal: stop.signal, backoff: { initialMs: 10, maxMs: 50 } },
  );
  await until(() => states.length === 2);
  await client.create(configMap('later'));
  await until(() => full.get(key('later')) !== undefined && partial.get(key('later')) !== undefined);
  await until(() => states.at(-1) === 'ConfigMap is there');

  await expect(client.mapper.resourceFor(widgets)).rejects.toThrow(NoMatchError);
  await client.apply(crd as UnstructuredObject, { fieldManager: 'test' });
  await custom.waitForSync();
  client.mapper.invalidate();
  const widget = { apiVersion: 'example.org/v1', kind: 'Widget', metadata: { name: 'w', namespace: 'default' } };
  await client.apply({ ...widget, spec: {} } as UnstructuredObject, { fieldManager: 'test' });
  await client.apply({ ...widget, status: { ok: true } } as UnstructuredObject, {
    fieldManager: 'status',
    subresource: 'status',
  });
  await until(() => (custom.get(key('w'))?.status as { ok?: boolean } | undefined)?.ok === true);
  await until(() => states.includes('Widget is there'));
  await client.delete(widgets, key('w'));
  await until(() => custom.get(key('w')) === undefined && states.at(-1) === 'Widget is not there');
  stop.abort();
  await observed;
});
