import { type GroupVersionKind, type ResourceType, type UnstructuredObject } from '@gitops-toolkit/api';
import { type KubeClient, observe } from '@gitops-toolkit/kube';
import { type ObjectRef, refText } from '../object/object.ts';
import { createDeadline, messageOf, pause } from '../object/time.ts';
import { schedulingGraceMs } from './builtin.ts';
import { HealthError, type HealthFinding } from './errors.ts';
import { watchPods } from './pods.ts';
import { createHealthRules, type HealthRules } from './rules.ts';
import { type ObjectStatus } from './status.ts';

/** An object whose health counts. Without `plural` in its type the server's preferred version is used (KUS-287). */
export interface HealthRef extends ObjectRef {
  /** A Job that may be gone when it is done: its absence is success (KUS-291). */
  expires?: boolean;
  /** The object, just read or written. Saves reading it where that is enough to know that it is Current. */
  object?: UnstructuredObject;
}

export interface HealthWaitOptions {
  /** Limit of the wait in milliseconds. */
  timeoutMs: number;
  signal?: AbortSignal;
  /**
   * Awaits the wait, once it is clear that there is something to wait for. A program with few workers hands its worker to
   * others meanwhile. Default: it is simply awaited.
   */
  aside?: <R>(wait: () => Promise<R>) => Promise<R>;
  /** End as soon as one object is Failed; default true (KUS-289). */
  failFast?: boolean;
  rules?: HealthRules;
  /** Objects for which this is true are Current without being read. */
  isKnown?: (ref: HealthRef) => boolean;
  /** Called with every object that was found Current. */
  onCurrent?: (ref: HealthRef, object: UnstructuredObject) => void;
}

/** How long until a kind that is not served, or objects that may not be read, are tried again, in milliseconds. */
const retryMs = 5_000;

interface Watched {
  ref: HealthRef;
  /** Undefined until the object was read, or could not be. */
  result?: ObjectStatus;
  object?: UnstructuredObject;
}

/**
 * Waits until all objects are Current. Driven by watches: nothing is read again that has not changed.
 *
 * @throws HealthError when an object fails, when each is either Current or Failed, or when time is up (§5.13.1); and
 *   the reason of `signal` when that is aborted.
 */
export async function waitForHealth(
  client: KubeClient,
  refs: readonly HealthRef[],
  options: HealthWaitOptions,
): Promise<void> {
  const { failFast = true, rules = createHealthRules(), isKnown, onCurrent, aside = (wait) => wait() } = options;
  const open = distinct(refs).filter((ref) => {
    if (isKnown?.(ref)) return false;
    if (!isBuiltIn(ref.type.group) || !ref.object || rules.status(ref.object).status !== 'Current') return true;
    onCurrent?.(ref, ref.object);
    return false;
  });
  if (open.length === 0) return;
  const watched: Watched[] = open.map((ref) => ({ ref }));
  const deadline = createDeadline(options.timeoutMs, options.signal);
  const { signal } = deadline;

  let finish: (error?: unknown) => void = () => {};
  const finished = new Promise<void>((resolve, reject) => {
    finish = (error) => (error === undefined ? resolve() : reject(error));
  });
  // Nobody may be waiting any more when it ends.
  finished.catch(() => {});

  const settle = () => {
    const failed = watched.filter(({ result }) => result?.status === 'Failed');
    if (watched.every(({ result }) => result?.status === 'Current')) return finish();
    const allDecided = watched.every(({ result }) => result?.status === 'Current' || result?.status === 'Failed');
    if (failed.length > 0 && (failFast || allDecided)) finish(new HealthError('failed', failed.map(finding)));
  };
  const decide = (item: Watched, result: ObjectStatus) => {
    item.result = result;
    if (result.status === 'Current' && item.object) onCurrent?.(item.ref, item.object);
    settle();
  };
  const judge = (item: Watched) => {
    if (item.object) decide(item, rules.status(item.object));
    else if (item.ref.expires) decide(item, { status: 'Current', message: 'the Job is gone, as it may when done' });
    else decide(item, { status: 'NotFound', message: '' });
  };

  const follow = async (items: Watched[]): Promise<void> => {
    const type = await servedType(client, items, signal);
    const byName = new Map<string, { item: Watched; onChange: (object: UnstructuredObject | undefined) => void }>();
    for (const item of items) {
      if (type.namespaced && !item.ref.key.namespace) {
        const kind = type.group ? `${type.kind}.${type.group}` : type.kind;
        const message = `resource ${kind} ${item.ref.key.name} is namespace scoped, but namespace is not set`;
        throw new HealthError('invalid', [{ ...finding(item), message }]);
      }
      const pods = watchPods(client, signal, (result) => {
        if (item.result?.status === 'InProgress') decide(item, result);
      });
      const onChange = (object: UnstructuredObject | undefined) => {
        item.object = object;
        judge(item);
        if (!object || item.result?.status !== 'InProgress') return;
        pods.examine(object);
        recheckPod(object, () => item.object === object && judge(item), signal);
      };
      byName.set(item.ref.key.name, { item, onChange });
    }
    const namespace = type.namespaced ? items[0]?.ref.key.namespace : undefined;
    const refs = Array.from(byName.keys(), (name) => ({ type, key: namespace ? { namespace, name } : { name } }));
    const onError = (error: unknown) => {
      for (const { item } of byName.values()) {
        // What was seen still holds: a watch that resumes says nothing of objects that have not changed since.
        const isSeen = item.result !== undefined && item.result.status !== 'Unknown';
        if (!isSeen) decide(item, { status: 'Unknown', message: messageOf(error) });
      }
    };
    const onChange = (ref: ObjectRef, object: UnstructuredObject | undefined) =>
      byName.get(ref.key.name)?.onChange(object);
    while (!signal.aborted) {
      try {
        await observe(client, refs, onChange, { signal, onError });
      } catch (error) {
        onError(error);
        await pause(retryMs, signal);
      }
    }
  };

  const onAbort = () => finish(deadline.expired() ? new HealthError('timeout', notCurrent(watched)) : signal.reason);
  if (signal.aborted) onAbort();
  else signal.addEventListener('abort', onAbort, { once: true });
  for (const items of grouped(watched)) follow(items).catch((error: unknown) => signal.aborted || finish(error));
  try {
    await aside(() => finished);
  } finally {
    deadline.end();
  }
}

