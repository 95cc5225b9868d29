import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { KubeObject } from '@gitops-toolkit/api';
import { createInformerCache, type KubeClient } from '@gitops-toolkit/kube';
import { Registry } from 'prom-client';
import type { ReconcileContext } from '../controller/context.ts';
import type { ControllerDefinition } from '../controller/definition.ts';
import { failing, Interrupted, stalling, waiting, type Outcome } from '../controller/outcome.ts';
import { createLogger } from '../log/pino.ts';
import { testServer } from '../testing/http.ts';
import {
  conditionView,
  configMapKind,
  connect,
  eventKind,
  eventually,
  thing,
  thingKind,
  type StoredEvent,
  type Thing,
} from '../testing/thing.ts';
import { createManager, type ManagerOptions } from './manager.ts';

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

/** Managers of the test, stopped after it, and then the things are gone. */
const stops: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const stop of stops.splice(0)) await stop();
  for (const { metadata } of (await client.list(thingKind)).items) {
    await client.patch(thingKind, metadata, { type: 'merge', body: { metadata: { finalizers: [] } } });
    await client.delete(thingKind, metadata).catch(() => {});
  }
});

type Reconcile = (ctx: ReconcileContext<Thing>) => Promise<Outcome | void>;

function start(
  reconcile: Reconcile,
  definition: Partial<ControllerDefinition<Thing>> = {},
  options: Partial<ManagerOptions> = {},
) {
  const stop = new AbortController();
  const lines: string[] = [];
  const registry = new Registry();
  const manager = createManager({
    name: 'thing-controller',
    client,
    cache: createInformerCache(client),
    registry,
    log: createLogger({ destination: { write: (line) => void lines.push(line) } }),
    minRetryDelayMs: 5,
    ...options,
  });
  const handle = manager.add<Thing>({ kind: thingKind, interval: () => 0, reconcile, ...definition });
  const ended = manager.start(stop.signal);
  stops.push(async () => {
    stop.abort(new Error('the test is over'));
    await ended;
  });
  return { manager, handle, registry, logs: () => lines.map((line) => JSON.parse(line)), stop: stops.at(-1)! };
}

const read = (name: string) => client.get<Thing>(thingKind, { namespace: 'test', name });
const change = (name: string, body: object) =>
  client.patch<Thing>(thingKind, { namespace: 'test', name }, { type: 'merge', body });
const whenReady = (name: string) =>
  eventually(async () => {
    const found = await read(name);
    // The conditions come first, the generation last (RTM-184).
    const isObserved = found.status?.observedGeneration === found.metadata.generation;
    return isObserved && conditionView(found).Ready?.startsWith('True') && found;
  });
