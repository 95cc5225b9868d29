import type { ServerResponse } from 'node:http';
import type { UnstructuredObject } from '@gitops-toolkit/api';
import { createClient, createInformerCache } from '../index.ts';
import { configMap, configMapList, configMaps } from '../testing/objects.ts';
import {
  beginWatch,
  sendEvent,
  sendJson,
  sendStatus,
  startServer,
  until,
  type Seen,
  type TestServer,
} from '../testing/server.ts';
import type { InformerCache, KubeClient } from '../types.ts';

const quick = { initialMs: 1, maxMs: 5 };

let server: TestServer;
let client: KubeClient;
let cache: InformerCache;
let abort: AbortController;
let errors: unknown[];
/** Answers lists; the test replaces it. */
let list: (request: Seen, response: ServerResponse) => void;
/** Watches that are open, in the order in which they were asked for. */
let watches: { request: Seen; response: ServerResponse }[];
/** Answers a watch that is not to be kept open. */
let refuse: ((response: ServerResponse) => void) | undefined;

beforeEach(async () => {
  watches = [];
  errors = [];
  refuse = undefined;
  list = (_, response) => sendJson(response, configMapList([configMap('a', 1), configMap('b', 2)], 5));
  server = await startServer((request, response) => {
    if (!request.query.watch) return list(request, response);
    if (refuse) return refuse(response);
    watches.push({ request, response: beginWatch(response) });
  });
  client = createClient({ server: server.url });
  cache = createInformerCache(client, { backoff: quick, onError: (_, error) => errors.push(error) });
  abort = new AbortController();
});
afterEach(async () => {
  abort.abort();
  await client.close();
  await server.stop();
});

function recorder() {
  const events: string[] = [];
  return {
    events,
    added: (object: UnstructuredObject) => void events.push(`+${object.metadata.name}`),
    updated: (object: UnstructuredObject, old: UnstructuredObject) =>
      void events.push(`~${object.metadata.name} ${old.metadata.resourceVersion}>${object.metadata.resourceVersion}`),
    deleted: (object: UnstructuredObject) => void events.push(`-${object.metadata.name}`),
  };
}
const versions = (objects: UnstructuredObject[]) =>
  objects.map(({ metadata }) => `${metadata.name}:${metadata.resourceVersion}`).sort();
const lists = () => server.seen.filter(({ query }) => !query.watch).length;

test('lists, watches from there, and tells handlers in order', async () => {
  const informer = cache.informer(configMaps, { namespace: 'apps', labelSelector: 'x=y' });
  const seen = recorder();
  informer.subscribe(seen);
  expect(informer.synced).toBe(false);
  cache.start(abort.signal);
  await cache.waitForSync();
  expect(informer.synced).toBe(true);
  expect(informer.get({ namespace: 'apps', name: 'a' })).toMatchObject({ kind: 'ConfigMap', apiVersion: 'v1' });
  await until(() => watches.length === 1);
  const { request, response } = watches[0]!;
  expect(request.path).toBe('/api/v1/namespaces/apps/configmaps');
  expect(request.query).toMatchObject({ labelSelector: 'x=y', resourceVersion: '5', allowWatchBookmarks: 'true' });
  expect(Number(request.query.timeoutSeconds)).toBeGreaterThanOrEqual(300);
  expect(Number(request.query.timeoutSeconds)).toBeLessThanOrEqual(600);
  sendEvent(response, 'ADDED', configMap('c', 6));
  sendEvent(response, 'MODIFIED', configMap('a', 7));
  sendEvent(response, 'DELETED', configMap('b', 8));
  await until(() => seen.events.length === 5);
  expect(seen.events).toEqual(['+a', '+b', '+c', '~a 1>7', '-b']);
  expect(versions(informer.list({ namespace: 'apps' }))).toEqual(['a:7', 'c:6']);
  expect(informer.list({ namespace: 'other' })).toEqual([]);

  const late = recorder();
  const unsubscribe = informer.subscribe(late);
  expect(late.events.sort()).toEqual(['+a', '+c']);
  unsubscribe();
  sendEvent(response, 'DELETED', configMap('c', 9));
  await until(() => seen.events.length === 6);
  expect(late.events).toHaveLength(2);
});

