/** Sources and Kustomizations: making, watching and steering them. */
import {
  GitRepositoryKind,
  KustomizationKind,
  apiVersionOf,
  type Condition,
  type GitRepository,
  type KubeObject,
  type Kustomization,
  type ResourceType,
} from '@gitops-toolkit/api';
import { isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import { waitFor } from '../processes/index.ts';
import { apply, namespace } from './cluster.ts';
import { events } from './kinds.ts';

/** A toolkit object as suites read it. */
export type Reconciled = KubeObject & {
  spec: { suspend?: boolean };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    lastHandledReconcileAt?: string;
    artifact?: { revision: string; path: string; url: string; digest: string };
    lastAppliedRevision?: string;
    lastAttemptedRevision?: string;
    inventory?: { entries: { id: string; v: string }[] };
  };
};

interface EventObject extends KubeObject {
  involvedObject: { kind: string; name: string };
  type: string;
  reason: string;
  message: string;
}

/** A GitRepository or Kustomization, by kind and name. */
export interface Handle {
  readonly type: ResourceType;
  readonly name: string;
  get(): Promise<Reconciled>;
  find(): Promise<Reconciled | undefined>;
  /** Waits until it looks as wanted; a timeout tells how it looked last. */
  until(what: string, wanted: (object: Reconciled) => unknown, timeoutMs?: number): Promise<Reconciled>;
  /** Waits for Ready of the current generation, at a revision that ends with `commit` when one is given. */
  ready(commit?: string, timeoutMs?: number): Promise<Reconciled>;
  /** Waits for Ready False with this reason; answers the condition. */
  failed(reason: string, message?: RegExp, timeoutMs?: number): Promise<Condition>;
  /** Waits for an event about it. */
  event(type: 'Normal' | 'Warning', reason: string, message?: RegExp): Promise<EventObject>;
  /** Events about it so far, as `<type> <reason>: <message>`. */
  events(): Promise<string[]>;
  /** Merge-patches its spec. */
  change(spec: object): Promise<Reconciled>;
  /** Sets `reconcile.fluxcd.io/requestedAt` and waits until it has been handled. */
  reconcile(timeoutMs?: number): Promise<Reconciled>;
  /** Sets the annotation and does not wait. */
  request(): Promise<string>;
  delete(): Promise<void>;
  gone(timeoutMs?: number): Promise<void>;
}

/** Revision of `Ready` objects: what was applied, or what is stored. */
export function revisionOf({ status }: Reconciled): string {
  return status?.lastAppliedRevision ?? status?.artifact?.revision ?? '';
}

export function conditionOf({ status }: Reconciled, type: string): Condition | undefined {
  return status?.conditions?.find((condition) => condition.type === type);
}

/** A value for `requestedAt` that was not used before. */
let requests = 0;

