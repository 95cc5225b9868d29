/**
 * Controllers may die at any moment, and so may the API server: what was begun is finished, nothing is lost, nothing is
 * done twice. Kills are SIGKILL; each waits for a state, never for a time.
 */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { KustomizationKind, type KubeObject, type ResourceType } from '@gitops-toolkit/api';
import type { KubeClient } from '@gitops-toolkit/kube';
import { waitFor } from '../processes/index.ts';
import { suite } from '../runner/suite.ts';
import {
  conditionOf,
  connect,
  gitRepository,
  handle,
  installToolkit,
  kinds,
  kustomization,
  namespace,
  serveRepository,
  serveSample,
  startPipeline,
  type Handle,
  type Pipeline,
  type ServedRepository,
} from '../toolkit/index.ts';

interface Shared {
  client: KubeClient;
  pipeline: Pipeline;
  repository: ServedRepository;
  source: Handle;
  root: Handle;
  children: Handle[];
  /** Has no deadline: handles are used by every case. */
  signal: AbortSignal;
}

const ownerLabel = 'kustomize.toolkit.fluxcd.io/name';
const watched: ResourceType[] = [kinds.configMaps, kinds.services, kinds.deployments];

/** Every object that a Kustomization labelled as its own, as `<id>` with what identifies one and the same object. */
async function applied(client: KubeClient, owner: string): Promise<Map<string, KubeObject>> {
  const lists = await Promise.all(
    watched.map(async (type) => {
      const { items } = await client.list(type, { labelSelector: `${ownerLabel}=${owner}` });
      return items.map((item) => {
        const id = `${item.metadata.namespace ?? ''}_${item.metadata.name}_${type.group}_${type.kind}`;
        return [id, item] as const;
      });
    }),
  );
  return new Map(lists.flat());
}

/** What is labelled is in the inventory, and what is in the inventory exists. */
async function assertNothingOrphaned(client: KubeClient, owner: Handle): Promise<void> {
  const { status } = await owner.get();
  const kindsOfInterest = new Set(watched.map(({ kind }) => kind));
  const entries = (status?.inventory?.entries ?? [])
    .map(({ id }) => id)
    .filter((id) => kindsOfInterest.has(id.split('_').at(-1)!));
  assert.deepEqual([...(await applied(client, owner.name)).keys()].sort(), entries.sort());
}

/** The same objects as before, not written since. */
function assertUntouched(before: Map<string, KubeObject>, after: Map<string, KubeObject>): void {
  const versions = (objects: Map<string, KubeObject>) =>
    [...objects].map(([id, { metadata }]) => `${id} ${metadata.uid} ${metadata.resourceVersion}`).sort();
  assert.deepEqual(versions(after), versions(before));
}

const hasConfigMap = async (client: KubeClient, name: string) =>
  (await client.find(kinds.configMaps, { namespace, name })) !== undefined;

/** As many ConfigMaps as make an apply take a moment. */
const many = 60;
function bulk(revision: number, count = many): Record<string, string | null> {
  const names = Array.from({ length: many }, (_, index) => `bulk-${String(index).padStart(2, '0')}`);
  return Object.fromEntries(
    names.map((name, index) => [
      `${name}.yaml`,
      index >= count
        ? null
        : `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n  namespace: ${namespace}\ndata:\n  revision: "${revision}"\n`,
    ]),
  );
}

async function bulkRevisions(client: KubeClient): Promise<string[]> {
  const { items } = await client.list<KubeObject & { data: { revision: string } }>(kinds.configMaps, {
    namespace,
    labelSelector: `${ownerLabel}=bulk`,
  });
  return items.map(({ data }) => data.revision);
}

