import { gzipSync } from 'node:zlib';
import {
  createClient,
  hasFlowControl,
  isConnectionError,
  isTooManyRequests,
  isTimeout,
  withFlowControl,
} from '../index.ts';
import type { RequestObservation } from '../config/config.ts';
import { configMap, configMapList, configMaps } from '../testing/objects.ts';
import { sendJson, sendStatus, startServer, until, type Handler, type TestServer } from '../testing/server.ts';
import type { KubeClient } from '../types.ts';
import { rateLimiter } from './rate-limit.ts';

const key = { namespace: 'apps', name: 'a' };
let server: TestServer;
let handler: Handler;
const clients: KubeClient[] = [];
function clientOf(config: Partial<Parameters<typeof createClient>[0]> = {}): KubeClient {
  const client = createClient({ server: server.url, ...config });
  clients.push(client);
  return client;
}

beforeEach(async () => {
  server = await startServer((request, response) => handler(request, response));
});
afterEach(async () => {
  await Promise.all(clients.splice(0).map((client) => client.close()));
  await server.stop();
});

describe('retries', () => {
  test('come back when the server says so', async () => {
    handler = (_, response) => {
      if (server.seen.length < 3) return sendJson(response, { kind: 'Status', code: 429 }, 429, { 'retry-after': '0' });
      return sendJson(response, configMap('a', 1));
    };
    expect((await clientOf().get(configMaps, key)).metadata.name).toBe('a');
    expect(server.seen).toHaveLength(3);
  });

  test('do not happen when they would come after the deadline, nor without Retry-After', async () => {
    const slowDown = { kind: 'Status', code: 429, reason: 'TooManyRequests', message: 'slow down' };
    handler = (_, response) => sendJson(response, slowDown, 429, { 'retry-after': '60' });
    const error = await clientOf()
      .get(configMaps, key)
      .catch((e: unknown) => e);
    expect(isTooManyRequests(error)).toBe(true);
    handler = (_, response) => sendStatus(response, 503, { reason: 'ServiceUnavailable', message: 'no' });
    await expect(clientOf().get(configMaps, key)).rejects.toThrow('no');
    expect(server.seen).toHaveLength(2);
  });

  test('repeat a merge patch, which changes nothing the second time, but no JSON patch', async () => {
    handler = (_, response) => {
      if (server.seen.length === 2 || server.seen.length === 4) return response.socket?.destroy();
      return sendJson(response, configMap('a', 1));
    };
    const client = clientOf();
    await client.get(configMaps, key);
    await client.patch(configMaps, key, { type: 'merge', body: {} });
    expect(server.seen.map(({ method }) => method)).toEqual(['GET', 'PATCH', 'PATCH']);
    const error = await client.patch(configMaps, key, { type: 'json', body: [] }).catch((e: unknown) => e);
    expect(isConnectionError(error)).toBe(true);
    expect(server.seen).toHaveLength(4);
  });

  test('repeat a read, but not a write, over a connection that breaks', async () => {
    handler = (request, response) => {
      if (server.seen.length === 2 || request.method === 'POST') return response.socket?.destroy();
      return sendJson(response, configMap('a', 1));
    };
    const client = clientOf();
    await client.get(configMaps, key);
    await client.get(configMaps, key);
    expect(server.seen).toHaveLength(3);
    const error = await client.request('POST', '/x').catch((e: unknown) => e);
    expect(isConnectionError(error)).toBe(true);
    expect(server.seen).toHaveLength(4);
  });
});

