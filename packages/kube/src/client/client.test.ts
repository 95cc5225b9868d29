import { createClient, isAlreadyExists, isConflict, isExpired, isNotFound, NoMatchError, ApiError } from '../index.ts';
import { configMap, configMapList, configMaps, namespaces } from '../testing/objects.ts';
import {
  beginWatch,
  sendEvent,
  sendJson,
  sendStatus,
  startServer,
  type Handler,
  type TestServer,
} from '../testing/server.ts';
import type { KubeClient } from '../types.ts';

const key = { namespace: 'apps', name: 'a' };
let server: TestServer;
let client: KubeClient;
let handler: Handler;

beforeAll(async () => {
  server = await startServer((request, response) => handler(request, response));
  client = createClient({ server: `${server.url}/prefix/`, userAgent: 'test/1' });
});
beforeEach(() => {
  server.seen.length = 0;
  handler = (_, response) => sendJson(response, configMap('a', 1));
});
afterAll(async () => {
  await client.close();
  await server.stop();
});
const last = () => server.seen.at(-1)!;

describe('requests', () => {
  test('address objects below the path prefix of the server, with the user agent', async () => {
    await client.get(configMaps, key);
    expect(last()).toMatchObject({ method: 'GET', path: '/prefix/api/v1/namespaces/apps/configmaps/a' });
    expect(last().headers['user-agent']).toBe('test/1');
    await client.get(namespaces, { namespace: 'ignored', name: 'n' });
    expect(last().path).toBe('/prefix/api/v1/namespaces/n');
  });

  test('apply sends the object without managed fields, as YAML-typed JSON, with its options', async () => {
    const mapped = createClient({ server: server.url });
    handler = (request, response) => {
      if (request.path === '/api') return sendJson(response, { kind: 'APIVersions', versions: ['v1'] });
      if (request.path === '/apis') return sendJson(response, { kind: 'APIGroupList', groups: [] });
      if (request.path === '/api/v1') {
        return sendJson(response, { resources: [{ name: 'configmaps', kind: 'ConfigMap', namespaced: true }] });
      }
      return sendJson(response, configMap('a', 2));
    };
    const object = configMap('a', 1, { data: { k: 'v' } });
    object.metadata.managedFields = [{ manager: 'x' }];
    const answer = await mapped.apply(object, {
      fieldManager: 'me',
      force: true,
      dryRun: true,
      fieldValidation: 'Strict',
    });
    expect(answer.metadata.resourceVersion).toBe('2');
    expect(last()).toMatchObject({
      method: 'PATCH',
      path: '/api/v1/namespaces/apps/configmaps/a',
      query: { fieldManager: 'me', force: 'true', dryRun: 'All', fieldValidation: 'Strict' },
    });
    expect(last().headers['content-type']).toBe('application/apply-patch+yaml');
    expect(JSON.parse(last().body).metadata).not.toHaveProperty('managedFields');
    expect(object.metadata.managedFields).toHaveLength(1);
    await mapped.close();
  });

  test.each([
    ['json', [{ op: 'add', path: '/data', value: {} }], 'application/json-patch+json'],
    ['merge', { data: { a: null } }, 'application/merge-patch+json'],
    ['strategic', { data: { a: 'b' } }, 'application/strategic-merge-patch+json'],
  ] as const)('%s patches carry their media type and subresource', async (type, body, contentType) => {
    await client.patch(configMaps, key, { type, body } as Parameters<KubeClient['patch']>[2], {
      subresource: 'status',
    });
    expect(last().path).toBe('/prefix/api/v1/namespaces/apps/configmaps/a/status');
    expect(last().headers['content-type']).toBe(contentType);
    expect(JSON.parse(last().body)).toEqual(body);
  });

  test('delete sends preconditions, propagation and dry run as DeleteOptions', async () => {
    await client.delete(configMaps, key, {
      preconditions: { uid: 'u', resourceVersion: '7' },
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      dryRun: true,
    });
    expect(last().method).toBe('DELETE');
    expect(JSON.parse(last().body)).toEqual({
      apiVersion: 'v1',
      kind: 'DeleteOptions',
      preconditions: { uid: 'u', resourceVersion: '7' },
      propagationPolicy: 'Foreground',
      gracePeriodSeconds: 0,
      dryRun: ['All'],
    });
  });

  test('a derived client acts as somebody else, over the same connections', async () => {
    const other = client.impersonate({
      user: 'system:serviceaccount:tenant:app',
      groups: ['g1', 'g2'],
      extra: { 'example.org/Scope': ['a'] },
    });
    await other.get(configMaps, key);
    expect(last().headers).toMatchObject({
      'impersonate-user': 'system:serviceaccount:tenant:app',
      'impersonate-group': 'g1, g2',
      'impersonate-extra-example.org%2fscope': 'a',
    });
    await client.get(configMaps, key);
    expect(last().headers).not.toHaveProperty('impersonate-user');
  });

  test('a missing namespace or name is refused before anything is sent', async () => {
    const error = await client.delete(configMaps, { name: 'a' }).catch((e: unknown) => e);
    expect(error).toMatchObject({ reason: 'BadRequest', message: expect.stringContaining('a namespace is needed') });
    await expect(client.delete(configMaps, { namespace: 'apps', name: '' })).rejects.toThrow('a name is needed');
    expect(server.seen).toHaveLength(0);
  });
});

