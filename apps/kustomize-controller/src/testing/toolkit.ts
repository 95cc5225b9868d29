import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  BucketKind,
  crdOf,
  ExternalArtifactKind,
  GitRepositoryKind,
  KustomizationKind,
  OCIRepositoryKind,
  type KubeObject,
  type Kustomization,
} from '@gitops-toolkit/api';
import { createClient, createInformerCache, isAlreadyExists, type KubeClient } from '@gitops-toolkit/kube';
import { runProgram } from '@gitops-toolkit/runtime';
import { kustomizeController } from '../program.ts';
import { startArtifactServer, type ArtifactServer } from './artifacts.ts';
import { startEventServer, type EventServer } from './events.ts';
import { createTenant, type Tenant } from './tenant.ts';

export interface LogLine {
  level: string;
  msg: string;
  [key: string]: unknown;
}

/** What the world needs of an embedded API server. */
export interface ApiServer {
  url: string;
  kubeconfigYaml: string;
  /** Requests served, by verb, resource and client. */
  stats(): { verb: string; resource: string; client: string; count: number }[];
  resetStats(): void;
  close(): Promise<void>;
}

/** Everything around the controller: an API server, a server of artifacts, a receiver of events. */
export interface World {
  kube: ApiServer;
  client: KubeClient;
  artifacts: ArtifactServer;
  events: EventServer;
  /** The state that the informer of Kustomizations has; every state that it ever had, by `<namespace>/<name>`. */
  find(namespace: string, name: string): Kustomization | undefined;
  states(namespace: string, name: string): Kustomization[];
  /** Resolves with what `look` finds, now or after a change; fails with a picture of the namespace. */
  arrival<R>(namespace: string, look: () => R | undefined, timeoutMs?: number): Promise<R>;
  /** A namespace of its own, with helpers. */
  tenant(): Promise<Tenant>;
  /** Runs the controller until `stop`. */
  controller(...args: string[]): Promise<Controller>;
  close(): Promise<void>;
}

export interface Controller {
  logs: LogLine[];
  /** Stops it as SIGTERM does; fails unless it ends with 0. */
  stop(): Promise<void>;
}

/** Time that anything may take to happen, in milliseconds. */
const patienceMs = 15_000;

/**
 * Starts the world, without a controller.
 *
 * @param start starts the API server.
 * @param options.server where controllers find the API server; default: directly.
 */
export async function startWorld(
  start: () => Promise<ApiServer>,
  options: { server?: (url: string) => string | Promise<string> } = {},
): Promise<World> {
  const scratch = await mkdtemp(join(tmpdir(), 'kustomize-controller-test-'));
  const [kube, artifacts, events] = await Promise.all([start(), startArtifactServer(), startEventServer()]);
  const kubeconfig = join(scratch, 'kubeconfig');
  const server = await options.server?.(kube.url);
  await writeFile(kubeconfig, server ? kube.kubeconfigYaml.replaceAll(kube.url, server) : kube.kubeconfigYaml);
  const client = createClient({ server: kube.url });
  for (const kind of [GitRepositoryKind, OCIRepositoryKind, BucketKind, ExternalArtifactKind, KustomizationKind]) {
    await client.create(crdOf(kind)).catch((error: unknown) => {
      if (!isAlreadyExists(error)) throw error;
    });
  }
  client.mapper.invalidate();

  const watching = new AbortController();
  const cache = createInformerCache(client);
  const objects = cache.informer<Kustomization>(KustomizationKind);
  const seen = new Map<string, Kustomization[]>();
  const listeners = new Set<() => void>();
  const note = (object: Kustomization) => {
    const key = `${object.metadata.namespace}/${object.metadata.name}`;
    seen.set(key, [...(seen.get(key) ?? []), object]);
    for (const listener of listeners) listener();
  };
  objects.subscribe({ added: note, updated: note, deleted: () => listeners.forEach((listener) => listener()) });
  events.subscribe(() => listeners.forEach((listener) => listener()));
  cache.start(watching.signal);
  await cache.waitForSync(AbortSignal.timeout(patienceMs));

  const logs: LogLine[] = [];
  let tenants = 0;
  const world: World = {
    kube,
    client,
    artifacts,
    events,
    find: (namespace, name) => objects.get({ namespace, name }),
    states: (namespace, name) => seen.get(`${namespace}/${name}`) ?? [],
    arrival: (namespace, look, timeoutMs = patienceMs) =>
      new Promise((resolve, reject) => {
        const end = () => {
          clearTimeout(late);
          listeners.delete(check);
        };
        const check = () => {
          const found = look();
          if (found === undefined) return;
          end();
          resolve(found);
        };
        const late = setTimeout(() => {
          end();
          reject(new Error(`waited in vain for ${look.toString()}:\n${picture(namespace)}`));
        }, timeoutMs);
        listeners.add(check);
        check();
      }),
    async tenant() {
      const namespace = `tenant-${++tenants}`;
      await client.create<KubeObject>({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
      return createTenant(world, namespace);
    },
    async controller(...args) {
      const stopping = new AbortController();
      const ended = runProgram(kustomizeController, {
        args: [
          '--metrics-addr=127.0.0.1:0',
          '--health-addr=127.0.0.1:0',
          `--events-addr=${events.url}`,
          '--min-retry-delay=50ms',
          '--max-retry-delay=200ms',
          '--requeue-dependency=300ms',
          '--http-retry=0',
          '--log-level=debug',
          ...args,
        ],
        env: { KUBECONFIG: kubeconfig, RUNTIME_NAMESPACE: 'default' },
        stderr: { write: (text) => logs.push(...parse(text)) },
        signal: stopping.signal,
      });
      return {
        logs,
        async stop() {
          stopping.abort();
          const code = await ended;
          if (code !== 0) throw new Error(`the controller ended with ${code}: ${JSON.stringify(logs.at(-1))}`);
        },
      };
    },
    async close() {
      watching.abort();
      await client.close();
      await Promise.all([kube.close(), artifacts.close(), events.close()]);
      await rm(scratch, { recursive: true, force: true });
    },
  };
  return world;

  function picture(namespace: string): string {
    return [
      ...objects
        .list()
        .filter(({ metadata }) => metadata.namespace === namespace)
        .map(({ metadata, status }) => `${metadata.name}: ${JSON.stringify(status)}`),
      ...events.all
        .filter(({ involvedObject }) => involvedObject.namespace === namespace)
        .map(({ involvedObject, reason, message }) => `event of ${involvedObject.name}: ${reason}: ${message}`),
      ...logs
        .filter((line) => line.namespace === namespace)
        .slice(-5)
        .map((line) => JSON.stringify(line)),
    ].join('\n');
  }
}

function parse(text: string): LogLine[] {
  return text
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as LogLine);
}
