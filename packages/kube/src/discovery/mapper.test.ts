import { createClient, DiscoveryError, isConnectionError, NoMatchError } from '../index.ts';
import { sendJson, sendStatus, startServer, until, type Handler, type TestServer } from '../testing/server.ts';
import type { KubeClient } from '../types.ts';
import { createMapper } from './mapper.ts';

const deployments = { group: 'apps', version: 'v1', kind: 'Deployment' };
const widget = { group: 'example.org', version: 'v1', kind: 'Widget' };
const crds = { group: 'apiextensions.k8s.io', version: 'v1', kind: 'CustomResourceDefinition' };

/** One kind of an aggregated discovery answer. */
const entry = (group: string, version: string, kind: string, resource: string, scope = 'Namespaced') => ({
  resource,
  responseKind: { group, version, kind },
  scope,
  singularResource: kind.toLowerCase(),
  verbs: ['get', 'list'],
  shortNames: [kind.slice(0, 2).toLowerCase()],
  subresources: [{ subresource: 'status', responseKind: { group, version, kind }, verbs: ['get'] }],
});
const group = (name: string, ...versions: object[]) => ({ metadata: { name }, versions });
const groupList = (...items: object[]) => ({ kind: 'APIGroupDiscoveryList', items });

let server: TestServer;
let client: KubeClient;
let handler: Handler;
beforeEach(async () => {
  server = await startServer((request, response) => handler(request, response));
  client = createClient({ server: server.url });
});
afterEach(async () => {
  await client.close();
  await server.stop();
});

describe('aggregated discovery', () => {
  beforeEach(() => {
    handler = ({ path }, response) =>
      sendJson(
        response,
        path === '/api'
          ? groupList(group('', { version: 'v1', resources: [entry('', 'v1', 'Pod', 'pods')] }))
          : groupList(
              group('apps', { version: 'v1', resources: [entry('apps', 'v1', 'Deployment', 'deployments')] }),
              group(
                'autoscaling',
                { version: 'v2', resources: [entry('autoscaling', 'v2', 'HPA', 'hpas')] },
                { version: 'v1', resources: [entry('autoscaling', 'v1', 'HPA', 'hpas')] },
              ),
              group('metrics.k8s.io', { version: 'v1', freshness: 'Stale' }),
            ),
      );
  });

  test('takes two requests for everything, once', async () => {
    expect(await client.mapper.resourceFor(deployments)).toMatchObject({ plural: 'deployments', namespaced: true });
    expect(await client.mapper.preferred('autoscaling', 'HPA')).toMatchObject({ version: 'v2' });
    expect((await client.mapper.resources()).map(({ version, kind }) => `${kind}.${version}`)).toEqual([
      'Pod.v1',
      'Deployment.v1',
      'HPA.v2',
      'HPA.v1',
    ]);
    expect(server.lines().sort()).toEqual(['GET /api', 'GET /apis']);
    expect(server.seen[0]?.headers.accept).toContain('as=APIGroupDiscoveryList');
  });

  test('a dead aggregated API leaves the other groups alone, and its own kinds undecided', async () => {
    expect(await client.mapper.resourceFor(deployments)).toMatchObject({ plural: 'deployments' });
    const metrics = { group: 'metrics.k8s.io', version: 'v1', kind: 'PodMetrics' };
    await expect(client.mapper.resourceFor(metrics)).rejects.toThrow(DiscoveryError);
    await expect(client.find(metrics, { name: 'x', namespace: 'y' })).rejects.toThrow(DiscoveryError);
    await expect(client.mapper.preferred('metrics.k8s.io', 'PodMetrics')).rejects.toThrow(DiscoveryError);
  });
});

test('servers without aggregated discovery are asked group by group, and one group may fail', async () => {
  handler = ({ path }, response) => {
    if (path === '/api') return sendJson(response, { kind: 'APIVersions', versions: ['v1'] });
    if (path === '/apis') {
      const versions = [{ version: 'v1beta1' }, { version: 'v1' }];
      return sendJson(response, {
        kind: 'APIGroupList',
        groups: [
          { name: 'apps', versions, preferredVersion: { version: 'v1' } },
          { name: 'example.org', versions: [{ version: 'v1' }] },
        ],
      });
    }
    if (path === '/apis/example.org/v1') return sendStatus(response, 503, { message: 'the backend is down' });
    return sendJson(response, {
      kind: 'APIResourceList',
      resources: [
        { name: 'deployments', kind: 'Deployment', namespaced: true, verbs: ['get'] },
        { name: 'deployments/status', kind: 'Deployment', namespaced: true, verbs: ['get'] },
      ],
    });
  };
  expect(await client.mapper.preferred('apps', 'Deployment')).toMatchObject({ version: 'v1', plural: 'deployments' });
  await expect(client.mapper.resourceFor(widget)).rejects.toThrow('the backend is down');
});