describe('lists', () => {
  test('fetch every page, and give the items their kind', async () => {
    handler = ({ query }, response) =>
      query.continue === 'next'
        ? sendJson(response, configMapList([configMap('b', 2)], 9))
        : sendJson(response, configMapList([configMap('a', 1)], 9, 'next'));
    const list = await client.list(configMaps, { labelSelector: 'a=b', pageSize: 1 });
    expect(list.resourceVersion).toBe('9');
    expect(list.items.map(({ kind, apiVersion, metadata }) => [apiVersion, kind, metadata.name])).toEqual([
      ['v1', 'ConfigMap', 'a'],
      ['v1', 'ConfigMap', 'b'],
    ]);
    expect(server.seen.map(({ query }) => query)).toEqual([
      { labelSelector: 'a=b', limit: '1' },
      { labelSelector: 'a=b', limit: '1', continue: 'next' },
    ]);
  });

  test('start over undivided when the pages have expired', async () => {
    handler = ({ query }, response) => {
      if (query.continue) return sendStatus(response, 410, { reason: 'Expired', message: 'too old' });
      if (query.limit) return sendJson(response, configMapList([configMap('a', 1)], 9, 'next'));
      return sendJson(response, configMapList([configMap('a', 1), configMap('b', 2)], 10));
    };
    const list = await client.list(configMaps);
    expect(list.items.map(({ metadata }) => metadata.name)).toEqual(['a', 'b']);
    expect(list.resourceVersion).toBe('10');
  });

  test('metadata-only answers are asked for by media type and keep the kind of the object', async () => {
    handler = (_, response) =>
      sendJson(response, {
        kind: 'PartialObjectMetadataList',
        metadata: { resourceVersion: '1' },
        items: [{ apiVersion: 'meta.k8s.io/v1', kind: 'PartialObjectMetadata', metadata: { name: 'a' } }],
      });
    const { items } = await client.list(configMaps, { metadataOnly: true });
    expect(last().headers.accept).toBe('application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1');
    expect(items[0]).toMatchObject({ apiVersion: 'v1', kind: 'ConfigMap' });
  });
});

