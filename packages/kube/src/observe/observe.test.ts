import type { ServerResponse } from 'node:http';
import { createClient, isForbidden, observe, type ObservedRef } from '../index.ts';
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
import type { KubeClient } from '../types.ts';

let server: TestServer;
let client: KubeClient;
let abort: AbortController;
let watches: ServerResponse[];
let answer: (request: Seen, response: ServerResponse) => void;
let states: string[];

beforeEach(async () => {
  watches = [];
  states = [];
  abort = new AbortController();
  answer = (_, response) => sendJson(response, configMapList([configMap('a', 1), configMap('z', 2)], 5));
  server = await startServer((request, response) => {
    if (request.query.watch) watches.push(beginWatch(response));
    else answer(request, response);
  });
  client = createClient({ server: server.url });
});
afterEach(async () => {
  abort.abort();
  await client.close();
  await server.stop();
});

const ref = (name: string, namespace = 'apps'): ObservedRef => ({ type: configMaps, key: { namespace, name } });
function start(refs: ObservedRef[], options: { onError?: (error: unknown) => void } = {}): Promise<void> {
  return observe(
    client,
    refs,
    ({ key }, object) => states.push(`${key.name}=${object?.metadata.resourceVersion ?? 'none'}`),
    { signal: abort.signal, pollMs: 1, backoff: { initialMs: 1, maxMs: 2 }, ...options },
  );
}
const forbid = (response: ServerResponse) => sendStatus(response, 403, { reason: 'Forbidden', message: 'may not' });

test('tells the state of each object, then every change, with one watch for a namespace', async () => {
  const done = start([ref('a'), ref('b')]);
  await until(() => watches.length === 1);
  expect(states).toEqual(['a=1', 'b=none']);
  sendEvent(watches[0]!, 'ADDED', configMap('other', 6));
  sendEvent(watches[0]!, 'ADDED', configMap('b', 7));
  sendEvent(watches[0]!, 'DELETED', configMap('a', 8));
  await until(() => states.length === 4);
  expect(states.slice(2)).toEqual(['b=7', 'a=none']);
  expect(server.seen.map(({ path, query }) => [path, query.fieldSelector])).toEqual([
    ['/api/v1/namespaces/apps/configmaps', undefined],
    ['/api/v1/namespaces/apps/configmaps', undefined],
  ]);
  abort.abort();
  await done;
});

test('a single object is watched alone, and told once for each state', async () => {
  void start([ref('a'), ref('a')]);
  await until(() => watches.length === 1);
  expect(server.seen.map(({ query }) => query.fieldSelector)).toEqual(['metadata.name=a', 'metadata.name=a']);
  expect(states).toEqual(['a=1', 'a=1']);
  answer = (_, response) => sendJson(response, configMapList([configMap('a', 1)], 9));
  sendEvent(watches[0]!, 'ERROR', { kind: 'Status', code: 410, reason: 'Expired' });
  watches[0]!.end();
  await until(() => watches.length === 2);
  expect(states).toHaveLength(2);
});

test('where listing is forbidden, objects are read one by one until they may not even be read', async () => {
  let version = 1;
  answer = (request, response) => {
    if (!request.path.endsWith('/a')) return forbid(response);
    return version > 2 ? forbid(response) : sendJson(response, configMap('a', version));
  };
  const errors: unknown[] = [];
  const done = start([ref('a')], { onError: (error) => errors.push(error) });
  await until(() => states.length === 1);
  version = 2;
  await until(() => states.length === 2);
  expect(states).toEqual(['a=1', 'a=2']);
  expect(isForbidden(errors[0])).toBe(true);
  version = 3;
  await expect(done).rejects.toThrow('may not');
});

test('failures of the server are told and survived', async () => {
  const good = answer;
  answer = (_, response) => sendStatus(response, 500, { message: 'out of order' });
  const errors: unknown[] = [];
  void start([ref('a')], { onError: (error) => errors.push(error) });
  await until(() => errors.length > 2);
  expect(states).toEqual([]);
  answer = good;
  await until(() => states.length === 1);
});

test('a kind that is not served counts as absent objects, until it is', async () => {
  const good = answer;
  answer = (_, response) => sendStatus(response, 404, { reason: 'NotFound', message: 'no such resource' });
  void start([ref('a')]);
  await until(() => states.length === 1);
  answer = good;
  await until(() => states.length === 2);
  expect(states).toEqual(['a=none', 'a=1']);
});

test('what the callback throws ends the observation, of every group', async () => {
  const done = observe(
    client,
    [ref('a'), ref('a', 'other')],
    (_, object) => {
      if (object) throw new Error('seen enough');
    },
    { signal: abort.signal },
  );
  await expect(done).rejects.toThrow('seen enough');
});
