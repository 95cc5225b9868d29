/** Brings an API server to the state that an installation of the toolkit leaves it in. */
import { allKinds, crdOf, type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import { createClient, loadConfig, type KubeClient } from '@gitops-toolkit/kube';
import { waitFor } from '../processes/index.ts';
import type { Context } from '../runner/suite.ts';
import { crds } from './kinds.ts';

/** Field manager of everything that suites write. */
export const fieldManager = 'e2e';

/** Namespace of the toolkit and of the objects that suites make. */
export const namespace = 'flux-system';

/** A client for the control plane of a suite or case, closed with it. */
export async function connect({ controlPlane, cleanUp }: Context): Promise<KubeClient> {
  const client = createClient(await loadConfig({ kubeconfig: controlPlane.kubeconfig }));
  cleanUp(() => client.close());
  return client;
}

/** Installs the CRDs and the namespace, and waits until they can be used. */
export async function installToolkit(client: KubeClient, signal: AbortSignal): Promise<void> {
  const definitions = allKinds.map((kind) => crdOf(kind) as unknown as UnstructuredObject);
  await Promise.all(definitions.map((each) => apply(client, each, signal)));
  await apply(client, { apiVersion: 'v1', kind: 'Namespace', metadata: { name: namespace } }, signal);
  for (const { metadata } of definitions) {
    await waitFor(`${metadata.name} to be established`, () => isEstablished(client, metadata.name), { signal });
  }
  client.mapper.invalidate();
}

/** Server-side apply by the suite. */
export function apply<T extends KubeObject>(client: KubeClient, object: T, signal?: AbortSignal): Promise<T> {
  return client.apply(object, { fieldManager, force: true, signal });
}

async function isEstablished(client: KubeClient, name: string): Promise<boolean> {
  const { status } = await client.get(crds, { name });
  const { conditions = [] } = (status ?? {}) as { conditions?: { type: string; status: string }[] };
  return conditions.some(({ type, status: value }) => type === 'Established' && value === 'True');
}
