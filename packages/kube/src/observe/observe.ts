/** Following the state of given objects, as health checks and waiting for deletion need it. */
import { apiVersionOf, keyText, type KubeObject, type ObjectKey, type UnstructuredObject } from '@gitops-toolkit/api';
import { isForbidden } from '../errors.ts';
import type { BackoffOptions } from '../informer/backoff.ts';
import { reflect, type Sink } from '../informer/reflector.ts';
import { pause } from '../transport/deadline.ts';
import type { KubeClient, TypeRef } from '../types.ts';

/** An object to follow. */
export interface ObservedRef {
  type: TypeRef;
  key: ObjectKey;
}

export interface ObserveOptions {
  /** Ends the observation. */
  signal: AbortSignal;
  /** A failed request; it is repeated. For saying why nothing is known. */
  onError?: (error: unknown, refs: ObservedRef[]) => void;
  /** How often objects are read that may not be watched, in milliseconds; default 5_000. */
  pollMs?: number;
  backoff?: BackoffOptions;
}

/** Called with the first known state of each object and with every later one; undefined: it does not exist. */
export type OnChange = (ref: ObservedRef, object: UnstructuredObject | undefined) => void;

/** Objects of one kind in one namespace: what one watch covers. */
interface Group {
  type: TypeRef;
  namespace?: string;
  refs: Map<string, ObservedRef[]>;
}

/**
 * Follows objects until `signal` is aborted: one watch for each kind and namespace, narrowed to a single object where
 * only one is asked for. Where listing or watching is forbidden, each object is read again and again instead. Kinds
 * that are not served count as objects that do not exist.
 * @returns a promise that resolves when `signal` is aborted, and rejects when the objects may not even be read, or
 * when `onChange` throws.
 */
export async function observe(
  client: KubeClient,
  refs: ObservedRef[],
  onChange: OnChange,
  options: ObserveOptions,
): Promise<void> {
  // One group that fails for good ends the others.
  const end = new AbortController();
  const stop = () => end.abort();
  options.signal.addEventListener('abort', stop, { once: true });
  if (options.signal.aborted) stop();
  const own = { ...options, signal: end.signal };
  try {
    await Promise.all(grouped(refs).map((group) => observeGroup(client, group, onChange, own)));
  } finally {
    stop();
    options.signal.removeEventListener('abort', stop);
  }
}

function grouped(refs: ObservedRef[]): Group[] {
  const groups = new Map<string, Group>();
  for (const ref of refs) {
    const { type, key } = ref;
    const name = JSON.stringify([apiVersionOf(type), type.kind, key.namespace]);
    const group: Group = groups.get(name) ?? { type, namespace: key.namespace, refs: new Map() };
    groups.set(name, group);
    const same = group.refs.get(key.name);
    if (same) same.push(ref);
    else group.refs.set(key.name, [ref]);
  }
  return [...groups.values()];
}

async function observeGroup(
  client: KubeClient,
  group: Group,
  onChange: OnChange,
  options: ObserveOptions,
): Promise<void> {
  const { signal, onError, pollMs = 5_000 } = options;
  const all = [...group.refs.values()].flat();
  const report = createReport(group, onChange);
  const sink: Sink<UnstructuredObject> = {
    replace(objects) {
      const byName = new Map(objects.map((object) => [object.metadata.name, object]));
      for (const name of group.refs.keys()) report(name, byName.get(name));
    },
    change: (kind, object) => report(object.metadata.name, kind === 'DELETED' ? undefined : object),
    absent() {
      for (const name of group.refs.keys()) report(name, undefined);
    },
    failed(error) {
      if (isForbidden(error) || error instanceof ConsumerError) throw error;
      onError?.(error, all);
    },
  };
  const [only, ...others] = group.refs.keys();
  const fieldSelector = others.length === 0 ? `metadata.name=${only}` : undefined;
  try {
    const selection = { namespace: group.namespace, fieldSelector, backoff: options.backoff };
    await reflect(client, group.type, selection, sink, signal);
  } catch (error) {
    if (error instanceof ConsumerError) throw error.cause;
    onError?.(error, all);
    await poll(client, group, report, { ...options, pollMs });
  }
}

/** What the callback threw, on its way through the reflector. */
class ConsumerError extends Error {}

/** Calls back for states that differ from the last one. */
function createReport(group: Group, onChange: OnChange) {
  const last = new Map<string, string>();
  return (name: string, object: UnstructuredObject | undefined): void => {
    const refs = group.refs.get(name);
    if (!refs) return;
    const state = object ? `${object.metadata.uid}/${object.metadata.resourceVersion}` : 'absent';
    if (last.get(name) === state) return;
    last.set(name, state);
    try {
      for (const ref of refs) onChange(ref, object);
    } catch (cause) {
      throw new ConsumerError(keyText(refs[0]?.key ?? { name }), { cause });
    }
  };
}

async function poll(
  client: KubeClient,
  group: Group,
  report: (name: string, object: UnstructuredObject | undefined) => void,
  options: ObserveOptions & { pollMs: number },
): Promise<void> {
  const { signal, onError, pollMs } = options;
  while (!signal.aborted) {
    for (const [name, refs] of group.refs) {
      let object: KubeObject | undefined;
      try {
        object = await client.find(group.type, { name, namespace: group.namespace }, { signal });
      } catch (error) {
        if (signal.aborted) return;
        if (isForbidden(error)) throw error;
        onError?.(error, refs);
        continue;
      }
      try {
        report(name, object as UnstructuredObject | undefined);
      } catch (error) {
        throw (error as ConsumerError).cause;
      }
    }
    await pause(pollMs, signal).catch(() => {});
  }
}
