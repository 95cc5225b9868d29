/** One informer: a reflector that fills a store and tells handlers what changed. */
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { KubeObject, ResourceType, UnstructuredObject } from '@gitops-toolkit/api';
import { abortable } from '../transport/deadline.ts';
import type { Informer, InformerHandler, InformerOptions, KubeClient, TypeRef } from '../types.ts';
import type { BackoffOptions } from './backoff.ts';
import { reflect, type Sink } from './reflector.ts';
import { createStore, storeKey } from './store.ts';

/** How long a list may be worked on before others get their turn. */
const sliceMs = 10;

/** What an informer reports to its owner. */
export interface InformerHooks {
  /** A failed list or watch (it is retried), or an exception of a handler or an index. */
  onError?: (type: TypeRef, error: unknown) => void;
  backoff?: BackoffOptions;
}

/** An informer and its life. */
export interface RunningInformer<T extends KubeObject> extends Informer<T> {
  run(signal: AbortSignal): Promise<void>;
  /** Resolves when it is synced, or known to have nothing to sync with because the kind is not served. */
  settled(signal?: AbortSignal): Promise<void>;
}

export function createInformer<T extends KubeObject = UnstructuredObject>(
  client: KubeClient,
  ref: TypeRef,
  options: InformerOptions,
  hooks: InformerHooks,
): RunningInformer<T> {
  const store = createStore<T>();
  const handlers = new Set<InformerHandler<T>>();
  const synced = createLatch();
  const settled = createLatch();
  let type: ResourceType = { plural: '', namespaced: true, ...ref };

  function guarded(work: () => void): void {
    try {
      work();
    } catch (error) {
      hooks.onError?.(ref, error);
    }
  }

  function tell(object: T | undefined, old: T | undefined): void {
    for (const handler of handlers) {
      guarded(() => {
        if (object === undefined) handler.deleted?.(old as T);
        else if (old === undefined) handler.added?.(object);
        else handler.updated?.(object, old);
      });
    }
  }

  function put(raw: T): string {
    const key = storeKey(raw.metadata);
    const known = store.get(key);
    if (known && known.metadata.resourceVersion === raw.metadata.resourceVersion) return key;
    let object = raw;
    guarded(() => (object = (options.transform?.(raw as unknown as UnstructuredObject) ?? raw) as T));
    // Deleted and created again while nobody watched: another object, whose generation may be that of the old one.
    if (known && known.metadata.uid !== raw.metadata.uid) remove(key);
    tell(object, store.put(key, object));
    return key;
  }

  function remove(key: string, last?: T): void {
    const old = store.remove(key);
    if (old) tell(undefined, last ?? old);
  }

  const sink: Sink<T> = {
    resolved: (found) => (type = found),
    async replace(objects) {
      const present = new Set<string>();
      const turn = createTurn();
      for (const object of objects) {
        present.add(put(object));
        if (turn.over()) await turn.next();
      }
      for (const key of [...store.keys()]) {
        if (!present.has(key)) remove(key);
        if (turn.over()) await turn.next();
      }
      synced.open();
      settled.open();
    },
    change(kind, object) {
      if (kind === 'DELETED') remove(storeKey(object.metadata), object);
      else put(object);
    },
    // What was there stays: a starting API server may deny a kind that it is about to serve.
    absent: () => settled.open(),
    failed: (error) => hooks.onError?.(ref, error),
  };

  return {
    get type() {
      return type;
    },
    get synced() {
      return synced.isOpen;
    },
    waitForSync: (signal) => synced.wait(signal),
    settled: (signal) => settled.wait(signal),
    get: (key) => store.get(storeKey(key)),
    list: (filter) => store.list(filter?.namespace),
    addIndex(name, values) {
      store.addIndex(name, (object) => {
        let found: string[] = [];
        guarded(() => (found = values(object)));
        return found;
      });
    },
    byIndex: (name, value) => store.byIndex(name, value),
    subscribe(handler) {
      // A copy of the reference, so that the same handler can be subscribed twice.
      const own: InformerHandler<T> = {
        added: (object) => handler.added?.(object),
        updated: (object, old) => handler.updated?.(object, old),
        deleted: (object) => handler.deleted?.(object),
      };
      handlers.add(own);
      for (const object of store.list()) guarded(() => own.added?.(object));
      return () => void handlers.delete(own);
    },
    run: (signal) => reflect<T>(client, ref, { ...options, backoff: hooks.backoff }, sink, signal),
  };
}

/** Something that happens once, and that many may wait for. */
function createLatch() {
  const { promise, resolve } = Promise.withResolvers<void>();
  let isOpen = false;
  return {
    get isOpen() {
      return isOpen;
    },
    open() {
      isOpen = true;
      resolve();
    },
    wait: (signal?: AbortSignal) => abortable(promise, signal),
  };
}

/** Divides long work into turns of the event loop. */
function createTurn() {
  let startedAt = performance.now();
  return {
    over: () => performance.now() - startedAt > sliceMs,
    async next() {
      await nextTurn();
      startedAt = performance.now();
    },
  };
}