describe('errors', () => {
  test('say what the server said, and keep its Status', async () => {
    handler = (_, response) =>
      sendStatus(response, 409, {
        reason: 'Conflict',
        message: 'Apply failed with 1 conflict: conflict with "kubectl": .data.k',
        details: { causes: [{ reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.data.k' }] },
      });
    const error = await client.get(configMaps, key).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(ApiError);
    expect(isConflict(error)).toBe(true);
    expect((error as ApiError).message).toBe('Apply failed with 1 conflict: conflict with "kubectl": .data.k');
    expect((error as ApiError).causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "kubectl"', field: '.data.k' },
    ]);
  });

  test('AlreadyExists is not a Conflict', async () => {
    handler = (_, response) => sendStatus(response, 409, { reason: 'AlreadyExists', message: 'exists' });
    const error = await client.get(configMaps, key).catch((e: unknown) => e);
    expect([isAlreadyExists(error), isConflict(error)]).toEqual([true, false]);
  });

  test('are typed even when the answer is not a Status', async () => {
    handler = (_, response) => response.writeHead(404, { 'content-type': 'text/plain' }).end('404 page not found\n');
    const error = await client.get(configMaps, key).catch((e: unknown) => e);
    expect(isNotFound(error)).toBe(true);
    expect((error as Error).message).toBe('404 page not found');
  });

  test('find answers undefined for an object, or a kind, that is not there', async () => {
    handler = (request, response) => {
      if (request.path.endsWith('/api') || request.path.endsWith('/apis')) {
        return sendJson(response, { kind: 'APIGroupDiscoveryList', items: [] });
      }
      return sendStatus(response, 404, { reason: 'NotFound', message: 'not found' });
    };
    expect(await client.find(configMaps, key)).toBeUndefined();
    const unknown = { group: 'example.org', version: 'v1', kind: 'Widget' };
    expect(await client.find(unknown, key)).toBeUndefined();
    await expect(client.get(unknown, key)).rejects.toThrow(NoMatchError);
    await expect(client.get(unknown, key)).rejects.toThrow('no matches for kind "Widget" in version "example.org/v1"');
  });
});

describe('watches', () => {
  async function collect(options: { signal?: AbortSignal } = {}) {
    const events = [];
    for await (const event of client.watch(configMaps, { resourceVersion: '5', namespace: 'apps', ...options })) {
      events.push(event);
    }
    return events;
  }

  test('deliver events and bookmarks until the server ends them, whatever the chunks', async () => {
    handler = async (_, response) => {
      beginWatch(response);
      const bytes = Buffer.from(
        `${JSON.stringify({ type: 'ADDED', object: configMap('a', 6, { data: { k: 'häßlich 🌍' } }) })}\n` +
          `${JSON.stringify({ type: 'BOOKMARK', object: { kind: 'ConfigMap', metadata: { resourceVersion: '9' } } })}\n` +
          `${JSON.stringify({ type: 'DELETED', object: configMap('a', 10) })}\n`,
      );
      response.socket?.setNoDelay(true);
      for (let at = 0; at < bytes.length; at += 3) {
        await new Promise((done) => response.write(bytes.subarray(at, at + 3), done));
      }
      response.end();
    };
    const events = await collect();
    expect(last().query).toEqual({ watch: 'true', allowWatchBookmarks: 'true', resourceVersion: '5' });
    expect(events).toMatchObject([
      { type: 'ADDED', object: { data: { k: 'häßlich 🌍' } } },
      { type: 'BOOKMARK', resourceVersion: '9' },
      { type: 'DELETED', object: { metadata: { resourceVersion: '10' } } },
    ]);
  });

  test('throw Expired for a resource version that is too old, as event and as answer', async () => {
    const gone = {
      kind: 'Status',
      status: 'Failure',
      code: 410,
      reason: 'Expired',
      message: 'too old resource version',
    };
    handler = (_, response) => {
      sendEvent(beginWatch(response), 'ERROR', gone);
      response.end();
    };
    const event = await collect().catch((e: unknown) => e);
    expect(isExpired(event)).toBe(true);
    handler = (_, response) => sendJson(response, gone, 410);
    expect(isExpired(await collect().catch((e: unknown) => e))).toBe(true);
  });

  test('throw when the stream breaks off within an event', async () => {
    handler = (_, response) => beginWatch(response).end('{"type":"ADDED","obj');
    await expect(collect()).rejects.toThrow('broke off within an event');
    handler = (_, response) => {
      beginWatch(response).write('{"type":"ADDED","obj', () => response.destroy());
    };
    await expect(collect()).rejects.toMatchObject({ name: 'ConnectionError' });
  });

  test('end with the reason of the signal', async () => {
    const abort = new AbortController();
    handler = (_, response) => {
      beginWatch(response);
      abort.abort(new Error('enough'));
    };
    await expect(collect({ signal: abort.signal })).rejects.toThrow('enough');
  });
});
