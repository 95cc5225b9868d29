/** What every other suite takes for granted of an API server, so that an embedded one differs in nothing that matters. */
import assert from 'node:assert/strict';
import { readdir, readFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { KubeObject, UnstructuredObject } from '@gitops-toolkit/api';
import {
  createClient,
  isConflict,
  isForbidden,
  isInvalid,
  isNotFound,
  loadConfig,
  type ApiError,
  type KubeClient,
  type WatchEvent,
} from '@gitops-toolkit/kube';
import { load } from 'js-yaml';
import { waitFor } from '../processes/index.ts';
import { suite, type Context } from '../runner/suite.ts';

const crdFolder = resolve(import.meta.dirname, '../../../charts/gitops-toolkit/crds');
const configMaps = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
const namespaces = { group: '', version: 'v1', kind: 'Namespace', plural: 'namespaces', namespaced: false };
const crds = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};
const gitRepositories = {
  group: 'source.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'GitRepository',
  plural: 'gitrepositories',
  namespaced: true,
};
const fieldManager = 'e2e';

interface Shared {
  client: KubeClient;
}
type ConfigMap = KubeObject & { data?: Record<string, string> };

const configMap = (namespace: string, name: string, data: Record<string, string>, metadata = {}): ConfigMap => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, namespace, ...metadata },
  data,
});

/** A namespace that goes away with the case. */
async function temporaryNamespace({ cleanUp }: Context, { client }: Shared, name: string): Promise<string> {
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name } });
  cleanUp(() => client.delete(namespaces, { name }).catch(ignoreMissing));
  return name;
}

function ignoreMissing(error: unknown): void {
  if (!isNotFound(error)) throw error;
}

async function failureOf(call: Promise<unknown>): Promise<ApiError> {
  return call.then(
    () => assert.fail('the call succeeded'),
    (error: ApiError) => error,
  );
}

async function readCrds(): Promise<KubeObject[]> {
  const files = (await readdir(crdFolder)).filter((name) => name.endsWith('.yaml'));
  return Promise.all(files.map(async (name) => load(await readFile(join(crdFolder, name), 'utf8')) as KubeObject));
}

const gitRepository = (name: string, spec: Record<string, unknown>): UnstructuredObject => ({
  apiVersion: 'source.toolkit.fluxcd.io/v1',
  kind: 'GitRepository',
  metadata: { name, namespace: 'default' },
  spec,
});

