import { builtinResources } from './builtin/resources.ts';
import { adoptCrdResource, crdCollection, registerCustomResources } from './custom/definitions.ts';
import { type Kubeconfig, kubeconfigFor, kubeconfigText } from './kubeconfig.ts';
import { Lifecycle } from './lifecycle/lifecycle.ts';
import { Registry } from './resource/registry.ts';
import { startSimulation } from './simulation/simulation.ts';
import { serve, type ServerOptions } from './server/server.ts';
import type { RequestCount } from './server/stats.ts';
import { Store } from './store/store.ts';
import type { Cluster } from './verbs/cluster.ts';
import { create } from './verbs/create.ts';

export interface EmbeddedKubeOptions extends ServerOptions {
  /** Let workloads progress as if nodes ran them: see README. Default true. */
  simulate?: boolean;
  /** Time until a simulated workload is ready, in milliseconds; default 50. */
  simulationDelayMs?: number;
}

export interface EmbeddedKube {
  /** Base URL, `http://127.0.0.1:<port>`. */
  readonly url: string;
  readonly kubeconfig: Kubeconfig;
  /** The kubeconfig as YAML, for `KUBECONFIG` files. */
  readonly kubeconfigYaml: string;
  /** The bearer token, when one is required. */
  readonly token: string | undefined;
  /** Requests served since the start or the last `resetStats`, by verb, resource and status code. Watches count when they end. */
  stats(): RequestCount[];
  resetStats(): void;
  /** Forgets all history, as etcd does after a while: watches that resume from before get 410 Expired. */
  compact(): void;
  /** Ends every connection and accepts none until `reconnect`, as when the API server is down; all state is kept. */
  disconnect(): Promise<void>;
  reconnect(): Promise<void>;
  /** Ends every connection and stops. */
  close(): Promise<void>;
}

/** Starts a Kubernetes API server in this process. Throws when it cannot listen. */
export async function startEmbeddedKube(options: EmbeddedKubeOptions = {}): Promise<EmbeddedKube> {
  const cluster: Cluster = { store: new Store(), registry: new Registry() };
  const resources = builtinResources();
  const crds = resources.find((resource) => resource.collection === crdCollection)!;
  adoptCrdResource(crds, cluster.registry);
  cluster.registry.add(...resources);
  registerCustomResources(cluster.store, cluster.registry);
  const lifecycle = new Lifecycle(cluster);
  createDefaults(cluster);
  const server = await serve(cluster, options);
  const simulation =
    options.simulate === false
      ? undefined
      : startSimulation({ url: server.url, token: options.token, delayMs: options.simulationDelayMs });
  const kubeconfig = kubeconfigFor(server.url, options.token);
  return {
    url: server.url,
    kubeconfig,
    kubeconfigYaml: kubeconfigText(kubeconfig),
    token: options.token,
    stats: () => server.stats.all(),
    resetStats: () => server.stats.reset(),
    compact: () => cluster.store.compact(),
    disconnect: () => server.close(),
    reconnect: () => server.reopen(),
    close: async () => {
      await simulation?.stop();
      lifecycle.close();
      cluster.store.close();
      await server.close();
    },
  };
}

/** What every cluster starts with; namespaces get their service account as they appear. */
function createDefaults(cluster: Cluster): void {
  const context = { dryRun: false, manager: 'kube-apiserver', fieldValidation: 'Strict' as const, warnings: [] };
  const make = (apiVersion: string, plural: string, kind: string, name: string, namespace?: string) => {
    const resource = cluster.registry.get(apiVersion, plural)!;
    create(cluster, resource, namespace, { apiVersion, kind, metadata: { name, namespace } }, context);
  };
  cluster.store.onChange((collection, change) => {
    if (collection !== '/namespaces' || change.type !== 'ADDED') return;
    make('v1', 'serviceaccounts', 'ServiceAccount', 'default', change.key);
  });
  for (const name of ['default', 'kube-system', 'kube-public', 'kube-node-lease'])
    make('v1', 'namespaces', 'Namespace', name);
}
