/** Keeps a copy of a collection up to date: list, then watch from there, for as long as it takes. */
import type { KubeObject, ResourceType } from '@gitops-toolkit/api';
import { ApiError, isExpired, isNoMatch, isNotFound } from '../errors.ts';
import { deadline, pause } from '../transport/deadline.ts';
import type { InformerOptions, KubeClient, TypeRef, WatchEvent } from '../types.ts';
import { createBackoff, type BackoffOptions } from './backoff.ts';

/** Where a reflector puts what it learns. */
export interface Sink<T> {
  /** Discovery has answered; called before every complete list. */
  resolved?(type: ResourceType): void;
  /** The complete collection, as of now. */
  replace(objects: T[]): Promise<void> | void;
  /** One change since then. */
  change(type: 'ADDED' | 'MODIFIED' | 'DELETED', object: T): void;
  /** The server does not serve the kind. */
  absent(): void;
  /** An attempt failed; there will be another one, unless this throws: then the reflector ends with that error. */
  failed(error: unknown): void;
}

/** What to reflect. */
export interface ReflectOptions extends Omit<InformerOptions, 'transform'> {
  backoff?: BackoffOptions;
  /** A watch that shows bookmarks counts as dead after this much silence; default 3 minutes. */
  stallMs?: number;
}

/** A server ends each watch after 5 to 10 minutes, at random, so that the load spreads over its replicas again. */
const minWatchSeconds = 300;
/** How long after that the server may take before the connection counts as dead. */
const graceMs = 30_000;
/** A kind that is not served yet may be at any moment, and asking costs little. */
const maxAbsentMs = 10_000;

/**
 * A server that refuses to go on from a version so many times in a row will not do so later either, as with an event
 * that it cannot decode: a new list goes around it.
 */
const maxRefusals = 3;

/** Runs until `signal` is aborted, which is its normal end. Survives everything else that `sink.failed` lets pass. */
export async function reflect<T extends KubeObject>(
  client: KubeClient,
  ref: TypeRef,
  options: ReflectOptions,
  sink: Sink<T>,
  signal: AbortSignal,
): Promise<void> {
  const { namespace, labelSelector, fieldSelector, metadataOnly } = options;
  const selection = { namespace, labelSelector, fieldSelector, metadataOnly, signal };
  const backoff = createBackoff(options.backoff);
  /** Everything up to here is known; undefined: nothing is. */
  let resourceVersion: string | undefined;
  let type: ResourceType;
  /** Watches from that version that the server answered with an error. */
  let refusals = 0;

  async function list(): Promise<void> {
    type = 'plural' in ref ? ref : await client.mapper.resourceFor(ref, { signal });
    sink.resolved?.(type);
    const all = await client.list<T>(type, selection);
    await sink.replace(all.items);
    resourceVersion = all.resourceVersion;
    refusals = 0;
    backoff.reset();
  }

  async function watch(from: string): Promise<void> {
    const guard = createGuard(signal, options.stallMs);
    const startedAt = performance.now();
    let events = 0;
    try {
      const { timeoutSeconds } = guard;
      const query = { ...selection, resourceVersion: from, timeoutSeconds, signal: guard.signal };
      for await (const event of client.watch<T>(type, query)) {
        guard.heard(event);
        refusals = 0;
        if (event.type === 'BOOKMARK') resourceVersion = event.resourceVersion || resourceVersion;
        else {
          sink.change(event.type, event.object);
          resourceVersion = event.object.metadata.resourceVersion ?? resourceVersion;
        }
        if (events++ === 0) backoff.reset();
      }
    } catch (error) {
      // Silence is not worth a word: the next watch continues where this one left off.
      if (signal.aborted || !guard.stalled) throw error;
    } finally {
      guard.end();
    }
    // A server that hangs up at once, again and again, must not be asked in a tight loop.
    if (events === 0 && performance.now() - startedAt < 1_000) await pause(backoff.next(), signal);
  }

  while (!signal.aborted) {
    try {
      if (resourceVersion === undefined) await list();
      else await watch(resourceVersion);
    } catch (error) {
      if (signal.aborted) return;
      const absent = isNoMatch(error) || isNotFound(error);
      const isRefusal = resourceVersion !== undefined && error instanceof ApiError && error.code > 0;
      if (isRefusal) refusals += 1;
      if (absent || isExpired(error) || refusals >= maxRefusals) resourceVersion = undefined;
      if (absent) sink.absent();
      else if (!isExpired(error)) sink.failed(error);
      const wait = backoff.next();
      await pause(absent ? Math.min(wait, maxAbsentMs) : wait, signal).catch(() => {});
    }
  }
}

/** Ends a watch whose connection is dead without anybody having said so. */
function createGuard(outer: AbortSignal, stallMs = 180_000) {
  const timeoutSeconds = Math.round(minWatchSeconds * (1 + Math.random()));
  const limits = deadline(outer, timeoutSeconds * 1000 + graceMs);
  let silence: NodeJS.Timeout | undefined;
  let stalled = false;
  const stop = () => {
    stalled = true;
    limits.abort();
  };
  return {
    timeoutSeconds,
    signal: limits.signal,
    get stalled() {
      return stalled || limits.passed;
    },
    heard(event: WatchEvent<unknown>) {
      // Servers that send bookmarks do so about every minute.
      if (silence) silence.refresh();
      else if (event.type === 'BOOKMARK') silence = setTimeout(stop, stallMs);
    },
    end() {
      clearTimeout(silence);
      limits.end();
    },
  };
}
