import { createHash } from 'node:crypto';
import { keyText, type Kustomization, type ResourceType, type UnstructuredObject } from '@gitops-toolkit/api';
import { createClient, isNotFound, sanitizedConfig, type KubeClient } from '@gitops-toolkit/kube';
import { failing, retry, type ReconcileContext, type ReconcileError } from '@gitops-toolkit/runtime';
import type { Settings } from './settings.ts';
import { retryIntervalMs } from './spec.ts';

const secrets: ResourceType = { group: '', version: 'v1', kind: 'Secret', plural: 'secrets', namespaced: true };
const serviceAccounts: ResourceType = {
  group: '',
  version: 'v1',
  kind: 'ServiceAccount',
  plural: 'serviceaccounts',
  namespaced: true,
};

/** Remote clusters kept connected; the least recently used one is forgotten beyond that. */
const maxRemotes = 100;

/** The cluster to apply to, and as whom. */
export interface Target {
  client: KubeClient;
  /** Tells clusters and identities apart, for caches. */
  id: string;
}

/** Hands out clients for target clusters; remote connections are shared by everything with the same kubeconfig. */
export interface Targets {
  /** The client that applies, prunes and checks for an object (KUS-339, KUS-340, KUS-345). */
  of(ctx: ReconcileContext<Kustomization>): Promise<Target>;
  /** Whether the ServiceAccount to act as exists in this cluster; true without one (RTM-278, KUS-325). */
  canImpersonate(ctx: ReconcileContext<Kustomization>): Promise<boolean>;
}

/** Creates the {@link Targets} of a process. */
export function createTargets(settings: Settings): Targets {
  const remotes = new Map<string, KubeClient>();
  const accountOf = ({ spec }: Kustomization) => spec.serviceAccountName || settings.defaultServiceAccount;

  async function remote(ctx: ReconcileContext<Kustomization>): Promise<{ client: KubeClient; id: string }> {
    const text = await kubeconfigOf(ctx);
    const id = createHash('sha256').update(text).digest('hex');
    let client = remotes.get(id);
    if (client === undefined) {
      const allow = { allowExec: settings.insecureKubeconfigExec, allowInsecureTls: settings.insecureKubeconfigTls };
      try {
        client = createClient(sanitizedConfig(text, { ...allow, origin: originOf(ctx.object) }));
      } catch (error) {
        const origin = originOf(ctx.object);
        const { message } = error as Error;
        const text = message.includes(origin) ? message : `${origin} cannot be used: ${message}`;
        throw clientError(ctx.object, text, error);
      }
    }
    remotes.delete(id);
    remotes.set(id, client);
    // Not closed: another run may be using it, and idle connections end by themselves.
    if (remotes.size > maxRemotes) remotes.delete(remotes.keys().next().value!);
    return { client, id };
  }

  return {
    async of(ctx) {
      const base = ctx.object.spec.kubeConfig ? await remote(ctx) : { client: ctx.client, id: 'local' };
      const account = accountOf(ctx.object);
      if (!account) return base;
      const user = `system:serviceaccount:${ctx.object.metadata.namespace}:${account}`;
      return { client: base.client.impersonate({ user }), id: `${base.id} as ${user}` };
    },
    async canImpersonate(ctx) {
      const name = accountOf(ctx.object);
      if (!name) return true;
      const key = { name, namespace: ctx.object.metadata.namespace! };
      return (await ctx.client.find(serviceAccounts, key, { signal: ctx.signal, metadataOnly: true })) !== undefined;
    },
  };
}

function originOf({ spec, metadata }: Kustomization): string {
  return `KubeConfig secret '${metadata.namespace}/${spec.kubeConfig?.secretRef?.name}'`;
}

/** No client for the target cluster; a deletion is repeated with back-off (KUS-326), a run after the retry interval. */
function clientError(object: Kustomization, message: string, cause: unknown): ReconcileError {
  return object.metadata.deletionTimestamp
    ? failing('ReconciliationFailed', message, { cause })
    : retry('ReconciliationFailed', message, retryIntervalMs(object), { cause });
}

/** The text of the kubeconfig (KUS-345). */
async function kubeconfigOf(ctx: ReconcileContext<Kustomization>): Promise<string> {
  const { object } = ctx;
  const fail = (message: string, cause?: unknown) => clientError(object, message, cause);
  const reference = object.spec.kubeConfig?.secretRef;
  if (reference === undefined) {
    throw fail('spec.kubeConfig.configMapRef is not supported by this version; use spec.kubeConfig.secretRef');
  }
  const key = { name: reference.name, namespace: object.metadata.namespace! };
  let secret: UnstructuredObject;
  try {
    secret = await ctx.client.get(secrets, key, { signal: ctx.signal });
  } catch (error) {
    ctx.signal.throwIfAborted();
    const why = isNotFound(error) ? 'not found' : (error as Error).message;
    throw fail(`unable to read KubeConfig secret '${keyText(key)}' error: ${why}`, error);
  }
  const data = (secret.data ?? {}) as Record<string, string>;
  const encoded = reference.key ? data[reference.key] : (data.value ?? data['value.yaml']);
  if (!encoded) {
    throw fail(`${originOf(object)} does not contain a '${reference.key || 'value'}' key with a kubeconfig`);
  }
  return Buffer.from(encoded, 'base64').toString('utf8');
}
