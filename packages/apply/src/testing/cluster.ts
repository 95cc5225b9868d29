import { type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import { createClient, type KubeClient, loadConfig } from '@gitops-toolkit/kube';

/** An API server for the tests of one file, with a namespace of its own. */
export interface TestCluster {
  client: KubeClient;
  /** Somebody else's client: its requests are not counted. */
  other: KubeClient;
  namespace: string;
  /** Requests of `client` since the last call, by verb; discovery left out. */
  requests(): Record<string, number>;
  /** Creates objects as `other`. */
  create(...objects: KubeObject[]): Promise<void>;
  read(kind: string, name: string, apiVersion?: string): Promise<UnstructuredObject>;
  close(): Promise<void>;
}

/** What starts an embedded API server. */
type Start = (options: { simulate: boolean }) => Promise<{ url: string; close(): Promise<void> }>;

/** The server that `GOTK_TEST_KUBECONFIG` names, or else one that `start` starts. */
export async function openCluster(start: Start): Promise<TestCluster> {
  const kubeconfig = process.env.GOTK_TEST_KUBECONFIG;
  const server = kubeconfig ? undefined : await start({ simulate: false });
  const config = kubeconfig ? await loadConfig({ kubeconfig }) : { server: server!.url };
  const counts = new Map<string, number>();
  const client = createClient({
    ...config,
    onRequest({ verb, resource }) {
      if (resource) counts.set(verb, (counts.get(verb) ?? 0) + 1);
    },
  });
  const other = createClient(config);
  const namespace = `test-${Math.random().toString(36).slice(2, 8)}`;
  await other.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } });
  return {
    client,
    other,
    namespace,
    requests() {
      const seen = Object.fromEntries(counts);
      counts.clear();
      return seen;
    },
    async create(...objects) {
      for (const object of objects) await other.create(object, { fieldManager: 'somebody' });
    },
    read(kind, name, apiVersion = 'v1') {
      const [group, version] = apiVersion.includes('/') ? apiVersion.split('/') : ['', apiVersion];
      return other.get({ group: group!, version: version!, kind }, { namespace, name });
    },
    async close() {
      await other.delete({ group: '', version: 'v1', kind: 'Namespace' }, { name: namespace });
      await Promise.all([client.close(), other.close()]);
      await server?.close();
    },
  };
}

/** Waits until `check` answers something true; for things that happen in other parts of a program. */
export async function eventually<T>(check: () => T | Promise<T>, timeoutMs = 10_000): Promise<NonNullable<T>> {
  const end = Date.now() + timeoutMs;
  for (;;) {
    const value = await check();
    if (value) return value;
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}
