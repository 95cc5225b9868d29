import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { KubeClient, Patch } from '@gitops-toolkit/kube';
import { findCondition, markTrue, removeCondition } from '../conditions/set.ts';
import { conditionView, connect, thing, thingKind, type Thing } from '../testing/thing.ts';
import { createPatcher, type PatcherOptions } from './patcher.ts';

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

let count = 0;

/** A stored object, a copy to change, and a patcher that notes its requests. */
async function setup(options: Partial<PatcherOptions> = {}) {
  const base = await client.create(thing(`patched-${++count}`, { text: 'old' }));
  const requests: string[] = [];
  const noting: KubeClient = {
    ...client,
    patch(type, key, patch: Patch, patchOptions) {
      requests.push(`${patchOptions?.subresource ?? 'main'} ${Object.keys(patch.body).sort().join(',')}`);
      return client.patch(type, key, patch, patchOptions);
    },
  };
  const patcher = createPatcher<Thing>(base, { client: noting, kind: thingKind, fieldManager: 'test', ...options });
  const other = (body: object, subresource?: 'status') =>
    client.patch<Thing>(thingKind, base.metadata, { type: 'merge', body }, { subresource });
  const read = () => client.get<Thing>(thingKind, base.metadata);
  return { base, object: structuredClone(base), patcher, requests, other, read };
}

const foreign = (type: string, message = 'm') => ({
  type,
  status: 'True' as const,
  reason: 'R',
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

test('RTM-181, RTM-182, RTM-183, RTM-508: conditions, then metadata and spec, then the rest of the status', async () => {
  const { object, patcher, requests, read } = await setup();
  markTrue(object, 'Ready', 'Succeeded', 'done');
  object.spec.text = 'new';
  object.metadata.labels = { a: 'b' };
  object.status!.observedGeneration = 1;
  await patcher.patch(object);
  expect(requests).toEqual(['status metadata,status', 'main metadata,spec', 'status status']);
  const stored = await read();
  expect(stored).toMatchObject({
    spec: { text: 'new' },
    metadata: { labels: { a: 'b' } },
    status: { observedGeneration: 1 },
  });
  expect(conditionView(stored)).toEqual({ Ready: 'True Succeeded: done' });
});

test('RTM-506: only what changed is sent', async () => {
  const { object, patcher, requests } = await setup();
  await patcher.patch(object);
  expect(requests).toEqual([]);
  object.metadata.labels = { a: 'b' };
  await patcher.patch(object);
  expect(requests).toEqual(['main metadata']);
  object.status = { ...object.status, note: 'n' };
  await patcher.patch(object);
  expect(requests).toEqual(['main metadata', 'status status']);
});

test('RTM-194, RTM-510: the second time only what is new is sent', async () => {
  const { object, patcher, requests, read } = await setup();
  object.status = { note: 'first' };
  await patcher.patch(object);
  object.status.observedGeneration = 1;
  await patcher.patch(object);
  expect(requests).toEqual(['status status', 'status status']);
  expect((await read()).status).toEqual({ note: 'first', observedGeneration: 1 });
});

test('RTM-502, RTM-189, RTM-196: what others wrote meanwhile survives', async () => {
  const { object, patcher, other, read } = await setup();
  await other({ status: { conditions: [foreign('Foreign')], theirs: 1 } }, 'status');
  await other({ metadata: { labels: { theirs: 'x' } }, spec: { configMap: 'theirs' } });
  markTrue(object, 'Ready', 'Succeeded', 'done');
  object.status!.note = 'ours';
  await patcher.patch(object);
  const stored = await read();
  expect(Object.keys(conditionView(stored)).sort()).toEqual(['Foreign', 'Ready']);
  expect(stored.status).toMatchObject({ theirs: 1, note: 'ours' });
  expect(stored).toMatchObject({ metadata: { labels: { theirs: 'x' } }, spec: { configMap: 'theirs' } });
});

test('RTM-503, RTM-185: a conflict over a foreign type fails, and the rest is stored all the same', async () => {
  const { object, patcher, other, read } = await setup();
  await other({ status: { conditions: [foreign('Shared', 'theirs')] } }, 'status');
  markTrue(object, 'Shared', 'R', 'ours');
  object.status!.note = 'stored';
  await expect(patcher.patch(object)).rejects.toThrow(/'Shared'/);
  expect((await read()).status).toMatchObject({ note: 'stored', conditions: [{ message: 'theirs' }] });
});

test('RTM-503, RTM-188: over an owned type, or with force, our value wins', async () => {
  for (const owned of [['Shared'], 'all' as const]) {
    const { object, patcher, other, read } = await setup({ owned });
    await other({ status: { conditions: [foreign('Shared', 'theirs')] } }, 'status');
    markTrue(object, 'Shared', 'R', 'ours');
    await patcher.patch(object);
    expect(findCondition(await read(), 'Shared')!.message).toBe('ours');
  }
});

test('RTM-188: removing an owned condition that others changed removes it', async () => {
  const { object, patcher, other, read } = await setup();
  markTrue(object, 'Stalled', 'R', 'ours');
  await patcher.patch(object);
  await other({ status: { conditions: [foreign('Stalled', 'theirs')] } }, 'status');
  removeCondition(object, 'Stalled');
  await patcher.patch(object);
  expect(conditionView(await read())).toEqual({});
});

test('RTM-507, RTM-182: our finalizer comes and goes; those of others, added meanwhile, stay', async () => {
  const { object, patcher, other, read } = await setup();
  await other({ metadata: { finalizers: ['example.org/theirs'] } });
  object.metadata.finalizers = ['finalizers.fluxcd.io'];
  await patcher.patch(object);
  expect((await read()).metadata.finalizers).toEqual(['example.org/theirs', 'finalizers.fluxcd.io']);
  object.metadata.finalizers = [];
  await patcher.patch(object);
  const stored = await read();
  expect(stored.metadata.finalizers).toEqual(['example.org/theirs']);
  expect(stored.status).toBeUndefined();
});

test('RTM-191: conditions get the generation of the stored object, the root keeps that of the run', async () => {
  const { object, patcher, other, read } = await setup();
  await other({ spec: { text: 'changed meanwhile' } });
  markTrue(object, 'Ready', 'Succeeded', 'done');
  object.status!.observedGeneration = object.metadata.generation;
  await patcher.patch(object);
  expect((await read()).status).toMatchObject({ observedGeneration: 1, conditions: [{ observedGeneration: 2 }] });
});

test('RTM-193: an object of another kind is refused', async () => {
  const { object, patcher } = await setup();
  await expect(patcher.patch({ ...object, kind: 'Other' })).rejects.toThrow(/kinds differ/);
});

test('RTM-194: calls that overlap lose nothing of what changes in between', async () => {
  const { object, patcher, read } = await setup();
  markTrue(object, 'Ready', 'Progressing', 'under way');
  const first = patcher.patch(object);
  await new Promise((resolve) => setImmediate(resolve));
  object.status!.note = 'changed while the first call is under way';
  markTrue(object, 'Ready', 'Succeeded', 'done');
  await Promise.all([first, patcher.patch(object)]);
  const stored = await read();
  expect(stored.status!.note).toBe('changed while the first call is under way');
  expect(conditionView(stored)).toEqual({ Ready: 'True Succeeded: done' });
});