describe('limits', () => {
  test('the deadline covers a body that does not end', async () => {
    handler = (_, response) => response.writeHead(200, { 'content-type': 'application/json' }).write('{"kind":');
    const error = await clientOf()
      .get(configMaps, key, { timeoutMs: 50 })
      .catch((e: unknown) => e);
    expect(isTimeout(error) && isConnectionError(error) && error.timedOut).toBe(true);
  });

  test("the caller's signal ends a call with its own reason", async () => {
    const abort = new AbortController();
    handler = () => abort.abort(new Error('not needed any more'));
    await expect(clientOf().get(configMaps, key, { signal: abort.signal })).rejects.toThrow('not needed any more');
    await expect(clientOf().get(configMaps, key, { signal: abort.signal })).rejects.toThrow('not needed any more');
  });

  test('an answer larger than allowed is not read to its end', async () => {
    handler = (_, response) => sendJson(response, configMap('a', 1, { data: 'x'.repeat(2_000) }));
    await expect(clientOf({ maxResponseBytes: 1_000 }).get(configMaps, key)).rejects.toThrow('larger than 1000 bytes');
  });

  test('a bucket lets the burst pass at once and makes the rest wait', async () => {
    const limit = rateLimiter(0.001, 2)!;
    const abort = new AbortController();
    expect(limit(abort.signal)).toBeUndefined();
    expect(limit(abort.signal)).toBeUndefined();
    const third = limit(abort.signal);
    expect(third).toBeInstanceOf(Promise);
    abort.abort(new Error('stop'));
    await expect(third).rejects.toThrow('stop');
    expect(rateLimiter(undefined, 100)).toBeUndefined();
    expect(rateLimiter(-1, 100)).toBeUndefined();
  });

  test('closing fails what is in flight and all that follows', async () => {
    handler = () => {};
    const client = clientOf();
    const call = client.get(configMaps, key).catch((e: unknown) => e);
    await until(() => server.seen.length === 1);
    await client.close();
    expect(isConnectionError(await call)).toBe(true);
    await expect(client.get(configMaps, key)).rejects.toThrow('closed');
  });
});

test('a server that cannot be reached is named with the reason', async () => {
  const { url } = server;
  await server.stop();
  const error = await clientOf()
    .get(configMaps, key)
    .catch((e: unknown) => e);
  expect(isConnectionError(error)).toBe(true);
  expect((error as Error).message).toContain(`GET ${url}/api/v1/namespaces/apps/configmaps/a`);
  expect((error as Error).message).toContain('ECONNREFUSED');
});

test('lists are asked for compressed, unless that is switched off', async () => {
  handler = (request, response) => {
    const bytes = Buffer.from(JSON.stringify(configMapList([configMap('a', 1)], 1)));
    const gzip = request.headers['accept-encoding'] === 'gzip';
    response.writeHead(200, { 'content-type': 'application/json', ...(gzip && { 'content-encoding': 'gzip' }) });
    response.end(gzip ? gzipSync(bytes) : bytes);
  };
  expect((await clientOf().list(configMaps)).items).toHaveLength(1);
  expect((await clientOf({ disableCompression: true }).list(configMaps)).items).toHaveLength(1);
  expect(server.seen.map(({ headers }) => headers['accept-encoding'])).toEqual(['gzip', undefined]);
});

test('every exchange is reported with verb, resource, code and host', async () => {
  const observed: RequestObservation[] = [];
  const client = clientOf({ onRequest: (observation) => void observed.push(observation) });
  handler = (_, response) => sendStatus(response, 404, { reason: 'NotFound' });
  await client.find(configMaps, key);
  await client.patch(configMaps, key, { type: 'merge', body: {} }, { subresource: 'status' }).catch(() => {});
  const host = `127.0.0.1:${server.port}`;
  expect(observed).toMatchObject([
    { method: 'GET', verb: 'get', resource: 'configmaps', code: 404, host },
    { method: 'PATCH', verb: 'patch', resource: 'configmaps/status', code: 404, host },
  ]);
});

test('RTM-284, RTM-345: the client-side limit is dropped when the server shows priority and fairness', async () => {
  const config = { server: server.url, qps: 50, burst: 300 };
  handler = (_, response) => response.writeHead(200, { 'x-kubernetes-pf-flowschema-uid': 'u' }).end();
  expect(await withFlowControl(config)).toMatchObject({ qps: undefined, burst: undefined });
  expect(server.lines()).toEqual(['HEAD /livez/ping']);
  handler = (_, response) => response.writeHead(200).end();
  expect(await withFlowControl(config)).toBe(config);
  handler = (_, response) => response.writeHead(403).end();
  expect(await hasFlowControl(config)).toBe(false);
});
