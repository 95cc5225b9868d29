/**
 * Whatever people get wrong is told where they look, a condition and an event, and concerns nobody else: a healthy
 * Kustomization beside each case stays Ready and keeps applying.
 */
import assert from 'node:assert/strict';
import { open, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@gitops-toolkit/api';
import type { KubeClient } from '@gitops-toolkit/kube';
import { freePorts } from '../processes/index.ts';
import { suite, type Case, type Context } from '../runner/suite.ts';
import {
  conditionOf,
  connect,
  gitRepository,
  installToolkit,
  kinds,
  kustomization,
  namespace,
  serveRepository,
  startPipeline,
  type Handle,
  type Pipeline,
  type ServedRepository,
} from '../toolkit/index.ts';

interface Shared {
  client: KubeClient;
  pipeline: Pipeline;
  healthy: { repository: ServedRepository; source: Handle; consumer: Handle };
}
type ConfigMap = KubeObject & { data?: Record<string, string> };

const configMap = (name: string, value: string) => `apiVersion: v1
kind: ConfigMap
metadata:
  name: ${name}
  namespace: ${namespace}
data:
  value: "${value}"
`;

const valueOf = async (client: KubeClient, name: string) =>
  (await client.find<ConfigMap>(kinds.configMaps, { namespace, name }))?.data?.value;

let commits = 0;

/** The healthy Kustomization takes a new commit at once, and both of its controllers are alive. */
async function assertOthersWork({ client, healthy, pipeline }: Shared): Promise<void> {
  const value = `v${(commits += 1)}`;
  const commit = await healthy.repository.commit({ 'healthy.yaml': configMap('healthy', value) });
  await healthy.source.reconcile();
  await healthy.consumer.ready(commit);
  assert.equal(await valueOf(client, 'healthy'), value);
  for (const { name, program } of [pipeline.source, pipeline.kustomize]) {
    assert.equal(program.ending, undefined, `${name} still runs`);
  }
}

/** A case that ends with a look at the others. */
function isolated(name: string, run: (context: Context, shared: Shared) => Promise<void>): Case<Shared> {
  return {
    name,
    async run(context, shared) {
      await run(context, shared);
      await assertOthersWork(shared);
    },
  };
}

/** Serves files from a repository of its own, with its source and one consumer; all of it goes with the case. */
async function pair(
  context: Context,
  { client }: Shared,
  name: string,
  files: Record<string, string>,
  spec: Parameters<typeof kustomization>[4] = {},
): Promise<{ repository: ServedRepository; source: Handle; consumer: Handle }> {
  const { signal } = context;
  const repository = await serveRepository(context, name, files);
  const source = await sourceOf(context, client, name, { url: repository.url });
  const consumer = await consumerOf(context, client, name, name, spec);
  await source.ready();
  signal.throwIfAborted();
  return { repository, source, consumer };
}

async function sourceOf(
  { cleanUp, signal }: Context,
  client: KubeClient,
  name: string,
  spec: Parameters<typeof gitRepository>[3],
): Promise<Handle> {
  const source = await gitRepository(client, signal, name, spec);
  cleanUp(() => source.delete());
  return source;
}

async function consumerOf(
  { cleanUp, signal }: Context,
  client: KubeClient,
  name: string,
  source: string,
  spec: Parameters<typeof kustomization>[4] = {},
): Promise<Handle> {
  const consumer = await kustomization(client, signal, name, source, spec);
  cleanUp(() => consumer.delete());
  return consumer;
}

/** A source that cannot be fetched says so in FetchFailed, Ready and a Warning. */
async function assertFetchFails(source: Handle, message: RegExp): Promise<void> {
  const ready = await source.failed('GitOperationFailed', message);
  const fetchFailed = conditionOf(await source.get(), 'FetchFailed');
  assert.deepEqual([fetchFailed?.status, fetchFailed?.reason], ['True', 'GitOperationFailed']);
  assert.match(fetchFailed?.message ?? '', message);
  await source.event('Warning', 'GitOperationFailed', message);
  assert.match(ready.message, /^failed to checkout and determine revision: /);
}

/** A Kustomization that fails says so in Ready and, with the same text, in a Warning. */
async function assertFails(consumer: Handle, reason: string, message: RegExp): Promise<string> {
  const ready = await consumer.failed(reason, message);
  await consumer.event('Warning', reason, message);
  return ready.message;
}

/** Changes a byte in the middle of a file. */
async function corrupt(file: string): Promise<void> {
  const middle = Math.floor((await readFile(file)).length / 2);
  const handle = await open(file, 'r+');
  try {
    const { buffer } = await handle.read(Buffer.alloc(1), 0, 1, middle);
    await handle.write(Buffer.from([buffer[0]! ^ 0xff]), 0, 1, middle);
  } finally {
    await handle.close();
  }
}

export default suite<Shared>(
  'bad-input',
  [
    isolated('SRC-117: an unreachable host', async (context, { client }) => {
      const [port] = await freePorts(1);
      const source = await sourceOf(context, client, 'unreachable', { url: `http://127.0.0.1:${port}/nowhere` });
      await assertFetchFails(source, /127\.0\.0\.1|ECONNREFUSED|refused/);
    }),
    isolated(
      'SRC-117: wrong credentials, which never show up in what is told',
      async (context, { client, pipeline }) => {
        const auth = { username: 'ada', password: 'correct' };
        const repository = await serveRepository(context, 'private', { 'a.yaml': configMap('a', '1') }, { auth });
        const stringData = { username: 'ada', password: 'wrong-and-secret' };
        const secret = { apiVersion: 'v1', kind: 'Secret', metadata: { name: 'private', namespace }, stringData };
        await client.create(secret);
        const spec = { url: repository.url, secretRef: { name: 'private' } };
        const source = await sourceOf(context, client, 'private', spec);
        await assertFetchFails(source, /auth|401|credentials/i);
        const told = JSON.stringify([await source.get(), await source.events()]);
        const logged = await readFile(pipeline.source.program.logFile, 'utf8');
        assert.ok(!`${told}${logged}`.includes('wrong-and-secret'), 'the password is not told');
      },
    ),
    isolated('SRC-117: a branch that does not exist', async (context, { client }) => {
      const repository = await serveRepository(context, 'branches', { 'a.yaml': configMap('a', '1') });
      const source = await sourceOf(context, client, 'branches', { url: repository.url, ref: { branch: 'absent' } });
      await assertFetchFails(source, /absent/);
    }),
    isolated('KUS-84, KUS-60: a source that does not exist', async (context, { client }) => {
      const consumer = await consumerOf(context, client, 'orphan', 'never-made');
      await consumer.failed('ArtifactFailed', /"never-made" not found/);
      assert.deepEqual(await consumer.events(), []);
    }),
    isolated('KUS-110, KUS-111: a path that is missing, or leads out of the artifact', async (context, shared) => {
      const spec = { path: './absent' };
      const { consumer } = await pair(context, shared, 'paths', { 'a.yaml': configMap('a', '1') }, spec);
      await assertFails(consumer, 'ArtifactFailed', /kustomization path not found.*absent/);
      await consumer.change({ path: '../../../../../etc' });
      await assertFails(consumer, 'ArtifactFailed', /kustomization path not found.*etc/);
    }),
    isolated('KUS-129, KUS-385: a broken kustomization.yaml is named with its line', async (context, shared) => {
      const files = {
        'app/kustomization.yaml': 'resources:\n  - a.yaml\nnamePrefix: [oops\n',
        'app/a.yaml': configMap('a', '1'),
      };
      const { consumer } = await pair(context, shared, 'broken', files, { path: './app' });
      await assertFails(
        consumer,
        'BuildFailed',
        /line [34]\b.*\bkustomization\.yaml|kustomization\.yaml.*line [34]\b/s,
      );
    }),
    isolated('KUS-129: a field of a base that kustomize does not know', async (context, shared) => {
      const files = {
        'app/kustomization.yaml': 'resources:\n  - ../base\n',
        'base/kustomization.yaml': 'resources:\n  - a.yaml\nnamePrefixx: b\n',
        'base/a.yaml': configMap('a', '1'),
      };
      const { consumer } = await pair(context, shared, 'unknown-field', files, { path: './app' });
      await assertFails(consumer, 'BuildFailed', /unknown field "namePrefixx"/);
    }),
    isolated('KUS-384: a manifest that is no YAML is named', async (context, shared) => {
      const { consumer } = await pair(context, shared, 'no-yaml', { 'bad.yaml': 'apiVersion: v1\n  kind: [\n' });
      await assertFails(consumer, 'BuildFailed', /bad\.yaml/);
    }),
    isolated(
      'an object that the API rejects is named, and the others of the same run are left as they were',
      async (context, shared) => {
        const { client } = shared;
        const before = { 'one.yaml': configMap('one', 'old'), 'two.yaml': configMap('two', 'old') };
        const { consumer, repository, source } = await pair(context, shared, 'rejected', before);
        await consumer.ready();
        const commit = await repository.commit({
          'one.yaml': configMap('one', 'new'),
          'service.yaml': `apiVersion: v1\nkind: Service\nmetadata:\n  name: crooked\n  namespace: ${namespace}\nspec:\n  ports:\n    - port: 99999\n`,
          'two.yaml': configMap('two', 'new'),
        });
        await source.reconcile();
        const text = await assertFails(consumer, 'ReconciliationFailed', new RegExp(`Service/${namespace}/crooked`));
        assert.match(text, /dry-run failed \(Invalid\)/);
        assert.match(text, /ports\[0\]\.port/);
        assert.deepEqual([await valueOf(client, 'one'), await valueOf(client, 'two')], ['old', 'old']);
        const { status } = await consumer.get();
        assert.ok(status?.lastAttemptedRevision?.endsWith(commit));
        assert.ok(!status?.lastAppliedRevision?.endsWith(commit));
      },
    ),
    isolated('KUS-244: a kind that the API server does not know', async (context, shared) => {
      const widget = `apiVersion: widgets.example.org/v1\nkind: Widget\nmetadata:\n  name: w\n  namespace: ${namespace}\n`;
      const { consumer } = await pair(context, shared, 'unknown-kind', { 'widget.yaml': widget });
      const text = await assertFails(consumer, 'ReconciliationFailed', /Widget/);
      assert.match(text, /no matches for kind/);
    }),
    isolated(
      'a field that another manager owns is taken over, and both managers can be told apart',
      async (context, shared) => {
        const { client } = shared;
        const theirs = { apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'contested', namespace } };
        await client.apply({ ...theirs, data: { value: 'theirs', own: 'x' } } as ConfigMap, { fieldManager: 'other' });
        const { consumer } = await pair(context, shared, 'conflict', { 'a.yaml': configMap('contested', 'ours') });
        await consumer.ready();
        const object = await client.get<ConfigMap>(kinds.configMaps, { namespace, name: 'contested' });
        assert.deepEqual(object.data, { value: 'ours', own: 'x' });
        const owners = (object.metadata.managedFields ?? [])
          .filter(({ fieldsV1 }) => JSON.stringify(fieldsV1).includes('"f:value"'))
          .map(({ manager }) => manager);
        assert.deepEqual(owners, ['kustomize-controller']);
        await consumer.event('Normal', 'Progressing', /ConfigMap\/flux-system\/contested configured/);
        const refused = await client
          .apply({ ...theirs, data: { value: 'theirs' } } as ConfigMap, { fieldManager: 'other' })
          .catch((error: Error) => error.message);
        assert.match(String(refused), /conflict with "kustomize-controller"/);
      },
    ),
    isolated('KUS-97, KUS-99: a cycle of dependencies', async (context, shared) => {
      const { client } = shared;
      const files = { 'a/a.yaml': configMap('cycle-a', '1'), 'b/b.yaml': configMap('cycle-b', '1') };
      const needs = (name: string) => ({ dependsOn: [{ name }] });
      const spec = { path: './a', ...needs('cycle-b') };
      const { consumer: a } = await pair(context, shared, 'cycle-a', files, spec);
      const b = await consumerOf(context, client, 'cycle-b', 'cycle-a', { path: './b', ...needs('cycle-a') });
      await a.failed('DependencyNotReady', /dependency 'flux-system\/cycle-b' is not ready/);
      await b.failed('DependencyNotReady', /dependency 'flux-system\/cycle-a' is not ready/);
      for (const each of [a, b]) await each.event('Normal', 'DependencyNotReady', /retrying in/);
      // Breaking the cycle is all it takes.
      await a.change({ dependsOn: null });
      await a.ready();
      await b.ready();
    }),
    isolated('KUS-107, KUS-392: a corrupted artifact is not applied, and made anew', async (context, shared) => {
      const { client, pipeline } = shared;
      const files = { 'a.yaml': configMap('corrupted', '1') };
      const repository = await serveRepository(context, 'corrupted', files);
      const source = await sourceOf(context, client, 'corrupted', { url: repository.url });
      const { status } = await source.ready();
      await corrupt(join(pipeline.storage, status!.artifact!.path));
      const consumer = await consumerOf(context, client, 'corrupted', 'corrupted');
      await assertFails(consumer, 'ArtifactFailed', /computed digest doesn't match/);
      assert.equal(await valueOf(client, 'corrupted'), undefined);
      await source.reconcile();
      await consumer.ready();
      assert.equal(await valueOf(client, 'corrupted'), '1');
    }),
    isolated('KUS-84, KUS-386: a source deleted under its consumer', async (context, shared) => {
      const { client } = shared;
      const files = { 'a.yaml': configMap('bereft', '1') };
      const { consumer, repository, source } = await pair(context, shared, 'bereft', files);
      await consumer.ready();
      await source.delete();
      await source.gone();
      await consumer.reconcile();
      await consumer.failed('ArtifactFailed', /"bereft" not found/);
      assert.equal(await valueOf(client, 'bereft'), '1');
      await sourceOf(context, client, 'bereft', { url: repository.url });
      await consumer.ready();
    }),
  ],
  {
    async setup(context) {
      const client = await connect(context);
      await installToolkit(client, context.signal);
      const repository = await serveRepository(context, 'healthy', { 'healthy.yaml': configMap('healthy', 'v0') });
      const pipeline = await startPipeline(context);
      const { signal } = new AbortController();
      const source = await gitRepository(client, signal, 'healthy', { url: repository.url });
      const consumer = await kustomization(client, signal, 'healthy', 'healthy');
      return { client, pipeline, healthy: { repository, source, consumer } };
    },
  },
);
