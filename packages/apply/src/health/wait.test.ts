import { type KubeObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { ConnectionError, type KubeClient } from '@gitops-toolkit/kube';
import { openCluster, type TestCluster } from '../testing/cluster.ts';
import { HealthError } from './errors.ts';
import { createHealthRules } from './rules.ts';
import { type HealthRef, waitForHealth, type HealthWaitOptions } from './wait.ts';

let cluster: TestCluster;
let counter = 0;

beforeAll(async () => {
  cluster = await openCluster(startEmbeddedKube);
});
afterAll(() => cluster.close());

const types = {
  Job: { group: 'batch', version: 'v1', kind: 'Job' },
  Deployment: { group: 'apps', version: 'v1', kind: 'Deployment' },
  StatefulSet: { group: 'apps', version: 'v1', kind: 'StatefulSet' },
  ConfigMap: { group: '', version: 'v1', kind: 'ConfigMap' },
  Pod: { group: '', version: 'v1', kind: 'Pod' },
};

function manifest(kind: keyof typeof types, name: string): KubeObject {
  const { group, version } = types[kind];
  const labels = { app: name };
  const podSpec = { containers: [{ name: 'main', image: 'example.org/web:1' }] };
  const template = { metadata: { labels }, spec: podSpec };
  const specs: Record<string, object> = {
    Job: { spec: { template: { metadata: { labels }, spec: { ...podSpec, restartPolicy: 'Never' } } } },
    Deployment: { spec: { selector: { matchLabels: labels }, template } },
    StatefulSet: { spec: { serviceName: name, selector: { matchLabels: labels }, template } },
    Pod: { spec: podSpec },
    ConfigMap: {},
  };
  return {
    apiVersion: group ? `${group}/${version}` : version,
    kind,
    metadata: { namespace: cluster.namespace, name, labels },
    ...specs[kind],
  } as KubeObject;
}

async function stored(kind: keyof typeof types): Promise<HealthRef> {
  const name = `it-${++counter}`;
  await cluster.create(manifest(kind, name));
  return { type: types[kind], key: { namespace: cluster.namespace, name } };
}

async function setStatus(ref: HealthRef, status: object): Promise<void> {
  const { plural, group, version } = await cluster.other.mapper.resourceFor(ref.type);
  const root = group ? `/apis/${group}/${version}` : `/api/${version}`;
  const path = `${root}/namespaces/${ref.key.namespace}/${plural}/${ref.key.name}/status`;
  await cluster.other.request('PATCH', path, { contentType: 'application/merge-patch+json', body: { status } });
}

const wait = (refs: HealthRef[], options: Partial<HealthWaitOptions> = {}) =>
  waitForHealth(cluster.client, refs, { timeoutMs: 10_000, ...options });

async function failure(work: Promise<void>): Promise<HealthError> {
  try {
    await work;
  } catch (error) {
    if (error instanceof HealthError) return error;
    throw error;
  }
  throw new Error('it did not fail');
}

const startTime = '2026-01-01T00:00:00Z';
const condition = (type: string, rest: object = {}) => ({
  type,
  status: 'True',
  lastTransitionTime: startTime,
  lastProbeTime: startTime,
  ...rest,
});
const failedJob = { startTime, conditions: [condition('FailureTarget'), condition('Failed')] };
const text = ({ type, key }: HealthRef) => `${type.kind}/${key.namespace}/${key.name}`;
const configured = (path: string) => createHealthRules([{ apiVersion: 'v1', kind: 'ConfigMap', current: path }]);

test('KUS-285: nothing to wait for', async () => {
  cluster.requests();
  await wait([]);
  expect(cluster.requests()).toEqual({});
});

test("an object just read that is Current is not read again, unless its kind is somebody else's", async () => {
  const ref = await stored('ConfigMap');
  const object = await cluster.other.get(types.ConfigMap, ref.key);
  cluster.requests();
  await wait([{ ...ref, object }]);
  expect(cluster.requests()).toEqual({});
  const custom = { group: 'example.org', version: 'v1', kind: 'Nothing' };
  const thing = { ...object, apiVersion: 'example.org/v1', kind: 'Nothing' };
  await failure(wait([{ type: custom, key: ref.key, object: thing }], { timeoutMs: 100 }));
});

test('KUS-287 KUS-289: all Current, found by group and kind in the preferred version', async () => {
  const { key } = await stored('ConfigMap');
  await wait([{ type: { group: '', version: 'v9', kind: 'ConfigMap' }, key }]);
});

test('KUS-290 KUS-488: it goes on when the object becomes Current, also one that did not exist', async () => {
  const name = `it-${++counter}`;
  const waiting = wait([{ type: types.ConfigMap, key: { namespace: cluster.namespace, name } }]);
  await cluster.create(manifest('ConfigMap', name));
  await waiting;
});

test('KUS-290: an object in progress is waited for', async () => {
  const ref = await stored('Deployment');
  let seen = 0;
  const rules = createHealthRules();
  const started = Promise.withResolvers<void>();
  const counting = {
    ...rules,
    status: (...args: Parameters<typeof rules.status>) => {
      seen++;
      started.resolve();
      return rules.status(...args);
    },
  };
  const waiting = wait([ref], { rules: counting });
  await started.promise;
  await setStatus(ref, {
    observedGeneration: 1,
    replicas: 1,
    updatedReplicas: 1,
    readyReplicas: 1,
    availableReplicas: 1,
    conditions: [
      condition('Progressing', { reason: 'NewReplicaSetAvailable', lastUpdateTime: startTime }),
      condition('Available', { lastUpdateTime: startTime }),
    ],
  });
  await waiting;
  expect(seen).toBeGreaterThan(1);
});

test('KUS-289 KUS-292 KUS-484: a Failed object ends the wait at once', async () => {
  const [failed, other] = [await stored('Job'), await stored('Deployment')];
  await setStatus(failed, failedJob);
  const error = await failure(wait([failed, other]));
  expect(error.outcome).toBe('failed');
  expect(error.message).toContain(`failed early due to stalled resources: [${text(failed)} status: 'Failed'`);
  expect(error.message).not.toContain(text(other));
});

test('KUS-289 KUS-484: without fail-fast it ends when all are Failed or Current', async () => {
  const [failed, fine] = [await stored('Job'), await stored('ConfigMap')];
  await setStatus(failed, failedJob);
  expect((await failure(wait([failed, fine], { failFast: false }))).outcome).toBe('failed');
  const other = await stored('Deployment');
  const error = await failure(wait([failed, fine, other], { failFast: false, timeoutMs: 300 }));
  expect(error.outcome).toBe('timeout');
  expect(error.findings.map(({ ref }) => ref.key.name).sort()).toEqual([failed.key.name, other.key.name].sort());
});

test('KUS-292 KUS-293 KUS-485: what is not Current in time is listed by name and status', async () => {
  const slow = await stored('Deployment');
  const missing = { type: types.ConfigMap, key: { namespace: cluster.namespace, name: 'missing' } };
  const fine = await stored('ConfigMap');
  const error = await failure(wait([slow, missing, fine], { timeoutMs: 300 }));
  expect(error.message).toContain('timeout waiting for: [');
  expect(error.message).toContain(`${text(slow)} status: 'InProgress'`);
  expect(error.message).toContain(`${text(missing)} status: 'NotFound'`);
  expect(error.message).not.toContain(text(fine));
});

test('KUS-291 KUS-487: a Job that may be gone', async () => {
  const key = { namespace: cluster.namespace, name: 'gone' };
  await wait([{ type: types.Job, key, expires: true }]);
  expect((await failure(wait([{ type: types.Job, key }], { timeoutMs: 200 }))).message).toContain("status: 'NotFound'");
});

test('KUS-296: a namespaced kind without a namespace fails at once', async () => {
  const ref = { type: types.Deployment, key: { name: 'web' } };
  const error = await failure(wait([ref, await stored('Deployment')]));
  expect(error.message).toBe('resource Deployment.apps web is namespace scoped, but namespace is not set');
});

test('KUS-299: a kind that is not served is Unknown until time is up', async () => {
  const ref = { type: { group: 'example.org', version: 'v1', kind: 'Nothing' }, key: { name: 'x' } };
  const error = await failure(wait([ref], { timeoutMs: 200 }));
  expect(error.message).toMatch(/Nothing\/x status: 'Unknown': no matches for kind "Nothing"/);
});

test('KUS-304: failed Pods fail their StatefulSet', async () => {
  const set = await stored('StatefulSet');
  const waiting = wait([set]);
  const pod = manifest('Pod', `${set.key.name}-0`);
  pod.metadata.labels = { app: set.key.name };
  await cluster.create(pod);
  await setStatus(
    { type: types.Pod, key: { namespace: cluster.namespace, name: pod.metadata.name } },
    {
      phase: 'Running',
      containerStatuses: [
        {
          name: 'main',
          image: 'example.org/web:1',
          imageID: '',
          ready: false,
          restartCount: 3,
          state: { waiting: { reason: 'CrashLoopBackOff' } },
        },
      ],
    },
  );
  expect((await failure(waiting)).message).toContain(`${text(set)} status: 'Failed': 1 pods have failed`);
});

test('KUS-486: an aborted wait ends with the reason of the signal', async () => {
  const reason = new Error('a new revision');
  const abort = new AbortController();
  const waiting = wait([await stored('Deployment')], { signal: abort.signal });
  abort.abort(reason);
  await expect(waiting).rejects.toBe(reason);
  await expect(wait([await stored('ConfigMap')], { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
});

test('KUS-318 KUS-316: what an expression cannot evaluate is Unknown, with the reason', async () => {
  const error = await failure(
    wait([await stored('ConfigMap')], { rules: configured('data.foo.bar == "x"'), timeoutMs: 200 }),
  );
  expect(error.message).toContain("status: 'Unknown': failed to evaluate the CEL expression 'data.foo.bar == \"x\"'");
});

test('KUS-321 RTM-529: an object follows its expressions', async () => {
  const ref = await stored('ConfigMap');
  const rules = createHealthRules([
    { apiVersion: 'v1', kind: 'ConfigMap', current: "data.?phase.orValue('') == 'done'", failed: 'has(data.broken)' },
  ]);
  const waiting = wait([ref], { rules });
  await cluster.other.patch(types.ConfigMap, ref.key, { type: 'merge', body: { data: { phase: 'done' } } });
  await waiting;
  await cluster.other.patch(types.ConfigMap, ref.key, { type: 'merge', body: { data: { broken: 'yes' } } });
  expect((await failure(wait([ref], { rules }))).outcome).toBe('failed');
});

test('KUS-290: a watch that breaks off leaves what was seen before it as it was', async () => {
  const ready = await stored('Deployment');
  const late = await stored('Deployment');
  const counts = { replicas: 1, updatedReplicas: 1, readyReplicas: 1, availableReplicas: 1 };
  const conditions = [condition('Available'), condition('Progressing', { reason: 'NewReplicaSetAvailable' })];
  const rolledOut = { observedGeneration: 1, ...counts, conditions };
  await setStatus(ready, rolledOut);
  const broken = Promise.withResolvers<void>();
  let watches = 0;
  const client: KubeClient = {
    ...cluster.client,
    async *watch(type, options) {
      if (++watches > 1) return yield* cluster.client.watch(type, options);
      await broken.promise;
      throw new ConnectionError({ message: 'connection reset', method: 'GET', path: '/' });
    },
  };
  const waiting = waitForHealth(client, [ready, late], { timeoutMs: 8_000, onCurrent: () => broken.resolve() });
  await broken.promise;
  await setStatus(late, rolledOut);
  await waiting;
  expect(watches).toBeGreaterThan(1);
});

test('a caller that does not wait after all is told nothing later', async () => {
  const ref = await stored('Job');
  const unhandled: unknown[] = [];
  const note = (error: unknown) => void unhandled.push(error);
  process.on('unhandledRejection', note);
  try {
    const shutdown = AbortSignal.abort(new Error('shutting down'));
    const aside = () => Promise.reject(new Error('shutting down'));
    await expect(wait([ref], { signal: shutdown, aside })).rejects.toThrow('shutting down');
    await new Promise((resolve) => setTimeout(resolve, 10));
    expect(unhandled).toEqual([]);
  } finally {
    process.off('unhandledRejection', note);
  }
});
