import { mkdtemp, readFile, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { GitRepositoryKind, crdOf, type Condition, type GitRepository, type KubeObject } from '@gitops-toolkit/api';
import { unpackArchive } from '@gitops-toolkit/artifact';
import { makeSecret } from '@gitops-toolkit/auth';
import {
  createClient,
  createInformerCache,
  isAlreadyExists,
  loadConfig,
  type Informer,
  type KubeClient,
} from '@gitops-toolkit/kube';
import { freePort, runHere, runProcess } from './program.ts';

/** A Kubernetes event, as far as the tests look at it. */
export interface EventObject extends KubeObject {
  involvedObject: { kind: string; name: string };
  type: string;
  reason: string;
  message: string;
}

export interface LogLine {
  level: string;
  msg: string;
  [key: string]: unknown;
}

/** The source controller running in this process against an API server, and eyes on what it does. */
export interface TestController {
  readonly client: KubeClient;
  /** The storage directory. */
  readonly storage: string;
  /** `host:port` of the artifact server. */
  readonly address: string;
  readonly logs: LogLine[];
  create(name: string, spec: Partial<GitRepository['spec']> & { url: string }): Promise<GitRepository>;
  /** Creates a Secret. */
  secret(name: string, values: Record<string, string>): Promise<void>;
  patch(name: string, body: object): Promise<GitRepository>;
  patchStatus(name: string, status: object): Promise<void>;
  /** Asks for a run now, by annotation; resolves with the object when that run has ended. */
  request(name: string): Promise<GitRepository>;
  /** The object, as soon as it is as wanted. */
  until(name: string, wanted: (object: GitRepository) => boolean): Promise<GitRepository>;
  remove(name: string): Promise<void>;
  /** Resolves when the object no longer exists. */
  gone(name: string): Promise<void>;
  /** The first event about the object that is as wanted. */
  event(name: string, wanted: (event: EventObject) => boolean): Promise<EventObject>;
  /** Every event about the object so far, `<type> <reason>`. */
  events(name: string): string[];
  /** Calls back synchronously for every line logged; returns how to stop. */
  onLog(listener: (line: LogLine) => void): () => void;
  /** Files of an artifact, fetched over HTTP: path to text. */
  files(object: GitRepository): Promise<Record<string, string>>;
  /** Ends the controller gracefully. */
  stop(): Promise<void>;
  /** Ends it as a crash would; only for one that is a process of its own. */
  kill(): Promise<void>;
}

export interface TestControllerOptions {
  kubeconfigYaml: string;
  /** Default: a new directory, removed at the end. */
  storage?: string;
  args?: string[];
  /** Run it as a process of its own instead of in this one. */
  process?: boolean;
}

const namespace = 'default';

/** Starts the controller, with short retry delays. */
export async function startController(options: TestControllerOptions): Promise<TestController> {
  const scratch = await mkdtemp(join(tmpdir(), 'source-controller-test-'));
  const storage = options.storage ?? (await mkdtemp(join(scratch, 'storage-')));
  const kubeconfig = join(scratch, 'kubeconfig');
  await writeFile(kubeconfig, options.kubeconfigYaml);
  const client = createClient(await loadConfig({ kubeconfig }));
  await client.create(crdOf(GitRepositoryKind)).catch((error: unknown) => {
    if (!isAlreadyExists(error)) throw error;
  });
  client.mapper.invalidate();
  const watching = new AbortController();
  const cache = createInformerCache(client);
  const objects = cache.informer<GitRepository>(GitRepositoryKind);
  const events = cache.informer<EventObject>({
    group: '',
    version: 'v1',
    kind: 'Event',
    plural: 'events',
    namespaced: true,
  });
  cache.start(watching.signal);
  await cache.waitForSync(AbortSignal.timeout(10_000));

  const address = `127.0.0.1:${await freePort()}`;
  const logs: LogLine[] = [];
  const listeners = new Set<(line: LogLine) => void>();
  const onLine = (text: string) => {
    const line = JSON.parse(text) as LogLine;
    logs.push(line);
    for (const listener of listeners) listener(line);
  };
  const run = options.process ? runProcess : runHere;
  const program = run({
    args: [
      `--storage-path=${storage}`,
      `--storage-addr=${address}`,
      '--metrics-addr=127.0.0.1:0',
      '--health-addr=127.0.0.1:0',
      '--min-retry-delay=20ms',
      '--max-retry-delay=200ms',
      '--requeue-dependency=100ms',
      '--log-level=debug',
      ...(options.args ?? []),
    ],
    kubeconfig,
    onLine,
  });

  const find = (name: string) => objects.get({ namespace, name });
  const about = (name: string) => events.list().filter((event) => event.involvedObject.name === name);
  const describe = (name: string) =>
    [
      JSON.stringify(find(name)?.status),
      ...about(name).map(text),
      ...logs
        .filter((line) => line.name === name)
        .slice(-4)
        .map(({ level, msg, error }) => `${level}: ${msg} ${error ?? ''}`),
    ].join('\n');
  const until = (name: string, wanted: (object: GitRepository) => boolean) =>
    arrival(
      objects,
      () => [find(name)].find((object) => object && wanted(object)),
      () => describe(name),
    );
  let requests = 0;

  return {
    client,
    storage,
    address,
    logs,
    create: (name, spec) =>
      client.create<GitRepository>({
        apiVersion: 'source.toolkit.fluxcd.io/v1',
        kind: 'GitRepository',
        metadata: { name, namespace },
        spec: { interval: '10m', ...spec },
      }),
    async secret(name, values) {
      await client.create(makeSecret({ namespace, name }, values));
    },
    patch: (name, body) => client.patch<GitRepository>(GitRepositoryKind, { namespace, name }, { type: 'merge', body }),
    async patchStatus(name, status) {
      const body = { status };
      await client.patch(GitRepositoryKind, { namespace, name }, { type: 'merge', body }, { subresource: 'status' });
    },
    async request(name) {
      const token = `request ${++requests} at ${address}`;
      const annotations = { 'reconcile.fluxcd.io/requestedAt': token };
      await client.patch(
        GitRepositoryKind,
        { namespace, name },
        { type: 'merge', body: { metadata: { annotations } } },
      );
      return until(name, ({ status }) => status?.lastHandledReconcileAt === token);
    },
    until,
    async remove(name) {
      await client.delete(GitRepositoryKind, { namespace, name });
    },
    async gone(name) {
      await arrival(
        objects,
        () => find(name) === undefined || undefined,
        () => describe(name),
      );
    },
    event: (name, wanted) =>
      arrival(
        events,
        () => about(name).find(wanted),
        () => describe(name),
      ),
    events: (name) => about(name).map(({ type, reason }) => `${type} ${reason}`),
    onLog(listener) {
      listeners.add(listener);
      return () => void listeners.delete(listener);
    },
    async files({ status }) {
      const directory = await mkdtemp(join(scratch, 'artifact-'));
      const response = await fetch(status!.artifact!.url);
      if (!response.ok) throw new Error(`${status!.artifact!.url} answered ${response.status}`);
      await unpackArchive(response.body!, directory);
      return readTree(directory);
    },
    async stop() {
      program.stop();
      const code = await program.ended;
      await cleanUp();
      const log = logs.map((line) => JSON.stringify(line)).join('\n');
      if (code !== 0) throw new Error(`the controller ended with ${code}:\n${log}`);
    },
    async kill() {
      program.kill();
      await program.ended;
      await cleanUp();
    },
  };

  async function cleanUp(): Promise<void> {
    watching.abort();
    await client.close();
    await rm(scratch, { recursive: true, force: true });
  }
}

/** The condition of a type. */
export function condition({ status }: GitRepository, type: string): Condition | undefined {
  return status?.conditions?.find((candidate) => candidate.type === type);
}

/** `<type>=<status> <reason>` of every condition, in the order of the status. */
export function conditions({ status }: GitRepository): string[] {
  return (status?.conditions ?? []).map(({ type, status, reason }) => `${type}=${status} ${reason}`);
}

/** Ready, and at the present generation. */
export function isReady(object: GitRepository): boolean {
  return (
    condition(object, 'Ready')?.status === 'True' && object.status?.observedGeneration === object.metadata.generation
  );
}

/** The last run has failed and will be repeated, or has stalled. */
export function hasFailed(object: GitRepository): boolean {
  const isOver =
    condition(object, 'Reconciling')?.reason === 'ProgressingWithRetry' || condition(object, 'Stalled') !== undefined;
  return condition(object, 'Ready')?.status === 'False' && isOver;
}

const text = ({ type, reason, message }: EventObject) => `${type} ${reason}: ${message}`;

/** Resolves with what `look` finds, now or after a change of the informer's objects. */
function arrival<T extends KubeObject, R>(
  informer: Informer<T>,
  look: () => R | undefined,
  context: () => string,
): Promise<R> {
  return new Promise((resolve, reject) => {
    const check = () => {
      const found = look();
      if (found === undefined) return;
      end();
      resolve(found);
    };
    const late = setTimeout(() => {
      end();
      reject(new Error(`waited in vain for ${look.toString()}; the last state is:\n${context()}`));
    }, 12_000);
    const end = () => {
      clearTimeout(late);
      queueMicrotask(() => unsubscribe());
    };
    const unsubscribe = informer.subscribe({ added: check, updated: check, deleted: check });
    check();
  });
}

async function readTree(directory: string): Promise<Record<string, string>> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true });
  const files: Record<string, string> = {};
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const file = join(entry.parentPath, entry.name);
    files[file.slice(directory.length + 1)] = await readFile(file, 'utf8');
  }
  return files;
}