/** Objects of one kind in one namespace. */
function grouped(watched: readonly Watched[]): Watched[][] {
  const nameOf = ({ ref: { type, key } }: Watched) =>
    `${type.group}/${type.version}/${type.kind}/${key.namespace ?? ''}`;
  return Array.from(Map.groupBy(watched, nameOf).values());
}

/** Asks for the kind until the server serves it; meanwhile its objects are Unknown (KUS-299). */
async function servedType(client: KubeClient, items: readonly Watched[], signal: AbortSignal): Promise<ResourceType> {
  const { type } = items[0]!.ref;
  if (isResourceType(type)) return type;
  for (;;) {
    try {
      return await client.mapper.preferred(type.group, type.kind, { signal });
    } catch (error) {
      if (signal.aborted) throw error;
      for (const item of items) item.result = { status: 'Unknown', message: messageOf(error) };
      await pause(retryMs, signal);
      signal.throwIfAborted();
    }
  }
}

/**
 * Kinds that come with Kubernetes show in what they answer to a write whether they have work to do; those of others may
 * not have been seen by their controllers yet, and say nothing of themselves until they are.
 */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

/** An unschedulable Pod fails by the clock; no event announces it. */
function recheckPod(object: UnstructuredObject, judge: () => unknown, signal: AbortSignal): void {
  if (object.kind !== 'Pod' || object.apiVersion !== 'v1') return;
  const age = Date.now() - Date.parse(object.metadata.creationTimestamp ?? '');
  if (!(age <= schedulingGraceMs)) return;
  const timer = setTimeout(judge, schedulingGraceMs - age + 1);
  signal.addEventListener('abort', () => clearTimeout(timer), { once: true });
}

function distinct(refs: readonly HealthRef[]): HealthRef[] {
  return Array.from(new Map(refs.map((ref) => [`${ref.type.group} ${refText(ref)}`, ref])).values());
}

function isResourceType(type: GroupVersionKind | ResourceType): type is ResourceType {
  return 'plural' in type;
}

function finding({ ref, result }: Watched): HealthFinding {
  return { ref, status: result?.status, message: result?.message ?? '' };
}

function notCurrent(watched: readonly Watched[]): HealthFinding[] {
  return watched.filter(({ result }) => result?.status !== 'Current').map(finding);
}