export default suite<Shared>(
  'control-plane',
  [
    {
      name: 'the CRDs of the chart are accepted as they are and become Established',
      async run({ signal }, { client }) {
        const definitions = await readCrds();
        assert.ok(definitions.length > 0, `no CRDs in ${crdFolder}`);
        for (const definition of definitions) {
          await client.apply(definition, { fieldManager, fieldValidation: 'Strict', signal });
        }
        for (const { metadata } of definitions) {
          await waitFor(`${metadata.name} to be established`, () => isEstablished(client, metadata.name), { signal });
        }
        client.mapper.invalidate();
      },
    },
    {
      name: 'RTM-16: a new GitRepository reads back with observedGeneration -1, and a wrong one is refused by its schema',
      async run({ cleanUp }, { client }) {
        const spec = { interval: '1m', url: 'https://example.com/repository.git' };
        const created = await client.create(gitRepository('defaults', spec));
        cleanUp(() => client.delete(gitRepositories, { namespace: 'default', name: 'defaults' }));
        assert.deepEqual(created.status, { observedGeneration: -1 });
        const failure = await failureOf(client.create(gitRepository('wrong', { ...spec, interval: 'often' })));
        assert.ok(isInvalid(failure), failure.message);
        assert.match(failure.message, /spec\.interval/);
      },
    },
    {
      name: 'server-side apply owns fields, reports conflicts with their managers, yields to force, and repeats for free',
      async run(context, shared) {
        const { client } = shared;
        const namespace = await temporaryNamespace(context, shared, 'e2e-apply');
        const key = { namespace, name: 'settings' };
        const first = await client.apply(configMap(namespace, 'settings', { colour: 'red', size: 'l' }), {
          fieldManager: 'alice',
        });
        const again = await client.apply(configMap(namespace, 'settings', { colour: 'red', size: 'l' }), {
          fieldManager: 'alice',
        });
        assert.equal(again.metadata.resourceVersion, first.metadata.resourceVersion);

        const blue = configMap(namespace, 'settings', { colour: 'blue' });
        const failure = await failureOf(client.apply(blue, { fieldManager: 'bob' }));
        assert.ok(isConflict(failure), failure.message);
        assert.deepEqual(
          failure.causes.map(({ reason, field }) => [reason, field]),
          [['FieldManagerConflict', '.data.colour']],
        );
        assert.match(failure.causes[0]?.message ?? '', /alice/);

        const forced = await client.apply(blue, { fieldManager: 'bob', force: true });
        assert.deepEqual(forced.data, { colour: 'blue', size: 'l' });
        // Alice no longer owns the colour, so leaving it out changes nothing; the size was hers alone.
        await client.apply(configMap(namespace, 'settings', {}), { fieldManager: 'alice' });
        assert.deepEqual((await client.get<ConfigMap>(configMaps, key)).data, { colour: 'blue' });
      },
    },
    {
      name: 'a dry run answers what would be and stores nothing',
      async run(context, shared) {
        const namespace = await temporaryNamespace(context, shared, 'e2e-dry-run');
        const wanted = configMap(namespace, 'ghost', { a: '1' });
        const answer = await shared.client.apply(wanted, { fieldManager, dryRun: true });
        assert.deepEqual(answer.data, { a: '1' });
        assert.equal(await shared.client.find(configMaps, { namespace, name: 'ghost' }), undefined);
      },
    },
    {
      name: 'a watch delivers every change after its resource version, in order',
      async run(context, shared) {
        const { client } = shared;
        const namespace = await temporaryNamespace(context, shared, 'e2e-watch');
        const { resourceVersion } = await client.list(configMaps, { namespace, labelSelector: 'watched' });
        await client.create(configMap(namespace, 'watched', { n: '1' }, { labels: { watched: '' } }));
        await client.create(configMap(namespace, 'other', { n: '1' }));
        const key = { namespace, name: 'watched' };
        await client.patch(configMaps, key, { type: 'merge', body: { data: { n: '2' } } });
        await client.patch(configMaps, key, { type: 'json', body: [{ op: 'replace', path: '/data/n', value: '3' }] });
        await client.delete(configMaps, key);

        const seen: string[] = [];
        const options = { namespace, labelSelector: 'watched', resourceVersion, signal: context.signal };
        for await (const event of client.watch<ConfigMap>(configMaps, options)) {
          if (event.type === 'BOOKMARK') continue;
          seen.push(textOf(event));
          if (event.type === 'DELETED') break;
        }
        assert.deepEqual(seen, ['ADDED watched 1', 'MODIFIED watched 2', 'MODIFIED watched 3', 'DELETED watched 3']);
      },
    },
    {
      name: 'a namespace gets its default service account, and takes its objects along when finalizers let it',
      async run(context, shared) {
        const { client } = shared;
        const namespace = await temporaryNamespace(context, shared, 'e2e-namespace');
        const accounts = { ...configMaps, kind: 'ServiceAccount', plural: 'serviceaccounts' };
        await waitFor('the default service account', () => client.find(accounts, { namespace, name: 'default' }));
        await client.create(configMap(namespace, 'held', {}, { finalizers: ['example.com/hold'] }));
        await client.create(configMap(namespace, 'free', {}));
        await client.delete(namespaces, { name: namespace });

        await waitFor(
          'the free object to go',
          async () => (await client.find(configMaps, { namespace, name: 'free' })) === undefined,
        );
        const failure = await failureOf(client.create(configMap(namespace, 'late', {})));
        assert.ok(isForbidden(failure), failure.message);
        assert.match(failure.message, /being terminated/);
        const held = await client.get(configMaps, { namespace, name: 'held' });
        assert.ok(held.metadata.deletionTimestamp);

        await client.patch(
          configMaps,
          { namespace, name: 'held' },
          { type: 'merge', body: { metadata: { finalizers: null } } },
        );
        await waitFor(
          'the namespace to go',
          async () => (await client.find(namespaces, { name: namespace })) === undefined,
        );
      },
    },
    {
      name: 'objects follow their owner, except those that are told to stay',
      async run(context, shared) {
        const { client } = shared;
        const namespace = await temporaryNamespace(context, shared, 'e2e-owners');
        const gone = async (name: string) => (await client.find(configMaps, { namespace, name })) === undefined;
        const family = async (owner: string, child: string) => {
          const { metadata } = await client.create(configMap(namespace, owner, {}));
          const ownerReferences = [{ apiVersion: 'v1', kind: 'ConfigMap', name: owner, uid: metadata.uid as string }];
          await client.create(configMap(namespace, child, {}, { ownerReferences }));
        };
        await family('parent', 'child');
        await family('leaver', 'orphan');
        await client.delete(configMaps, { namespace, name: 'leaver' }, { propagationPolicy: 'Orphan' });
        await waitFor('the leaver to go', () => gone('leaver'));
        await client.delete(configMaps, { namespace, name: 'parent' }, { propagationPolicy: 'Background' });
        await waitFor('the child to go', () => gone('child'));
        assert.deepEqual(
          (await client.get(configMaps, { namespace, name: 'orphan' })).metadata.ownerReferences ?? [],
          [],
        );
      },
    },
    {
      name: 'state and resource versions survive the death of the API server',
      notOn: { existing: 'the cluster is not ours to break' },
      timeoutMs: 120_000,
      async run(context, shared) {
        const { client } = shared;
        const { controlPlane } = context;
        const namespace = await temporaryNamespace(context, shared, 'e2e-outage');
        const created = await client.create(configMap(namespace, 'before', { a: '1' }));
        await controlPlane.killApiServer?.();
        await assert.rejects(client.get(configMaps, { namespace, name: 'before' }, { timeoutMs: 2_000 }));
        await controlPlane.restartApiServer?.();
        const read = await client.get<ConfigMap>(configMaps, { namespace, name: 'before' });
        assert.deepEqual(
          [read.metadata.uid, read.metadata.resourceVersion, read.data],
          [created.metadata.uid, created.metadata.resourceVersion, created.data],
        );
      },
    },
  ],
  {
    async setup({ controlPlane, cleanUp }) {
      const client = createClient(await loadConfig({ kubeconfig: controlPlane.kubeconfig }));
      cleanUp(() => client.close());
      return { client };
    },
  },
);

async function isEstablished(client: KubeClient, name: string): Promise<boolean> {
  const definition = await client.get<UnstructuredObject>(crds, { name });
  const { conditions = [] } = (definition.status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
}

function textOf(event: Exclude<WatchEvent<ConfigMap>, { type: 'BOOKMARK' }>): string {
  return `${event.type} ${event.object.metadata.name} ${event.object.data?.n}`;
}