/** A handle on an object that may or may not exist. */
export function handle(client: KubeClient, type: ResourceType, name: string, signal: AbortSignal): Handle {
  const key = { namespace, name };
  const find = () => client.find<Reconciled>(type, key, { signal });
  const until: Handle['until'] = async (what, wanted, timeoutMs = 30_000) => {
    let last: Reconciled | undefined;
    const check = async () => ((last = await find()) && wanted(last) ? last : undefined);
    try {
      return await waitFor(`${type.kind} ${name} ${what}`, check, { timeoutMs, signal });
    } catch (error) {
      if (error instanceof Error) error.message += `; it is ${describe(last)}`;
      throw error;
    }
  };
  const listEvents = async () =>
    (await client.list<EventObject>(events, { namespace, signal })).items.filter(
      ({ involvedObject }) => involvedObject.kind === type.kind && involvedObject.name === name,
    );
  const request = async () => {
    const at = `${Date.now()}-${(requests += 1)}`;
    const annotations = { 'reconcile.fluxcd.io/requestedAt': at };
    await client.patch(type, key, { type: 'merge', body: { metadata: { annotations } } }, { signal });
    return at;
  };

  return {
    type,
    name,
    find,
    get: () => client.get<Reconciled>(type, key, { signal }),
    until,
    ready: (commit, timeoutMs) =>
      until(
        `to be Ready${commit === undefined ? '' : ` at ${commit}`}`,
        (object) => isReady(object) && revisionOf(object).endsWith(commit ?? ''),
        timeoutMs,
      ),
    async failed(reason, message = /./, timeoutMs) {
      const isWanted = (object: Reconciled) => {
        const ready = conditionOf(object, 'Ready');
        return ready?.status === 'False' && ready.reason === reason && message.test(ready.message);
      };
      const found = await until(`to fail with ${reason} and ${message}`, isWanted, timeoutMs);
      return conditionOf(found, 'Ready') as Condition;
    },
    event: (eventType, reason, message = /./) =>
      waitFor(
        `a ${eventType} event ${reason} with ${message} about ${type.kind} ${name}`,
        async () =>
          (await listEvents()).find(
            (event) => event.type === eventType && event.reason === reason && message.test(event.message),
          ),
        { signal },
      ),
    events: async () => (await listEvents()).map((event) => `${event.type} ${event.reason}: ${event.message}`),
    change: (spec) => client.patch<Reconciled>(type, key, { type: 'merge', body: { spec } }, { signal }),
    request,
    async reconcile(timeoutMs) {
      const at = await request();
      return until('to handle a request', ({ status }) => status?.lastHandledReconcileAt === at, timeoutMs);
    },
    async delete() {
      try {
        await client.delete(type, key, { signal });
      } catch (error) {
        if (!isNotFound(error)) throw error;
      }
    },
    async gone(timeoutMs) {
      let last: Reconciled | undefined;
      const what = `${type.kind} ${name} to be gone`;
      await waitFor(what, async () => (last = await find()) === undefined, { timeoutMs, signal }).catch(
        (error: Error) => {
          error.message += `; it is ${describe(last)}`;
          throw error;
        },
      );
    },
  };
}

/** Ready, about the present generation, with nothing under way. */
export function isReady(object: Reconciled): boolean {
  return (
    conditionOf(object, 'Ready')?.status === 'True' &&
    object.status?.observedGeneration === object.metadata.generation &&
    conditionOf(object, 'Reconciling') === undefined
  );
}

function describe(object: Reconciled | undefined): string {
  if (object === undefined) return 'absent';
  const { metadata, spec, status } = object;
  return JSON.stringify({ generation: metadata.generation, deleted: metadata.deletionTimestamp, spec, status });
}

/** Applies a GitRepository; the interval is long unless given. */
export async function gitRepository(
  client: KubeClient,
  signal: AbortSignal,
  name: string,
  spec: Partial<GitRepository['spec']> & { url: string },
): Promise<Handle> {
  const object = {
    apiVersion: apiVersionOf(GitRepositoryKind),
    kind: GitRepositoryKind.kind,
    metadata: { name, namespace },
    spec: { interval: '10m', timeout: '20s', ref: { branch: 'main' }, ...spec },
  };
  await apply(client, object, signal);
  return handle(client, GitRepositoryKind, name, signal);
}

/** Applies a Kustomization of a GitRepository; the interval is long unless given. */
export async function kustomization(
  client: KubeClient,
  signal: AbortSignal,
  name: string,
  source: string,
  spec: Partial<Kustomization['spec']> = {},
): Promise<Handle> {
  const object = {
    apiVersion: apiVersionOf(KustomizationKind),
    kind: KustomizationKind.kind,
    metadata: { name, namespace },
    spec: {
      interval: '10m',
      retryInterval: '1s',
      timeout: '30s',
      prune: true,
      path: './',
      sourceRef: { kind: 'GitRepository', name: source },
      ...spec,
    },
  };
  await apply(client, object, signal);
  return handle(client, KustomizationKind, name, signal);
}
