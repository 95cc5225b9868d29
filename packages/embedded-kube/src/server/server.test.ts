import { connect } from 'node:net';
import { configMap, configMaps, type Loose, type Session, startSession } from '../testing/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.server.close());

/** The next `count` events of a watch. */
async function events(path: string, count: number, act: () => Promise<unknown> = async () => undefined) {
  const found: { type: string; object: Loose }[] = [];
  const watch = session.watch(path);
  const first = watch.next();
  await act();
  for (let next = await first; !next.done; next = await watch.next()) {
    found.push(next.value);
    if (found.length === count) break;
  }
  await watch.return(undefined);
  return found;
}

const revision = async () => (await session.get(configMaps)).body.metadata.resourceVersion;

describe('watches', () => {
  test('from a revision on', async () => {
    const since = await revision();
    const found = await events(`${configMaps}?watch=true&resourceVersion=${since}`, 3, async () => {
      await session.post(configMaps, configMap('w1'));
      await session.patch(`${configMaps}/w1`, 'merge', { data: { a: '1' } });
      await session.delete(`${configMaps}/w1`);
    });
    expect(found.map((event) => event.type)).toEqual(['ADDED', 'MODIFIED', 'DELETED']);
    const revisions = found.map((event) => Number(event.object.metadata.resourceVersion));
    expect(revisions).toEqual([...revisions].sort((a, b) => a - b));
  });

  test('a selector turns changes into appearing and vanishing', async () => {
    await session.post(configMaps, configMap('w2'));
    const since = await revision();
    const found = await events(
      `${configMaps}?watch=true&labelSelector=on%3Dyes&resourceVersion=${since}`,
      2,
      async () => {
        await session.patch(`${configMaps}/w2`, 'merge', { metadata: { labels: { on: 'yes' } } });
        await session.patch(`${configMaps}/w2`, 'merge', { metadata: { labels: { on: 'no' } } });
      },
    );
    expect(found.map((event) => event.type)).toEqual(['ADDED', 'DELETED']);
  });

  test('initial events end with a bookmark', async () => {
    await session.post(configMaps, configMap('w3'));
    const path = `${configMaps}?watch=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan&allowWatchBookmarks=true`;
    const items = (await session.get(configMaps)).body.items.length;
    const found = await events(path, items + 1);
    expect(found.slice(0, -1).every((event) => event.type === 'ADDED')).toBe(true);
    expect(found.at(-1)).toMatchObject({
      type: 'BOOKMARK',
      object: { kind: 'ConfigMap', metadata: { annotations: { 'k8s.io/initial-events-end': 'true' } } },
    });
  });

  test('a forgotten revision has expired', async () => {
    const since = await revision();
    await session.post(configMaps, configMap('w4'));
    session.server.compact();
    const { body } = await session.get(`${configMaps}?watch=true&resourceVersion=${since}`);
    expect(body).toMatchObject({ code: 410, reason: 'Expired' });
    expect(body.message).toMatch(/^too old resource version: \d+ \(\d+\)$/);
  });

  test('end at their timeout, with a bookmark', async () => {
    const found = await events(
      `${configMaps}?watch=true&resourceVersion=${await revision()}&timeoutSeconds=0&allowWatchBookmarks=true`,
      5,
    );
    expect(found.map((event) => event.type)).toEqual(['BOOKMARK']);
  });

  test('nonsense in the parameters is refused', async () => {
    expect((await session.get(`${configMaps}?watch=true&resourceVersion=abc`)).code).toBe(500);
    expect((await session.get(`${configMaps}?watch=true&timeoutSeconds=soon`)).code).toBe(400);
    expect((await session.get(`${configMaps}?labelSelector=a%20b%20c`)).code).toBe(400);
  });
});

describe('malformed requests', () => {
  test.each([
    ['bad JSON', '{"apiVersion":', 'application/json', 400],
    ['no object', '[]', 'application/json', 400],
    ['nothing in it', '{}', 'application/json', 422],
    ['bad YAML', 'a: [', 'application/yaml', 400],
    ['another kind', '{"apiVersion":"v1","kind":"Secret","metadata":{"name":"x"}}', 'application/json', 400],
    ['another version', '{"apiVersion":"v2","kind":"ConfigMap","metadata":{"name":"x"}}', 'application/json', 400],
    ['metadata of the wrong type', '{"apiVersion":"v1","kind":"ConfigMap","metadata":[]}', 'application/json', 400],
    [
      'labels of the wrong type',
      '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"x","labels":{"a":1}}}',
      'application/json',
      400,
    ],
    ['no name', '{"apiVersion":"v1","kind":"ConfigMap"}', 'application/json', 422],
    ['an unknown content type', 'x', 'text/plain', 415],
  ])('%s', async (_, text, type, code) => {
    const answer = await session.request('POST', configMaps, text, { 'Content-Type': type });
    expect(answer.code).toBe(code);
    expect(answer.body).toMatchObject({ kind: 'Status', status: 'Failure', code });
  });

  test('bodies beyond 3 MiB', async () => {
    const { code } = await session.request('POST', configMaps, 'x'.repeat(3 * 1024 * 1024 + 1));
    expect(code).toBe(413);
    expect((await session.get('/healthz')).text).toBe('ok');
  });

  test('broken escapes, bytes that are no HTTP, and methods that nothing has', async () => {
    expect((await session.get('/api/v1/namespaces/%zz/configmaps')).code).toBe(400);
    await new Promise<void>((resolve) => {
      const socket = connect(Number(new URL(session.server.url).port), '127.0.0.1', () =>
        socket.end('\u0000\u0001nonsense\r\n\r\n'),
      );
      socket.on('error', () => undefined).on('close', () => resolve());
      socket.resume();
    });
    expect((await session.request('OPTIONS', configMaps)).code).toBe(405);
    expect((await session.get('/healthz')).text).toBe('ok');
  });
});

