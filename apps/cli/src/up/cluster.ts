import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { allKinds, crdOf, type UnstructuredObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { createClient, loadConfig, type KubeClient } from '@gitops-toolkit/kube';

/** The API server that `gotk up` works with. */
export interface Cluster {
  client: KubeClient;
  /** Path of a kubeconfig that reaches it. */
  kubeconfig: string;
  /** True when it lives in this process and ends with it. */
  embedded: boolean;
  close(): Promise<void>;
}

/** Manager of everything that `gotk` itself applies. */
export const fieldManager = 'gotk';

/** Starts the embedded API server and writes its kubeconfig. */
export async function startEmbedded(scratch: string, writeTo: string | undefined): Promise<Cluster> {
  const server = await startEmbeddedKube();
  const kubeconfig = writeTo ?? join(scratch, 'kubeconfig');
  await writeFile(kubeconfig, server.kubeconfigYaml, { mode: 0o600 });
  const client = createClient(await loadConfig({ kubeconfig }));
  return {
    client,
    kubeconfig,
    embedded: true,
    async close() {
      await client.close();
      await server.close();
    },
  };
}

/** Connects to a cluster of the user's; fails when it does not answer. */
export async function connect(kubeconfig: string, context: string | undefined, scratch: string): Promise<Cluster> {
  const client = createClient(await loadConfig({ kubeconfig, context }));
  try {
    await client.request('GET', '/version', { timeoutMs: 10_000 });
  } catch (error) {
    await client.close();
    throw new Error(`the cluster of ${kubeconfig} does not answer: ${(error as Error).message}`, { cause: error });
  }
  return {
    client,
    kubeconfig: await withContext(kubeconfig, context, scratch),
    embedded: false,
    close: () => client.close(),
  };
}

/** Controllers take a kubeconfig but no context: give them a copy whose current context is the wanted one. */
async function withContext(kubeconfig: string, context: string | undefined, scratch: string): Promise<string> {
  if (context === undefined) return kubeconfig;
  const { readFile } = await import('node:fs/promises');
  const { dump, load } = await import('js-yaml');
  const copy = join(scratch, 'kubeconfig');
  const content = load(await readFile(kubeconfig, 'utf8')) as Record<string, unknown>;
  await writeFile(copy, dump({ ...content, 'current-context': context }), { mode: 0o600 });
  return copy;
}

/** Installs the custom resources and waits until the server serves them. */
export async function installCrds(client: KubeClient, signal: AbortSignal): Promise<void> {
  const crds = allKinds.map((kind) => crdOf(kind) as unknown as UnstructuredObject);
  await Promise.all(crds.map((crd) => client.apply(crd, { fieldManager, force: true, signal })));
  const type = {
    group: 'apiextensions.k8s.io',
    version: 'v1',
    kind: 'CustomResourceDefinition',
    plural: 'customresourcedefinitions',
    namespaced: false,
  };
  for (const { metadata } of crds) {
    while (!isEstablished(await client.get(type, { name: metadata.name }, { signal })))
      await delay(100, undefined, { signal });
  }
  client.mapper.invalidate();
}

function isEstablished(crd: UnstructuredObject): boolean {
  const status = crd.status as { conditions?: { type: string; status: string }[] } | undefined;
  return status?.conditions?.some(({ type, status: value }) => type === 'Established' && value === 'True') ?? false;
}

/** Creates a namespace unless it exists; tells whether it did. */
export async function ensureNamespace(client: KubeClient, name: string, signal: AbortSignal): Promise<void> {
  const namespace = { apiVersion: 'v1', kind: 'Namespace', metadata: { name } };
  await client.apply(namespace, { fieldManager, force: true, signal });
}
