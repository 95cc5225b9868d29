import type { Condition, KubeObject, UnstructuredObject } from '@gitops-toolkit/api';
import { configOfContext, createClient, parseKubeConfig, type KubeClient } from '@gitops-toolkit/kube';

/** A kind to try the runtime on. */
export interface Thing extends KubeObject {
  spec: { text?: string; interval?: string; suspend?: boolean; configMap?: string };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    lastHandledReconcileAt?: string;
    note?: string;
  };
}

export const thingKind = { group: 'example.org', version: 'v1', kind: 'Thing', plural: 'things', namespaced: true };
export const configMapKind = { group: '', version: 'v1', kind: 'ConfigMap', plural: 'configmaps', namespaced: true };
/** What a core/v1 Event has, as far as tests look. */
export interface StoredEvent extends KubeObject {
  reason: string;
  type: string;
  message: string;
  count: number;
}

export const eventKind = { group: '', version: 'v1', kind: 'Event', plural: 'events', namespaced: true };
export const leaseKind = {
  group: 'coordination.k8s.io',
  version: 'v1',
  kind: 'Lease',
  plural: 'leases',
  namespaced: true,
};
const crdKind = {
  group: 'apiextensions.k8s.io',
  version: 'v1',
  kind: 'CustomResourceDefinition',
  plural: 'customresourcedefinitions',
  namespaced: false,
};

const open = { type: 'object', 'x-kubernetes-preserve-unknown-fields': true };
const crd = {
  apiVersion: 'apiextensions.k8s.io/v1',
  kind: 'CustomResourceDefinition',
  metadata: { name: 'things.example.org' },
  spec: {
    group: 'example.org',
    scope: 'Namespaced',
    names: { kind: 'Thing', listKind: 'ThingList', plural: 'things', singular: 'thing' },
    versions: [
      {
        name: 'v1',
        served: true,
        storage: true,
        subresources: { status: {} },
        schema: { openAPIV3Schema: { type: 'object', properties: { spec: open, status: open } } },
      },
    ],
  },
};

/** A client for the server of this kubeconfig, on which things can be created in the namespace `test`. */
export async function connect(kubeconfigYaml: string): Promise<KubeClient> {
  const client = createClient(configOfContext(parseKubeConfig(kubeconfigYaml, 'kubeconfig of the test')));
  await client.create({ apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'test' } });
  await client.create(crd as KubeObject);
  await eventually(async () => {
    const stored = await client.get<UnstructuredObject>(crdKind, { name: crd.metadata.name });
    const { conditions = [] } = (stored.status ?? {}) as { conditions?: Condition[] };
    return conditions.some(({ type, status }) => type === 'Established' && status === 'True');
  });
  client.mapper.invalidate();
  return client;
}

export function thing(name: string, spec: Thing['spec'] = {}, metadata: Partial<KubeObject['metadata']> = {}): Thing {
  return { apiVersion: 'example.org/v1', kind: 'Thing', metadata: { name, namespace: 'test', ...metadata }, spec };
}

/** The first truthy answer, asked for again and again for at most `deadlineMs`. */
export async function eventually<R>(
  ask: () => Promise<R> | R,
  deadlineMs = 10_000,
): Promise<Exclude<R, false | undefined | null>> {
  const end = Date.now() + deadlineMs;
  for (;;) {
    const answer = await ask();
    if (answer) return answer as Exclude<R, false | undefined | null>;
    if (Date.now() > end) throw new Error('it did not happen in time');
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
}

/** `status reason: message` of each condition, by type. */
export function conditionView(object: { status?: { conditions?: Condition[] } } | undefined): Record<string, string> {
  return Object.fromEntries(
    (object?.status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}: ${c.message}`]),
  );
}