test('resumes where it was after the server ends or breaks the watch', async () => {
  const informer = cache.informer(configMaps);
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  sendEvent(watches[0]!.response, 'MODIFIED', configMap('a', 7));
  sendEvent(watches[0]!.response, 'BOOKMARK', { kind: 'ConfigMap', metadata: { resourceVersion: '20' } });
  watches[0]!.response.end();
  await until(() => watches.length === 2);
  expect(watches[1]!.request.query.resourceVersion).toBe('20');
  expect(versions(informer.list())).toEqual(['a:7', 'b:2']);
  sendEvent(watches[1]!.response, 'MODIFIED', configMap('a', 21));
  await until(() => informer.get({ namespace: 'apps', name: 'a' })?.metadata.resourceVersion === '21');
  server.hangUp();
  await until(() => watches.length === 3);
  expect(watches[2]!.request.query.resourceVersion).toBe('21');
  expect(lists()).toBe(1);
});

test('lists again when its version has expired, and tells only what changed meanwhile', async () => {
  const informer = cache.informer(configMaps);
  const seen = recorder();
  informer.subscribe(seen);
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  list = (_, response) => sendJson(response, configMapList([configMap('a', 1), configMap('c', 30)], 31));
  sendEvent(watches[0]!.response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired', message: 'too old' });
  watches[0]!.response.end();
  await until(() => watches.length === 2);
  expect(watches[1]!.request.query.resourceVersion).toBe('31');
  expect(seen.events).toEqual(['+a', '+b', '+c', '-b']);
  expect(errors).toEqual([]);
});

test('keeps trying while the server is failing, and keeps what it has', async () => {
  const informer = cache.informer(configMaps);
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  refuse = (response) => sendStatus(response, 500, { reason: 'InternalError', message: 'out of order' });
  server.hangUp();
  await until(() => errors.length >= 3);
  expect(versions(informer.list())).toEqual(['a:1', 'b:2']);
  refuse = undefined;
  await until(() => watches.length === 2);
  expect(watches[1]!.request.query.resourceVersion).toBe('5');
});

test('a kind that is not served yet is waited for quietly, and blocks nobody', async () => {
  const ok = list;
  const widgets = { group: 'example.org', version: 'v1', kind: 'Widget', plural: 'widgets', namespaced: true };
  let installed = false;
  list = (request, response) => {
    if (!request.path.endsWith('/widgets')) return ok(request, response);
    if (!installed) return sendStatus(response, 404, { reason: 'NotFound', message: 'no such resource' });
    return sendJson(response, { metadata: { resourceVersion: '1' }, items: [] });
  };
  cache.informer(configMaps);
  const informer = cache.informer(widgets);
  cache.start(abort.signal);
  await cache.waitForSync();
  expect(informer.synced).toBe(false);
  expect(errors).toEqual([]);
  installed = true;
  await informer.waitForSync();
  expect(informer.synced).toBe(true);
});

test('a kind known only by name is looked up when the server has it', async () => {
  const ok = list;
  list = (request, response) => {
    if (request.path === '/apis') return sendJson(response, { kind: 'APIGroupDiscoveryList', items: [] });
    if (request.path !== '/api') return ok(request, response);
    const responseKind = { group: '', version: 'v1', kind: 'ConfigMap' };
    const resources = [{ resource: 'configmaps', responseKind, scope: 'Namespaced' }];
    const items = [{ metadata: {}, versions: [{ version: 'v1', resources }] }];
    return sendJson(response, { kind: 'APIGroupDiscoveryList', items });
  };
  const informer = cache.informer({ group: '', version: 'v1', kind: 'ConfigMap' });
  expect(informer.type.plural).toBe('');
  cache.start(abort.signal);
  await informer.waitForSync();
  expect(informer.type).toMatchObject({ plural: 'configmaps', namespaced: true });
});

test('indexes follow the objects, whether added before or after the start', async () => {
  const informer = cache.informer<UnstructuredObject & { data?: Record<string, string> }>(configMaps);
  const byOwner = (object: { data?: Record<string, string> }) => (object.data?.owner ?? '').split(',').filter(Boolean);
  list = (_, response) => sendJson(response, configMapList([configMap('a', 1, { data: { owner: 'x,y' } })], 5));
  informer.addIndex('owner', byOwner);
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  expect(versions(informer.byIndex('owner', 'x'))).toEqual(['a:1']);
  sendEvent(watches[0]!.response, 'MODIFIED', configMap('a', 6, { data: { owner: 'y' } }));
  sendEvent(watches[0]!.response, 'ADDED', configMap('b', 7, { data: { owner: 'y' } }));
  await until(() => informer.list().length === 2);
  expect(versions(informer.byIndex('owner', 'x'))).toEqual([]);
  expect(versions(informer.byIndex('owner', 'y'))).toEqual(['a:6', 'b:7']);
  informer.addIndex('name', (object) => [object.metadata.name]);
  expect(versions(informer.byIndex('name', 'b'))).toEqual(['b:7']);
  sendEvent(watches[0]!.response, 'DELETED', configMap('b', 8));
  await until(() => informer.list().length === 1);
  expect(versions(informer.byIndex('owner', 'y'))).toEqual(['a:6']);
  expect(() => informer.byIndex('none', '')).toThrow('there is no index "none"');
});

test('one failing handler, index or transform does not keep the others from working', async () => {
  const informer = cache.informer(configMaps);
  const seen = recorder();
  const fail = () => {
    throw new Error('broken handler');
  };
  informer.addIndex('broken', fail);
  informer.subscribe({ added: fail });
  informer.subscribe(seen);
  cache.start(abort.signal);
  await cache.waitForSync();
  expect(seen.events).toEqual(['+a', '+b']);
  expect(errors).toHaveLength(4);
});

test('informers are shared by kind and options, and by the function that transforms', async () => {
  const transform = (object: UnstructuredObject) => ({ ...object, data: undefined });
  const plain = cache.informer(configMaps);
  expect(cache.informer(configMaps)).toBe(plain);
  expect(cache.informer(configMaps, { metadataOnly: true })).not.toBe(plain);
  expect(cache.informer(configMaps, { fieldSelector: 'metadata.name=a' })).not.toBe(plain);
  const small = cache.informer(configMaps, { transform });
  expect(small).not.toBe(plain);
  expect(cache.informer(configMaps, { transform })).toBe(small);
  list = (_, response) => sendJson(response, configMapList([configMap('a', 1, { data: { big: 'x' } })], 5));
  cache.start(abort.signal);
  await cache.waitForSync();
  expect(small.list()[0]).toMatchObject({ data: undefined });
  expect(plain.list()[0]).toMatchObject({ data: { big: 'x' } });
});

test('metadata-only informers ask for metadata in lists and watches', async () => {
  cache.informer(configMaps, { metadataOnly: true });
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  expect(server.seen.map(({ headers }) => headers.accept)).toEqual([
    'application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1',
    'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1',
  ]);
});

test('a large list does not keep the event loop busy', async () => {
  const many = Array.from({ length: 5_000 }, (_, i) => configMap(`m${i}`, i + 1));
  let ticks = 0;
  const informer = cache.informer(configMaps);
  informer.subscribe({
    added() {
      const end = performance.now() + 0.02;
      while (performance.now() < end);
    },
  });
  list = (_, response) => sendJson(response, configMapList(many, 9_000));
  const timer = setInterval(() => informer.list().length > 0 && !informer.synced && ticks++, 1);
  cache.start(abort.signal);
  await cache.waitForSync();
  clearInterval(timer);
  expect(ticks).toBeGreaterThan(0);
  expect(informer.list()).toHaveLength(5_000);
});

test('ends when the signal says so, and an informer asked for later starts at once', async () => {
  cache.start(abort.signal);
  const informer = cache.informer(configMaps);
  await informer.waitForSync();
  await until(() => watches.length === 1);
  const closed = new Promise((done) => watches[0]!.response.on('close', done));
  abort.abort();
  await closed;
  const before = server.seen.length;
  await expect(cache.informer(configMaps, { namespace: 'x' }).waitForSync(AbortSignal.timeout(20))).rejects.toThrow();
  expect(server.seen.length).toBe(before);
});

test('an object that was deleted and created again while nobody watched is told as such', async () => {
  const informer = cache.informer(configMaps, { namespace: 'apps' });
  const seen = recorder();
  informer.subscribe(seen);
  const of = (uid: string, version: number) => {
    const object = configMap('a', version);
    return { ...object, metadata: { ...object.metadata, uid, generation: 1 } };
  };
  list = (_, response) => sendJson(response, configMapList([of('first', 1)], 5));
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  list = (_, response) => sendJson(response, configMapList([of('second', 7)], 8));
  sendEvent(watches[0]!.response, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
  await until(() => informer.get({ namespace: 'apps', name: 'a' })?.metadata.uid === 'second');
  expect(seen.events).toEqual(['+a', '-a', '+a']);
});

test('an event that the server cannot send does not keep the informer from what follows', async () => {
  const informer = cache.informer(configMaps, { namespace: 'apps' });
  cache.start(abort.signal);
  await until(() => watches.length === 1);
  refuse = (response) => sendStatus(response, 500, { reason: 'InternalError', message: 'conversion webhook failed' });
  list = (_, response) => sendJson(response, configMapList([configMap('after', 9)], 9));
  watches[0]!.response.end();
  await until(() => informer.get({ namespace: 'apps', name: 'after' }) !== undefined);
  expect(informer.list()).toHaveLength(1);
});