test('a kind that appears later is found: after 5 s by itself, at once after invalidation', async () => {
  let now = 0;
  let served = false;
  let requests = 0;
  const mapper = createMapper(
    async (path) => {
      requests++;
      const versions = served ? [{ version: 'v1', resources: [entry('example.org', 'v1', 'Widget', 'widgets')] }] : [];
      return { body: path === '/api' ? groupList() : groupList(group('example.org', ...versions)) };
    },
    () => now,
  );
  await expect(mapper.resourceFor(widget)).rejects.toThrow(NoMatchError);
  served = true;
  now = 4_999;
  await expect(mapper.resourceFor(widget)).rejects.toThrow(NoMatchError);
  expect(requests).toBe(2);
  now = 5_000;
  expect(await mapper.resourceFor(widget)).toMatchObject({ plural: 'widgets' });
  expect(requests).toBe(4);
  served = false;
  mapper.invalidate();
  await expect(mapper.resourceFor(widget)).rejects.toThrow(NoMatchError);
  served = true;
  mapper.invalidate();
  expect(await mapper.resourceFor(widget)).toMatchObject({ plural: 'widgets' });
});

test('RTM-279: an impersonated client can use a kind that was added while it exists', async () => {
  let served = false;
  handler = ({ path }, response) => {
    if (path.startsWith('/apis/')) return sendJson(response, { metadata: { name: 'a' } });
    const versions = served ? [{ version: 'v1', resources: [entry('example.org', 'v1', 'Widget', 'widgets')] }] : [];
    return sendJson(response, groupList(...(path === '/apis' ? [group('example.org', ...versions)] : [])));
  };
  const tenant = client.impersonate({ user: 'system:serviceaccount:apps:tenant' });
  const key = { namespace: 'apps', name: 'a' };
  await expect(tenant.get(widget, key)).rejects.toThrow(NoMatchError);
  served = true;
  client.mapper.invalidate();
  expect((await tenant.get(widget, key)).metadata.name).toBe('a');
  expect(server.seen.at(-1)?.headers['impersonate-user']).toBe('system:serviceaccount:apps:tenant');
});

test('an answer from before an invalidation is not kept', async () => {
  const answers: (() => void)[] = [];
  handler = ({ path }, response) => {
    const served = server.seen.length > 2;
    const items =
      served && path === '/apis'
        ? [group('example.org', { version: 'v1', resources: [entry('example.org', 'v1', 'Widget', 'widgets')] })]
        : [];
    answers.push(() => sendJson(response, groupList(...items)));
  };
  const early = client.mapper.resourceFor(widget).catch((e: unknown) => e);
  await until(() => answers.length === 2);
  client.mapper.invalidate();
  const late = client.mapper.resourceFor(widget);
  await until(() => answers.length === 4);
  for (const answer of answers) answer();
  expect(await late).toMatchObject({ plural: 'widgets' });
  expect(await early).toBeInstanceOf(NoMatchError);
  expect(await client.mapper.resourceFor(widget)).toMatchObject({ plural: 'widgets' });
  expect(server.seen).toHaveLength(4);
});

test('many callers share one discovery, and one that gives up does not take it from the others', async () => {
  const answers: (() => void)[] = [];
  handler = (_, response) =>
    answers.push(() =>
      sendJson(
        response,
        groupList(
          group('apiextensions.k8s.io', {
            version: 'v1',
            resources: [entry(crds.group, 'v1', crds.kind, 'crds', 'Cluster')],
          }),
        ),
      ),
    );
  const abort = new AbortController();
  const patient = client.mapper.resourceFor(crds);
  const hasty = client.mapper.resourceFor(crds, { signal: abort.signal });
  await until(() => answers.length === 2);
  abort.abort(new Error('no time'));
  await expect(hasty).rejects.toThrow('no time');
  for (const answer of answers) answer();
  expect(await patient).toMatchObject({ namespaced: false });
  expect(server.seen).toHaveLength(2);
});

test('a server that does not answer is not mistaken for one that serves nothing', async () => {
  await server.stop();
  const error = await client.find(widget, { name: 'a', namespace: 'b' }).catch((e: unknown) => e);
  expect(isConnectionError(error)).toBe(true);
});