const request = (token: string) => ({ metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': token } } });

describe('the life of an object', () => {
  test('RTM-176, RTM-117, RTM-53: first the finalizer is stored, then the work is done', async () => {
    const seen: (string[] | undefined)[] = [];
    start(async (ctx) => {
      seen.push((await read(ctx.object.metadata.name)).metadata.finalizers);
      return { ready: { reason: 'Succeeded', message: 'wrote it' } };
    });
    await client.create(thing('a'));
    const stored = await whenReady('a');
    expect(seen[0]).toEqual(['finalizers.fluxcd.io']);
    expect(conditionView(stored)).toEqual({ Ready: 'True Succeeded: wrote it' });
    expect(stored.status!.observedGeneration).toBe(stored.metadata.generation);
  });

  test('RTM-186, RTM-509: the field manager is on metadata and on the status', async () => {
    start(async () => {}, {}, { fieldManager: 'gotk-thing' });
    await client.create(thing('a'));
    const stored = await whenReady('a');
    const ours = stored.metadata.managedFields!.filter(({ manager }) => manager === 'gotk-thing');
    expect(ours.map(({ subresource }) => subresource ?? 'main').sort()).toEqual(['main', 'status']);
  });

  test('RTM-42, RTM-197, RTM-200, RTM-516: a token is echoed; a new one triggers a run', async () => {
    let runs = 0;
    start(async () => void runs++);
    await client.create(thing('a', {}, request('first').metadata));
    const stored = await whenReady('a');
    expect(stored.status!.lastHandledReconcileAt).toBe('first');
    const before = runs;
    await change('a', request('second'));
    await eventually(async () => (await read('a')).status!.lastHandledReconcileAt === 'second');
    expect(runs).toBe(before + 1);
  });

  test('an object that is in order costs no write', async () => {
    const { handle, registry } = start(async () => {});
    const successes = async () =>
      Number(/reconcile_total\{controller="thing",result="success"\} (\d+)/.exec(await registry.metrics())![1]);
    await client.create(thing('a'));
    const { metadata } = await whenReady('a');
    const before = await eventually(successes);
    handle.enqueue({ namespace: 'test', name: 'a' });
    await eventually(async () => (await successes()) > before);
    expect((await read('a')).metadata.resourceVersion).toBe(metadata.resourceVersion);
  });

  test('RTM-177, RTM-203: a suspended object is left alone, stays current, and its token is handled', async () => {
    let runs = 0;
    const { logs } = start(async () => void runs++);
    await client.create(thing('a'));
    await whenReady('a');
    const before = runs;
    await change('a', { spec: { suspend: true }, ...request('while suspended') });
    const stored = await eventually(async () => {
      const found = await read('a');
      return found.status!.lastHandledReconcileAt === 'while suspended' && found;
    });
    expect(runs).toBe(before);
    expect(stored.status!.observedGeneration).toBe(2);
    expect(stored.status!.conditions![0]).toMatchObject({ type: 'Ready', status: 'True', observedGeneration: 2 });
    expect(logs()).toContainEqual(expect.objectContaining({ msg: 'reconciliation is suspended', name: 'a' }));
  });

  test('RTM-209, RTM-211, RTM-180: deletion cleans up, retries a failure, and takes only our finalizer, also when suspended', async () => {
    const attempts: string[] = [];
    start(async () => {}, {
      async finalize(ctx) {
        attempts.push(ctx.object.metadata.name);
        if (attempts.length < 3) throw failing('CleanupFailed', 'not yet');
      },
    });
    await client.create(thing('a', { suspend: true }, { finalizers: ['example.org/other'] }));
    await eventually(async () => (await read('a')).metadata.finalizers!.length === 2);
    await client.delete(thingKind, { namespace: 'test', name: 'a' });
    const stored = await eventually(async () => {
      const found = await read('a');
      return found.metadata.finalizers!.length === 1 && found;
    });
    expect(stored.metadata.finalizers).toEqual(['example.org/other']);
    expect(attempts).toHaveLength(3);
  });

  test('RTM-195, RTM-564: with the last finalizer the object is gone, without an error, and so are its metrics', async () => {
    const { logs, registry } = start(async () => {}, { finalize: async () => {} });
    await client.create(thing('a'));
    await whenReady('a');
    await eventually(async () =>
      (await registry.metrics()).includes(
        'gotk_reconcile_duration_seconds_count{kind="Thing",name="a",namespace="test"}',
      ),
    );
    await client.delete(thingKind, { namespace: 'test', name: 'a' });
    await eventually(async () => !(await client.find(thingKind, { namespace: 'test', name: 'a' })));
    await eventually(async () => !(await registry.metrics()).includes('name="a"'));
    expect(logs().filter(({ level }) => level === 'error')).toEqual([]);
  });

  test('RTM-210, RTM-212: an object deleted before it had our finalizer never gets it', async () => {
    let finalized = false;
    await client.create(thing('a', {}, { finalizers: ['example.org/other'] }));
    await client.delete(thingKind, { namespace: 'test', name: 'a' });
    const { registry } = start(async () => {}, { finalize: async () => void (finalized = true) });
    await eventually(async () =>
      /reconcile_total\{controller="thing",result="success"\} [1-9]/.test(await registry.metrics()),
    );
    expect((await read('a')).metadata.finalizers).toEqual(['example.org/other']);
    expect(finalized).toBe(false);
  });
});

describe('failures', () => {
  test('RTM-168, RTM-164, RTM-223: a failing object is tried again, tells why, and recovers', async () => {
    let runs = 0;
    start(async () => {
      if (++runs < 4) throw failing('WriteFailed', 'disk is full');
    });
    await client.create(thing('a'));
    await whenReady('a');
    expect(runs).toBe(4);
    const event = await eventually(async () => {
      const { items } = await client.list<StoredEvent>(eventKind, { namespace: 'test' });
      return items.find(({ reason, count }) => reason === 'WriteFailed' && count === 3);
    });
    expect(event).toMatchObject({
      type: 'Warning',
      message: 'disk is full',
      involvedObject: { kind: 'Thing', name: 'a', namespace: 'test' },
      source: { component: 'thing-controller' },
    });
  });

  test('RTM-162, RTM-465: a stalled object is left alone until its spec changes', async () => {
    let runs = 0;
    const { registry } = start(async (ctx) => {
      runs++;
      if (ctx.object.spec.text !== 'good') throw stalling('InvalidText', 'text must be good');
    });
    await client.create(thing('a', { text: 'bad' }));
    await eventually(async () => conditionView(await read('a')).Stalled === 'True InvalidText: text must be good');
    await eventually(async () =>
      (await registry.metrics()).includes('terminal_reconcile_errors_total{controller="thing"} 1'),
    );
    expect(runs).toBe(1);
    await change('a', { spec: { text: 'good' } });
    expect(conditionView(await whenReady('a'))).toEqual({ Ready: expect.stringMatching(/^True/) });
  });

  test('RTM-170, RTM-448, RTM-171: a programming error is contained, counted and logged with everything to find it', async () => {
    let runs = 0;
    const { logs, registry } = start(async () => {
      if (++runs === 1) (undefined as unknown as { boom(): void }).boom();
    });
    await client.create(thing('a'));
    await whenReady('a');
    expect(await registry.metrics()).toContain('controller_runtime_reconcile_panics_total{controller="thing"} 1');
    const line = logs().find(({ level }) => level === 'error');
    expect(line).toMatchObject({
      controller: 'thing',
      controllerGroup: 'example.org',
      controllerKind: 'Thing',
      Thing: { name: 'a', namespace: 'test' },
      namespace: 'test',
      name: 'a',
      reconcileID: expect.stringMatching(/^[0-9a-f-]{36}$/),
      error: expect.stringMatching(/^panic: .* \[recovered\]/),
    });
    expect(line.stacktrace).toContain('manager.test.ts');
  });

  test('RTM-189, RTM-502: a condition and a label of others survive', async () => {
    let runs = 0;
    start(
      async (ctx) => {
        if (++runs > 1) return;
        await client.patch(
          thingKind,
          ctx.object.metadata,
          {
            type: 'merge',
            body: {
              status: {
                conditions: [
                  {
                    type: 'Foreign',
                    status: 'True',
                    reason: 'R',
                    message: 'm',
                    lastTransitionTime: '2026-01-01T00:00:00Z',
                  },
                ],
              },
            },
          },
          { subresource: 'status' },
        );
        await change('a', { metadata: { labels: { added: 'meanwhile' } } });
      },
      { announceStart: false },
    );
    await client.create(thing('a'));
    const stored = await whenReady('a');
    expect(Object.keys(conditionView(stored)).sort()).toEqual(['Foreign', 'Ready']);
    expect(stored.metadata.labels).toEqual({ added: 'meanwhile' });
  });
});

describe('waiting', () => {
  test('a wait holds no worker: others are served meanwhile, the waiting object resumes', async () => {
    let open: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    start(
      async (ctx) => {
        if (ctx.object.metadata.name === 'slow') await ctx.release(() => gate);
      },
      {},
      { concurrent: 1 },
    );
    await client.create(thing('slow'));
    await client.create(thing('quick-1'));
    await client.create(thing('quick-2'));
    await whenReady('quick-1');
    await whenReady('quick-2');
    expect(conditionView(await read('slow')).Ready).not.toMatch(/^True/);
    open!();
    await whenReady('slow');
  });

  test('RTM-236, RTM-237, KUS-337: a watched object interrupts the wait and is named; the object runs again at once', async () => {
    const triggers: string[] = [];
    start(
      async (ctx) => {
        const config = await ctx.find<KubeObject & { data: { ready?: string } }>(configMapKind, {
          namespace: 'test',
          name: 'config',
        });
        if (config?.data.ready === 'yes') return;
        try {
          await ctx.release(
            (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
            { interruptible: true, timeoutMs: 15_000 },
          );
        } catch (error) {
          if (!(error instanceof Interrupted)) throw error;
          triggers.push(error.trigger);
          throw waiting('HealthCheckCanceled', `New reconciliation triggered by ${error.trigger}`, 0);
        }
      },
      {
        indexes: { config: (o) => (o.spec.configMap ? [`ConfigMap/${o.metadata.namespace}/${o.spec.configMap}`] : []) },
        watches: [{ kind: configMapKind, index: 'config' }],
      },
    );
    await client.create(thing('a', { configMap: 'config' }));
    await eventually(async () => conditionView(await read('a')).Reconciling);
    const config = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'config', namespace: 'test' } };
    await client.create({ ...config, data: { ready: 'yes' } });
    await whenReady('a');
    expect(triggers).toEqual(['ConfigMap/test/config']);
    await client.delete(configMapKind, config.metadata);
  });

  test('an object that is deleted while its run waits is finalized at once', async () => {
    const finalized: string[] = [];
    start(
      (ctx) =>
        ctx.release(
          (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
        ),
      { finalize: async (ctx) => void finalized.push(ctx.object.metadata.name) },
    );
    await client.create(thing('a'));
    await eventually(async () => conditionView(await read('a')).Reconciling);
    await client.delete(thingKind, { namespace: 'test', name: 'a' });
    await eventually(async () => (await client.find(thingKind, { namespace: 'test', name: 'a' })) === undefined);
    expect(finalized).toEqual(['a']);
  });

  test('RTM-223: a fixed delay is kept, not grown', async () => {
    let runs = 0;
    start(async () => {
      if (++runs < 4) throw waiting('DependencyNotReady', 'dependency is not ready', 10);
    });
    await client.create(thing('a'));
    await whenReady('a');
    expect(runs).toBe(4);
  });

  test('RTM-268: a shutdown ends a wait without writing a failure', async () => {
    const { stop } = start(async (ctx) => {
      await ctx.progress('waiting for good');
      await ctx.release(
        (signal) => new Promise((_, reject) => signal.addEventListener('abort', () => reject(signal.reason))),
      );
    });
    await client.create(thing('a'));
    await eventually(async () => conditionView(await read('a')).Reconciling?.includes('waiting for good'));
    await stop();
    expect(conditionView(await read('a'))).toEqual({
      Reconciling: 'True Progressing: waiting for good',
      Ready: 'Unknown Progressing: waiting for good',
    });
  });
});

test('RTM-268: what a run has found out is stored as a whole, although a shutdown began meanwhile', async () => {
  let stopping: Promise<void> | undefined;
  const { stop } = start(async (ctx) => {
    (ctx.object.status ??= {}).note = 'found out';
    stopping = stop();
    return { ready: { reason: 'Succeeded', message: 'done' } };
  });
  await client.create(thing('a'));
  await eventually(() => stopping !== undefined);
  await stopping;
  const { status, metadata } = await read('a');
  expect(status).toMatchObject({ note: 'found out', observedGeneration: metadata.generation });
  expect(conditionView({ status }).Ready).toBe('True Succeeded: done');
});

describe('around it', () => {
  test('RTM-214: objects that the shard selector does not match are invisible', async () => {
    const seen = new Set<string>();
    start(
      async (ctx) => void seen.add(ctx.object.metadata.name),
      {},
      { watchLabelSelector: 'sharding.fluxcd.io/key=one' },
    );
    await client.create(thing('theirs'));
    await client.create(thing('ours', {}, { labels: { 'sharding.fluxcd.io/key': 'one' } }));
    await whenReady('ours');
    expect([...seen]).toEqual(['ours']);
  });

  test('RTM-213: with a watch namespace other namespaces are invisible', async () => {
    const seen = new Set<string>();
    await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'elsewhere' } });
    await client.create(thing('theirs', {}, { namespace: 'elsewhere' }));
    start(async (ctx) => void seen.add(ctx.object.metadata.name), {}, { watchNamespace: 'test' });
    await client.create(thing('ours'));
    await whenReady('ours');
    expect([...seen]).toEqual(['ours']);
  });

  test('RTM-128, RTM-130, RTM-131: events go to Kubernetes and to the endpoint; traces only to Kubernetes', async () => {
    const endpoint = await testServer((_count, response) => response.end());
    const { manager } = start(
      async (ctx) => {
        ctx.events.facts.revision = 'main@sha1:1';
        ctx.events.emit({ type: 'Trace', reason: 'Quiet', message: 'nothing new' });
        return { event: { reason: 'Succeeded', message: 'done' } };
      },
      {},
      { eventsAddr: `${endpoint.url}/` },
    );
    await client.create(thing('a', {}, { annotations: { 'event.toolkit.fluxcd.io/team': 'blue' } }));
    await eventually(() => endpoint.requests.length > 0);
    await manager.events.drain();
    const bodies = endpoint.requests.map(({ body }) => JSON.parse(body));
    expect(bodies).toHaveLength(1);
    const metadata = { 'example.org/revision': 'main@sha1:1', 'event.toolkit.fluxcd.io/team': 'blue' };
    expect(bodies[0]).toMatchObject({
      reason: 'Succeeded',
      severity: 'info',
      metadata,
      reportingController: 'thing-controller',
    });
    const { items } = await client.list<StoredEvent>(eventKind, { namespace: 'test' });
    expect(items.find(({ reason }) => reason === 'Quiet')).toMatchObject({
      type: 'Normal',
      metadata: { annotations: metadata },
    });
    expect(items.find(({ reason }) => reason === 'Succeeded')).toMatchObject({ type: 'Normal', message: 'done' });
    await endpoint.close();
  });
});