describe('documents', () => {
  test('discovery in both forms', async () => {
    expect((await session.get('/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] });
    const groups = (await session.get('/apis')).body;
    expect(groups.groups.map((group: Loose) => group.name)).toEqual(
      expect.arrayContaining(['apps', 'apiextensions.k8s.io', 'rbac.authorization.k8s.io']),
    );
    const core = (await session.get('/api/v1')).body;
    expect(core.resources.map((resource: Loose) => resource.name)).toEqual(
      expect.arrayContaining(['pods', 'pods/status', 'serviceaccounts/token']),
    );
    const aggregated = await session.get('/apis', {
      Accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList',
    });
    expect(aggregated.body).toMatchObject({ kind: 'APIGroupDiscoveryList', apiVersion: 'apidiscovery.k8s.io/v2' });
  });

  test('version, health, OpenAPI', async () => {
    expect((await session.get('/version')).body).toMatchObject({ major: '1', minor: '35' });
    for (const path of ['/healthz', '/readyz', '/livez', '/livez/ping'])
      expect((await session.get(path)).text).toBe('ok');
    const index = (await session.get('/openapi/v3')).body as unknown as {
      paths: Record<string, { serverRelativeURL: string }>;
    };
    const document = await session.get(index.paths['apis/apps/v1']!.serverRelativeURL);
    expect(document.text).toContain('"io.k8s.api.apps.v1.Deployment"');
    expect((await session.get('/openapi/v2')).text).toContain('#/definitions/io.k8s.api.core.v1.PodSpec');
  });

  test('requests are counted', async () => {
    session.server.resetStats();
    await session.get(configMaps);
    await session.get(`${configMaps}/none`);
    expect(session.server.stats()).toEqual([
      { verb: 'list', resource: 'configmaps', code: 200, client: 'test', count: 1 },
      { verb: 'get', resource: 'configmaps', code: 404, client: 'test', count: 1 },
    ]);
  });

  test('tokens of service accounts', async () => {
    const path = '/api/v1/namespaces/default/serviceaccounts/default/token';
    const { body } = await session.post(path, {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenRequest',
      spec: { expirationSeconds: 600 },
    });
    const token = (body.status as { token: string }).token;
    const review = await session.post('/apis/authentication.k8s.io/v1/tokenreviews', {
      apiVersion: 'authentication.k8s.io/v1',
      kind: 'TokenReview',
      spec: { token },
    });
    expect(review.body.status).toMatchObject({
      authenticated: true,
      user: { username: 'system:serviceaccount:default:default' },
    });
    const forged = await session.post('/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: `${token}x` } });
    expect(forged.body.status).toMatchObject({ authenticated: false });
  });
});

test('a server that was away comes back with its state', async () => {
  const other = await startSession();
  await other.post(configMaps, configMap('kept'));
  await other.server.disconnect();
  await expect(other.get(configMaps)).rejects.toThrow();
  await other.server.reconnect();
  expect((await other.get(`${configMaps}/kept`)).code).toBe(200);
  await other.server.close();
});

describe('protobuf', () => {
  const field = (number: number, bytes: Buffer | string) => {
    const content = Buffer.from(bytes);
    return Buffer.concat([Buffer.from([(number << 3) | 2, content.length]), content]);
  };
  const envelope = (kind: string, raw: Buffer) =>
    Buffer.concat([Buffer.from('k8s\0'), field(1, Buffer.concat([field(1, 'v1'), field(2, kind)])), field(2, raw)]);
  const send = async (body: Buffer) => {
    const headers = { 'Content-Type': 'application/vnd.kubernetes.protobuf' };
    const response = await fetch(session.server.url + configMaps, {
      method: 'POST',
      body: new Uint8Array(body),
      headers,
    });
    return { code: response.status, body: (await response.json()) as Loose };
  };

  test('built-in kinds, as Go clients send them', async () => {
    const entry = Buffer.concat([field(1, 'key'), field(2, 'value')]);
    // A name and an empty namespace; data with one entry.
    const metadata = Buffer.concat([field(1, 'proto'), field(3, '')]);
    const { code, body } = await send(envelope('ConfigMap', Buffer.concat([field(1, metadata), field(2, entry)])));
    expect([code, body.metadata.name, body.data]).toEqual([201, 'proto', { key: 'value' }]);
  });

  test('broken bytes and unknown kinds are refused', async () => {
    expect((await send(Buffer.from('nonsense'))).code).toBe(400);
    expect((await send(envelope('ConfigMap', Buffer.from([0x0a, 0x7f, 1])))).code).toBe(400);
    expect((await send(envelope('Widget', Buffer.alloc(0)))).code).toBe(415);
  });
});

test('a server with a token refuses who does not have it', async () => {
  const locked = await startSession({ token: 'secret' });
  expect((await locked.get(configMaps)).body).toMatchObject({ code: 401, reason: 'Unauthorized' });
  expect((await locked.get(configMaps, { Authorization: 'Bearer secret' })).code).toBe(200);
  expect(locked.server.kubeconfigYaml).toContain('token: secret');
  await locked.server.close();
});