export default suite<Shared>(
  'resilience',
  [
    {
      name: 'the source controller is killed before its first artifact, with a commit on its way',
      timeoutMs: 90_000,
      async run(_, { repository, pipeline, source, root, children }) {
        await pipeline.source.kill();
        const commit = await repository.commit({ 'README.md': 'A small shop.\n' });
        await source.request();
        await pipeline.source.restart();
        await source.ready(commit);
        for (const each of [root, ...children]) await each.ready(commit, 60_000);
      },
    },
    {
      name: 'KUS-259: killed and restarted with everything in place, the kustomize controller writes none of it again',
      async run(_, { client, pipeline, root, children }) {
        const owners = [root, ...children];
        const before = await Promise.all(owners.map(({ name }) => applied(client, name)));
        await pipeline.kustomize.kill();
        await pipeline.kustomize.restart();
        for (const each of owners) await each.reconcile();
        for (const each of owners) await each.ready();
        const after = await Promise.all(owners.map(({ name }) => applied(client, name)));
        for (const [index, objects] of after.entries()) assertUntouched(before[index]!, objects);
        for (const each of children) await assertNothingOrphaned(client, each);
      },
    },
    {
      name: 'the kustomize controller is killed in the middle of an apply, of a prune, and of a deletion',
      timeoutMs: 120_000,
      async run(context, { client, pipeline, signal }) {
        const repository = await serveRepository(context, 'bulk', bulk(1));
        const source = await gitRepository(client, signal, 'bulk', { url: repository.url });
        const consumer = await kustomization(client, signal, 'bulk', 'bulk');
        const survivors = async () => {
          await pipeline.kustomize.kill();
          return bulkRevisions(client);
        };
        const some = { signal: context.signal, everyMs: 5 };

        await waitFor('the first objects', async () => (await bulkRevisions(client)).length > 0, some);
        context.note(`killed with ${(await survivors()).length} of ${many} objects applied`);
        await pipeline.kustomize.restart();
        await consumer.ready();
        assert.deepEqual(await bulkRevisions(client), Array(many).fill('1'));
        await assertNothingOrphaned(client, consumer);

        // Half of the objects go, the others change.
        const commit = await repository.commit(bulk(2, many / 2));
        await source.reconcile();
        await waitFor('the first change', async () => (await bulkRevisions(client)).includes('2'), some);
        const left = await survivors();
        context.note(`killed with ${left.filter((revision) => revision === '2').length} changed, ${left.length} left`);
        await pipeline.kustomize.restart();
        await consumer.ready(commit);
        assert.deepEqual(await bulkRevisions(client), Array(many / 2).fill('2'));
        await assertNothingOrphaned(client, consumer);

        await consumer.delete();
        const deleted = async () => (await bulkRevisions(client)).length < many / 2;
        await waitFor('the first deletion', deleted, some);
        context.note(`killed with ${(await survivors()).length} of ${many / 2} objects left to delete`);
        await pipeline.kustomize.restart();
        await consumer.gone();
        await waitFor('the objects to go', async () => (await bulkRevisions(client)).length === 0, some);
        await source.delete();
        await source.gone();
      },
    },
    {
      name: 'killed while it waits for health, the kustomize controller waits on after its restart',
      async run(context, { client, pipeline, signal }) {
        const absent = { apiVersion: 'v1', kind: 'ConfigMap', name: 'awaited', namespace };
        const repository = await serveRepository(context, 'waiting', bulk(1, 1));
        const source = await gitRepository(client, signal, 'waiting', { url: repository.url });
        const spec = { healthChecks: [absent], timeout: '60s' };
        const consumer = await kustomization(client, signal, 'waiting', 'waiting', spec);
        const waits = (object: Parameters<typeof conditionOf>[0]) =>
          conditionOf(object, 'Healthy')?.status === 'Unknown' && conditionOf(object, 'Ready')?.status === 'Unknown';
        await consumer.until('to wait for health', waits);
        await pipeline.kustomize.kill();
        await pipeline.kustomize.restart();
        await consumer.until('to wait again', waits);
        await client.create({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'awaited', namespace } });
        await consumer.ready();
        await consumer.delete();
        await consumer.gone();
        assert.equal(await hasConfigMap(client, 'bulk-00'), false);
        await source.delete();
        await source.gone();
      },
    },
    {
      name: 'both controllers survive an outage of the API server, and take up what happened meanwhile',
      timeoutMs: 180_000,
      notOn: { existing: 'the cluster is not ours to break' },
      async run({ controlPlane, note, signal }, { client, pipeline, repository, source, root, children }) {
        const both = [pipeline.source, pipeline.kustomize];
        const pids = both.map(({ program }) => program.pid);
        await controlPlane.killApiServer?.();
        const commit = await repository.commit({ 'README.md': 'A shop.\n' });
        const down = Date.now();
        // Long enough for every watch to break, and for back-off to grow.
        await waitFor(
          'an outage of thirty seconds',
          async () => {
            for (const each of both) assert.equal(await each.probe('/healthz'), 200, `${each.name} is alive`);
            return Date.now() - down > 30_000;
          },
          { signal, everyMs: 500 },
        );
        await controlPlane.restartApiServer?.();
        const back = Date.now();
        const elapsed = () => `${((Date.now() - back) / 1000).toFixed(1)} s after its return`;
        // Watches come back by their back-off, which is at most ten seconds.
        await source.reconcile(60_000);
        note(`the commit is stored ${elapsed()}`);
        for (const each of [root, ...children]) await each.ready(commit, 60_000);
        note(`everything is Ready ${elapsed()}`);
        for (const each of both) assert.equal(await each.probe('/readyz'), 200);
        assert.deepEqual(
          both.map(({ program }) => program.ending === undefined && program.pid),
          pids,
        );
        for (const each of children) await assertNothingOrphaned(client, each);
      },
    },
    {
      name: 'nothing is left behind: temporary files, stale artifacts, objects',
      async run({ signal }, { client, pipeline, source, root, children }) {
        await root.delete();
        for (const each of [root, ...children]) await each.gone(60_000);
        for (const { name } of children) {
          await waitFor(`objects of ${name} to go`, async () => (await applied(client, name)).size === 0, { signal });
        }
        await source.delete();
        await source.gone();
        for (const { program } of [pipeline.source, pipeline.kustomize]) {
          assert.deepEqual(await program.stop(), { code: 0, signal: null });
        }
        // A killed process cannot tidy up; its successor does.
        assert.deepEqual(await readdir(pipeline.temporary), []);
        const stored = await readdir(pipeline.storage, { recursive: true, withFileTypes: true });
        assert.deepEqual(
          stored.filter((entry) => entry.isFile() && /\.tar|\.lock/.test(entry.name)).map(({ name }) => name),
          [],
        );
      },
    },
  ],
  {
    async setup(context) {
      const client = await connect(context);
      await installToolkit(client, context.signal);
      const repository = await serveSample(context);
      const pipeline = await startPipeline(context);
      const { signal } = new AbortController();
      const source = await gitRepository(client, signal, 'sample', { url: repository.url });
      const root = await kustomization(client, signal, 'sample', 'sample', { path: './clusters/local' });
      const children = ['infrastructure', 'shop-staging', 'shop-production'].map((name) =>
        handle(client, KustomizationKind, name, signal),
      );
      return { client, pipeline, repository, source, root, children, signal };
    },
  },
);
