/** A repository becomes cluster state and stays so: both controllers as they are deployed, on the sample repository. */
import assert from 'node:assert/strict';
import { readdir } from 'node:fs/promises';
import { KustomizationKind, type KubeObject, type ResourceType, type UnstructuredObject } from '@gitops-toolkit/api';
import type { KubeClient } from '@gitops-toolkit/kube';
import { waitFor } from '../processes/index.ts';
import { suite } from '../runner/suite.ts';
import {
  conditionOf,
  connect,
  fieldManager,
  gitRepository,
  handle,
  installToolkit,
  isReady,
  kinds,
  kustomization,
  serveSample,
  startPipeline,
  startEventSink,
  type EventSink,
  type Handle,
  type Pipeline,
  type PostedEvent,
  type ServedRepository,
} from '../toolkit/index.ts';

interface Shared {
  client: KubeClient;
  repository: ServedRepository;
  pipeline: Pipeline;
  sink: EventSink;
  /** Handles that live as long as the suite. */
  source: Handle;
  root: Handle;
  staging: Handle;
  children: Handle[];
}

const staging = 'shop-staging';
const finalizer = 'finalizers.fluxcd.io';
const storefront = { namespace: staging, name: 'storefront' };
const settingsPath = 'apps/staging/settings.yaml';

/** A ConfigMap that the staging environment gets with {@link addSettings}. */
const settings = { namespace: staging, name: 'settings' };
const settingsManifest = (colour: string) =>
  `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: settings\ndata:\n  colour: ${colour}\n`;

type ConfigMap = KubeObject & { data?: Record<string, string> };

async function readText(repository: ServedRepository, path: string): Promise<string> {
  return repository.git('show', `HEAD:${path}`);
}

/** Commits the ConfigMap as one more resource of the staging environment. */
async function addSettings(repository: ServedRepository, colour: string): Promise<string> {
  const path = 'apps/staging/kustomization.yaml';
  const text = await readText(repository, path);
  return repository.commit({
    [path]: text.replace('  - ../base\n', '  - ../base\n  - settings.yaml\n'),
    [settingsPath]: settingsManifest(colour),
  });
}

const colourOf = async (client: KubeClient) => (await client.find<ConfigMap>(kinds.configMaps, settings))?.data?.colour;

async function targetPortOf(client: KubeClient): Promise<unknown> {
  const service = await client.get<UnstructuredObject>(kinds.services, storefront);
  return (service.spec as { ports: { targetPort: unknown }[] }).ports[0]?.targetPort;
}

/** An edit that somebody makes by hand. */
async function editTargetPort(client: KubeClient, port: number): Promise<void> {
  const body = [{ op: 'replace' as const, path: '/spec/ports/0/targetPort', value: port }];
  await client.patch(kinds.services, storefront, { type: 'json', body }, { fieldManager });
}

/** Waits for the line about an object in an event about the staging environment. */
async function told(sink: EventSink, line: string, signal: AbortSignal): Promise<void> {
  const isWanted = ({ involvedObject, severity, reason, message }: PostedEvent) =>
    involvedObject.name === staging &&
    severity === 'info' &&
    reason === 'Progressing' &&
    message.split('\n').includes(line);
  await sink.until(line, isWanted, signal);
}

const gone = async (client: KubeClient, type: ResourceType, key: { namespace?: string; name: string }) =>
  (await client.find(type, key)) === undefined;

