import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { KubeObject } from '@gitops-toolkit/api';
import { ConnectionError, type KubeClient } from '@gitops-toolkit/kube';
import { createLogger } from '../log/pino.ts';
import { manualClock } from '../testing/clock.ts';
import { connect, eventually, leaseKind } from '../testing/thing.ts';
import { createLeaderElection, LeadershipLostError, type LeaderElectionOptions } from './election.ts';

let kube: Awaited<ReturnType<typeof startEmbeddedKube>>;
let client: KubeClient;
beforeAll(async () => {
  kube = await startEmbeddedKube();
  client = await connect(kube.kubeconfigYaml);
});
afterAll(async () => {
  await client.close();
  await kube.close();
});

const log = createLogger({ destination: { write: () => {} } });
const candidate = (name: string, options: Partial<LeaderElectionOptions> = {}) =>
  createLeaderElection({ client, namespace: 'test', name, log, retryPeriodMs: 10, ...options });
const lease = async (name: string) =>
  (await client.get<KubeObject & { spec: Record<string, unknown> }>(leaseKind, { namespace: 'test', name })).spec;
const { signal } = new AbortController();

test('RTM-257, RTM-258: the first candidate writes its identity and the durations', async () => {
  const first = candidate('one', { retryPeriodMs: undefined });
  await first.acquire(signal);
  expect(await lease('one')).toMatchObject({
    holderIdentity: expect.stringMatching(/^.+_[0-9a-f-]{36}$/),
    leaseDurationSeconds: 35,
    leaseTransitions: 0,
    renewTime: expect.stringMatching(/\.\d{6}Z$/),
  });
});

test('RTM-261: a released lease is taken over at once', async () => {
  const first = candidate('two');
  await first.acquire(signal);
  const second = candidate('two');
  let acquired = false;
  const waiting = second.acquire(signal).then(() => (acquired = true));
  await new Promise((resolve) => setImmediate(resolve));
  expect(acquired).toBe(false);
  await first.release();
  await waiting;
  expect(await lease('two')).toMatchObject({ holderIdentity: second.identity, leaseTransitions: 1 });
});

test('RTM-258: a lease that is not renewed is taken when its duration has passed on our own clock', async () => {
  await candidate('three').acquire(signal);
  const clock = manualClock();
  const second = candidate('three', { clock, retryPeriodMs: 5000 });
  let acquired = false;
  void second.acquire(signal).then(() => (acquired = true));
  await eventually(() => clock.pending().length > 0);
  await clock.advance(30_000);
  expect(acquired).toBe(false);
  await eventually(async () => {
    await clock.advance(5000);
    return acquired;
  });
  expect((await lease('three')).holderIdentity).toBe(second.identity);
});

test('RTM-260: losing the lease to somebody else is an error', async () => {
  const first = candidate('four');
  await first.acquire(signal);
  const keeping = first.keep(signal);
  const body = { spec: { holderIdentity: 'somebody else' } };
  await client.patch(leaseKind, { namespace: 'test', name: 'four' }, { type: 'merge', body });
  await expect(keeping).rejects.toBeInstanceOf(LeadershipLostError);
});

test('RTM-258: renewing goes on until the signal aborts', async () => {
  const first = candidate('five');
  await first.acquire(signal);
  const { renewTime } = await lease('five');
  const stop = new AbortController();
  const keeping = first.keep(stop.signal);
  await eventually(async () => (await lease('five')).renewTime !== renewTime);
  stop.abort(new Error('stop'));
  await keeping;
});

test('RTM-258: setting the clock does not make a lease expire', async () => {
  await candidate('six').acquire(signal);
  const clock = manualClock();
  const stop = new AbortController();
  let acquired = false;
  const waiting = candidate('six', { clock, retryPeriodMs: 5000 })
    .acquire(stop.signal)
    .then(() => (acquired = true))
    .catch(() => {});
  await eventually(() => clock.pending().length > 0);
  clock.setTime(3_600_000);
  await clock.advance(6_000);
  await eventually(() => clock.pending().length > 0);
  expect(acquired).toBe(false);
  stop.abort(new Error('stop'));
  await waiting;
});

test('RTM-260: a holder that cannot renew gives up at its deadline, before others may take over', async () => {
  const clock = manualClock();
  const limits: number[] = [];
  const silent: KubeClient = {
    ...client,
    // What a server that does not answer looks like: each request ends with its own deadline.
    async update(_object, options) {
      limits.push(options!.timeoutMs!);
      await clock.advance(options!.timeoutMs!);
      throw new Error('no answer');
    },
  };
  const first = candidate('seven', { client: silent, clock, retryPeriodMs: 5000 });
  await first.acquire(signal);
  const startedAt = clock.elapsed();
  let lost: unknown;
  void first.keep(signal).catch((error: unknown) => (lost = error));
  await eventually(async () => {
    if (clock.pending().length > 0) await clock.advance(1000);
    return lost;
  });
  expect(lost).toBeInstanceOf(LeadershipLostError);
  expect(clock.elapsed() - startedAt).toBeLessThanOrEqual(32_000);
  expect(Math.max(...limits)).toBe(10_000);
});

test('RTM-260: a deleted lease is written again by its holder', async () => {
  const first = candidate('eight');
  await first.acquire(signal);
  await client.delete(leaseKind, { namespace: 'test', name: 'eight' });
  const stop = new AbortController();
  const keeping = first.keep(stop.signal);
  await eventually(async () => {
    const found = await client.find<KubeObject & { spec: object }>(leaseKind, { namespace: 'test', name: 'eight' });
    return found && (found.spec as { holderIdentity?: string }).holderIdentity === first.identity;
  });
  stop.abort(new Error('stop'));
  await keeping;
});

test('RTM-261: a lease is released although the server fails for a moment', async () => {
  let failures = 0;
  const failing: KubeClient = {
    ...client,
    async update(object, options) {
      if (failures++ < 2) throw new ConnectionError({ message: 'connection reset', method: 'PUT', path: '/' });
      return client.update(object, options);
    },
  };
  const first = candidate('nine', { client: failing });
  await first.acquire(signal);
  await first.release();
  expect((await lease('nine')).holderIdentity).toBe('');
});
