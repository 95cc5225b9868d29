import type { KubeObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { createInformerCache, type KubeClient } from '@gitops-toolkit/kube';
import { Registry } from 'prom-client';
import { configWatches } from '../controller/config-watches.ts';
import type { ControllerDefinition } from '../controller/definition.ts';
import { createLogger } from '../log/pino.ts';
import { conditionView, configMapKind, connect, eventually, thing, thingKind, type Thing } from '../testing/thing.ts';
import { createManager, type ManagerOptions } from './manager.ts';

let kube: Awaited<ReturnType<typeof startEmbeddedKube>>;
let client: KubeClient;
let stop: (() => Promise<void>) | undefined;
beforeAll(async () => {
  kube = await startEmbeddedKube();
  client = await connect(kube.kubeconfigYaml);
});
afterEach(async () => {
  await stop?.();
  for (const { metadata } of (await client.list(thingKind)).items) {
    await client.patch(thingKind, metadata, { type: 'merge', body: { metadata: { finalizers: [] } } });
    await client.delete(thingKind, metadata);
  }
  for (const { metadata } of (await client.list(configMapKind, { namespace: 'test' })).items)
    await client.delete(configMapKind, metadata).catch(() => {});
});
afterAll(async () => {
  await client.close();
  await kube.close();
});

/** A controller that notes the names of the objects it runs on, one at a time. */
function start(definition: Partial<ControllerDefinition<Thing>>, options: Partial<ManagerOptions> = {}) {
  const runs: string[] = [];
  const lines: string[] = [];
  const manager = createManager({
    name: 'thing-controller',
    client,
    cache: createInformerCache(client),
    registry: new Registry(),
    log: createLogger({ destination: { write: (line) => void lines.push(line) } }),
    concurrent: 1,
    ...options,
  });
  manager.add<Thing>({
    kind: thingKind,
    interval: () => 0,
    reconcile: async (ctx) => void runs.push(ctx.object.metadata.name),
    indexes: { config: (o) => (o.spec.configMap ? [`ConfigMap/test/${o.spec.configMap}`] : []) },
    ...definition,
  });
  const controller = new AbortController();
  const ended = manager.start(controller.signal);
  stop = async () => {
    controller.abort(new Error('the test is over'));
    await ended;
  };
  return { runs, logs: () => lines.map((line) => JSON.parse(line) as Record<string, unknown>) };
}

const configMap = (name: string, text: string, labels?: Record<string, string>): KubeObject & { data: object } => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace: 'test', labels },
  data: { text },
});
const update = (name: string, text: string) =>
  client.patch(configMapKind, { namespace: 'test', name }, { type: 'merge', body: { data: { text } } });
const ready = (name: string) =>
  eventually(async () =>
    conditionView(await client.get<Thing>(thingKind, { namespace: 'test', name })).Ready?.startsWith('True'),
  );
const until = (runs: string[], count: number) => eventually(() => runs.length >= count);

test('RTM-215, RTM-361: a labelled config triggers the objects that refer to it, one without the label does not', async () => {
  const label = { 'reconcile.fluxcd.io/watch': 'Enabled' };
  await client.create(configMap('watched', '1', label));
  await client.create(configMap('ignored', '1'));
  const { runs } = start({ watches: configWatches({ configSelector: 'reconcile.fluxcd.io/watch=Enabled' }, 'config') });
  for (const name of ['watched', 'ignored']) await client.create(thing(`uses-${name}`, { configMap: name }));
  await ready('uses-watched');
  await ready('uses-ignored');
  const before = runs.length;
  await update('ignored', '2');
  await update('watched', '2');
  await until(runs, before + 1);
  expect(runs.slice(before)).toEqual(['uses-watched']);
});

test('RTM-215: an empty selector means all, an absent one none', () => {
  expect(configWatches({ configSelector: undefined }, 'config')).toEqual([]);
  const watches = configWatches({ configSelector: '' }, 'config');
  expect(watches.map(({ kind, labelSelector, metadataOnly }) => [kind.kind, labelSelector, metadataOnly])).toEqual([
    ['Secret', undefined, true],
    ['ConfigMap', undefined, true],
  ]);
});

test('RTM-225: objects of one change are enqueued after those they depend on', async () => {
  const dependencies: Record<string, string[]> = { a: ['b'], b: ['c'], c: [] };
  const { runs } = start({
    watches: [{ kind: configMapKind, index: 'config', ordered: true }],
    dependsOn: (o) => dependencies[o.metadata.name]!.map((name) => ({ name })),
  });
  for (const name of ['a', 'b', 'c']) await client.create(thing(name, { configMap: 'shared' }));
  for (const name of ['a', 'b', 'c']) await ready(name);
  const before = runs.length;
  await client.create(configMap('shared', '1'));
  await until(runs, before + 3);
  expect(runs.slice(before)).toEqual(['c', 'b', 'a']);
});

test('RTM-225, KUS-69: a circle among them is logged and nothing of the change is enqueued', async () => {
  const { runs, logs } = start({
    watches: [{ kind: configMapKind, index: 'config', ordered: true }],
    dependsOn: (o) => [{ name: o.metadata.name === 'a' ? 'b' : 'a' }],
  });
  for (const name of ['a', 'b']) await client.create(thing(name, { configMap: 'shared' }));
  for (const name of ['a', 'b']) await ready(name);
  const before = runs.length;
  await client.create(configMap('shared', '1'));
  const line = await eventually(() => logs().find(({ level }) => level === 'error'));
  expect(line.msg).toContain('circular dependency detected: test/a -> test/b -> test/a');
  expect(runs).toHaveLength(before);
});

test('RTM-218: an object that has seen the change already is left out', async () => {
  const { runs } = start({
    watches: [{ kind: configMapKind, index: 'config', unless: (o) => o.spec.text === 'has seen it' }],
  });
  await client.create(thing('knows', { configMap: 'shared', text: 'has seen it' }));
  await client.create(thing('wonders', { configMap: 'shared' }));
  await ready('knows');
  await ready('wonders');
  const before = runs.length;
  await client.create(configMap('shared', '1'));
  await until(runs, before + 1);
  expect(runs.slice(before)).toEqual(['wonders']);
});

test('RTM-173, RTM-217: other objects are read from the watch, or live when asked', async () => {
  await client.create(configMap('shared', '1'));
  const found: (KubeObject | undefined)[] = [];
  start({
    watches: [{ kind: configMapKind, index: 'config' }],
    async reconcile(ctx) {
      const key = { namespace: 'test', name: 'shared' };
      found.push(
        await ctx.find(configMapKind, key),
        await ctx.find(configMapKind, key),
        await ctx.find(configMapKind, key, { live: true }),
      );
    },
  });
  await client.create(thing('a'));
  await ready('a');
  // The watch's copy is one and the same object.
  expect(found[0]).toBe(found[1]);
  expect(found[2]).not.toBe(found[0]);
  expect(found[2]).toMatchObject({ data: { text: '1' } });
});

test('RTM-204: a run is repeated at the interval', async () => {
  const { runs } = start({ interval: () => 5 }, { jitterPercent: 0 });
  await client.create(thing('a'));
  await until(runs, 4);
});