export default suite<Shared>(
  'pipeline',
  [
    {
      name: 'SRC-59, KUS-75, KUS-377: the sample repository becomes Ready objects in both environments',
      timeoutMs: 90_000,
      async run({ signal }, { client, repository, source, root, children }) {
        const commit = await repository.git('rev-parse', 'HEAD');
        const stored = await source.ready(commit);
        assert.equal(stored.status?.artifact?.revision, `main@sha1:${commit}`);
        for (const each of [root, ...children]) {
          const object = await each.ready(commit, 60_000);
          assert.ok(object.metadata.finalizers?.includes(finalizer), `${each.name} has its finalizer`);
          const ready = conditionOf(object, 'Ready');
          assert.equal(ready?.reason, 'ReconciliationSucceeded');
          assert.equal(ready?.message, `Applied revision: main@sha1:${commit}`);
          assert.equal(object.status?.lastAttemptedRevision, object.status?.lastAppliedRevision);
          assert.ok((object.status?.inventory?.entries.length ?? 0) > 0, `${each.name} has an inventory`);
        }
        // Base, overlay, patch, image, generator, substitution and the health check each left their mark.
        const get = (type: ResourceType, name: string) => client.get(type, { namespace: staging, name }, { signal });
        const deployment = (await get(kinds.deployments, 'storefront')) as UnstructuredObject & {
          spec: { replicas: number; template: { spec: { containers: { image: string; envFrom: unknown[] }[] } } };
          metadata: { labels: Record<string, string> };
          status: { readyReplicas: number };
        };
        assert.equal(deployment.spec.replicas, 1);
        assert.equal(deployment.status.readyReplicas, 1);
        assert.match(deployment.spec.template.spec.containers[0]?.image ?? '', /storefront:1\.5\.0-rc\.2$/);
        assert.equal(deployment.metadata.labels['kustomize.toolkit.fluxcd.io/name'], staging);
        assert.match(JSON.stringify(deployment.spec.template.spec), /staging\.shop\.example\.org/);
        const generated = /storefront-config-[a-z0-9]{10}/.exec(JSON.stringify(deployment.spec))?.[0];
        assert.ok(generated, 'the generated ConfigMap is referenced by its hashed name');
        assert.equal(((await get(kinds.configMaps, generated)) as ConfigMap).data?.LOG_LEVEL, 'debug');
        assert.deepEqual(((await get(kinds.promotions, 'welcome')) as UnstructuredObject).spec, {
          percent: 10,
          channel: 'everywhere',
          products: ['starter-kit'],
        });
      },
    },
    {
      name: 'a commit is applied within the interval of the source',
      async run(_, { client, repository, source, staging: environment }) {
        await source.change({ interval: '2s' });
        await source.until('to take its new interval', isReady);
        const commit = await addSettings(repository, 'red');
        await environment.ready(commit);
        assert.equal(await colourOf(client), 'red');
        await source.change({ interval: '10m' });
        await source.until('to take its old interval', isReady);
      },
    },
    {
      name: 'RTM-491, KUS-67: a commit is applied at once when the source is asked to look',
      async run(_, { client, repository, source, root, children }) {
        const commit = await repository.commit({ [settingsPath]: settingsManifest('blue') });
        const handled = await source.reconcile();
        assert.equal(handled.status?.artifact?.revision, `main@sha1:${commit}`);
        for (const each of [root, ...children]) await each.ready(commit);
        assert.equal(await colourOf(client), 'blue');
      },
    },
    {
      name: 'an artifact of the same revision and what is in place are left alone',
      async run(_, { client, source, root, children }) {
        const before = await client.get(kinds.deployments, storefront);
        const { status } = await source.get();
        const { status: after } = await source.reconcile();
        assert.deepEqual(after?.artifact, status?.artifact);
        for (const each of [root, ...children]) await each.reconcile();
        for (const each of [root, ...children]) await each.ready();
        const now = await client.get(kinds.deployments, storefront);
        assert.equal(now.metadata.resourceVersion, before.metadata.resourceVersion);
      },
    },
    {
      name: 'KUS-78, KUS-260: an edit and a deletion by hand are undone at the next interval',
      async run({ signal }, { client, repository, source, sink, staging: environment }) {
        const path = 'clusters/local/staging.yaml';
        const text = await readText(repository, path);
        const commit = await repository.commit({ [path]: text.replace('interval: 1m\n', 'interval: 2s\n') });
        await source.reconcile();
        await environment.ready(commit);
        await editTargetPort(client, 8888);
        await waitFor('the port to be corrected', async () => (await targetPortOf(client)) === 'http', { signal });
        await client.delete(kinds.configMaps, settings);
        await waitFor('the ConfigMap to be back', async () => (await colourOf(client)) === 'blue', { signal });
        await told(sink, 'Service/shop-staging/storefront configured', signal);
        await repository.commit({ [path]: text });
        await source.reconcile();
      },
    },
    {
      name: 'KUS-452: what somebody added with kubectl apply is removed, and its manager with it',
      async run(_, { client, staging: environment }) {
        const wanted = {
          apiVersion: 'v1',
          kind: 'ConfigMap',
          metadata: { ...settings, annotations: { 'kubectl.kubernetes.io/last-applied-configuration': '{}' } },
          data: { colour: 'green', added: 'yes' },
        };
        await client.apply<ConfigMap>(wanted, { fieldManager: 'kubectl', force: true });
        await environment.reconcile();
        await environment.ready();
        const object = await client.get<ConfigMap>(kinds.configMaps, settings);
        assert.deepEqual(object.data, { colour: 'blue' });
        assert.equal(object.metadata.annotations?.['kubectl.kubernetes.io/last-applied-configuration'], undefined);
        const managers = (object.metadata.managedFields ?? []).map(({ manager }) => manager);
        assert.ok(!managers.some((manager) => manager?.startsWith('kubectl')), `managers: ${managers.join()}`);
      },
    },
    {
      name: 'KUS-281, KUS-471: a manifest that is deleted takes its object along',
      async run({ signal }, { client, repository, source, sink, staging: environment }) {
        const path = 'apps/staging/kustomization.yaml';
        const text = await readText(repository, path);
        const commit = await repository.commit({
          [path]: text.replace('  - settings.yaml\n', ''),
          [settingsPath]: null,
        });
        await source.reconcile();
        const object = await environment.ready(commit);
        await waitFor('the ConfigMap to go', () => gone(client, kinds.configMaps, settings), { signal });
        const entries = object.status?.inventory?.entries.map(({ id }) => id) ?? [];
        assert.ok(!entries.includes(`${staging}_settings__ConfigMap`), entries.join());
        await told(sink, 'ConfigMap/shop-staging/settings deleted', signal);
      },
    },
    {
      name: 'SRC-187, KUS-77: what is suspended stays as it is, and catches up when resumed',
      async run(_, { client, repository, source, staging: environment }) {
        const before = await source.get();
        await source.change({ suspend: true });
        await environment.change({ suspend: true });
        const commit = await repository.commit({ 'README.md': 'A small shop.\n' });
        await editTargetPort(client, 8888);
        // Once a request has been handled, there was a run, and it did nothing.
        const quiet = await source.reconcile();
        await environment.reconcile();
        assert.deepEqual(quiet.status?.artifact, before.status?.artifact);
        assert.equal(await targetPortOf(client), 8888);
        await source.change({ suspend: false });
        await source.ready(commit);
        await environment.change({ suspend: null });
        await environment.ready(commit);
        assert.equal(await targetPortOf(client), 'http');
      },
    },
    {
      name: 'KUS-323, KUS-324, SRC-363: deleting the root Kustomization and the source removes everything they made',
      timeoutMs: 90_000,
      async run({ signal }, { client, source, root, children, pipeline }) {
        await source.delete();
        await source.gone();
        await root.delete();
        for (const each of [root, ...children]) await each.gone(60_000);
        for (const name of ['shop-staging', 'shop-production']) {
          await waitFor(`namespace ${name} to go`, () => gone(client, kinds.namespaces, { name }), { signal });
        }
        const promotions = { name: 'promotions.shop.example.org' };
        await waitFor('the CRD to go', () => gone(client, kinds.crds, promotions), { signal });
        const left = (await readdir(pipeline.storage, { recursive: true })).filter((path) => /\.tar/.test(path));
        assert.deepEqual(left, []);
        assert.deepEqual([pipeline.source.program.ending, pipeline.kustomize.program.ending], [undefined, undefined]);
      },
    },
    {
      name: 'RTM-268: both controllers stop cleanly and leave no temporary files',
      async run(_, { pipeline }) {
        for (const { program } of [pipeline.source, pipeline.kustomize]) {
          assert.deepEqual(await program.stop(), { code: 0, signal: null });
        }
        assert.deepEqual(await readdir(pipeline.temporary), []);
      },
    },
  ],
  {
    async setup(context) {
      const client = await connect(context);
      await installToolkit(client, context.signal);
      const [repository, sink] = [await serveSample(context), await startEventSink(context)];
      const pipeline = await startPipeline(context, { common: [`--events-addr=${sink.url}`] });
      // Handles live longer than the setup, whose deadline they must not inherit.
      const { signal } = new AbortController();
      const source = await gitRepository(client, signal, 'sample', { url: repository.url });
      const root = await kustomization(client, signal, 'sample', 'sample', { path: './clusters/local' });
      const child = (name: string) => handle(client, KustomizationKind, name, signal);
      const children = ['infrastructure', staging, 'shop-production'].map(child);
      return { client, repository, pipeline, sink, source, root, staging: child(staging), children };
    },
  },
);
