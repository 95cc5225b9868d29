import { objectText, type Condition, type KubeObject, type ResourceType } from '@gitops-toolkit/api';
import { isConflict, isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import { conditionsOf, READY, RECONCILING, STALLED } from '../conditions/set.ts';
import { sleep, systemClock, type Clock } from '../time/clock.ts';
import { applyConditionChanges, diffConditions } from './conditions.ts';
import { mergePatch } from './merge.ts';

/** Attempts against conflicting writers before giving up (RTM-181). */
const attempts = 5;

export interface PatcherOptions {
  client: KubeClient;
  kind: ResourceType;
  fieldManager: string;
  /** Condition types whose value is ours alone, besides Ready, Reconciling and Stalled; `all` forces every type (RTM-188). */
  owned?: string[] | 'all';
  clock?: Clock;
  random?: () => number;
}

/** Stores the changes of one object, each time those since the last success (RTM-194). */
export interface Patcher<T extends KubeObject> {
  /**
   * Up to three requests, in this order: conditions (optimistic lock), metadata and spec, rest of the status
   * (RTM-181…185). Nothing changed: no request. All are attempted; several failures become an AggregateError. Calls that
   * overlap run one after the other, each with the object as it is when its turn comes.
   *
   * @throws TypeError `object` is of another kind than the base (RTM-193)
   */
  patch(object: T, signal?: AbortSignal): Promise<void>;
  /** The object as the server last answered it. */
  readonly latest: T;
}

interface StatusObject extends KubeObject {
  spec?: object;
  status?: { conditions?: Condition[] };
}

/** A serial patcher with `base` as what the server is known to have. */
export function createPatcher<T extends KubeObject>(base: T, options: PatcherOptions): Patcher<T> {
  const { client, kind, fieldManager, clock = systemClock, random = Math.random } = options;
  const isOwned = ownership(options.owned ?? []);
  const key = { namespace: base.metadata.namespace, name: base.metadata.name };
  let before: StatusObject = structuredClone(base);
  let latest: StatusObject = before;

  async function send(body: object, subresource: 'status' | undefined, signal: AbortSignal | undefined): Promise<void> {
    latest = await client.patch<StatusObject>(
      kind,
      key,
      { type: 'merge', body },
      { fieldManager, signal, ...(subresource ? { subresource } : {}) },
    );
  }

  /** Sends what `body` makes of the latest object; on a conflict looks again and retries. */
  async function sendLocked(
    body: (latest: StatusObject) => object | undefined,
    subresource: 'status' | undefined,
    signal: AbortSignal | undefined,
  ): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const patch = body(latest);
      if (!patch) return;
      try {
        return await send(withResourceVersion(patch, latest), subresource, signal);
      } catch (error) {
        if (!isConflict(error) || attempt === attempts) throw error;
        await sleep(100 + 100 * random(), signal, clock);
        latest = await client.get<StatusObject>(kind, key, { signal });
      }
    }
  }

  async function patchConditions(object: StatusObject, signal?: AbortSignal): Promise<void> {
    const changes = diffConditions(conditionsOf(before), conditionsOf(object));
    if (changes.length === 0) return;
    await sendLocked(
      (server) => {
        const conditions = applyConditionChanges(conditionsOf(server), changes, {
          owned: isOwned,
          generation: server.metadata.generation,
        });
        return conditions && { status: { conditions } };
      },
      'status',
      signal,
    );
  }

  async function patchMain(object: StatusObject, signal?: AbortSignal): Promise<void> {
    const { finalizers: oldFinalizers = [], ...oldMetadata } = before.metadata;
    const { finalizers = [], ...metadata } = object.metadata;
    const patch = mergePatch({ metadata: oldMetadata, spec: before.spec }, { metadata, spec: object.spec });
    const added = finalizers.filter((name) => !oldFinalizers.includes(name));
    const removed = oldFinalizers.filter((name) => !finalizers.includes(name));
    if (added.length + removed.length === 0) {
      if (patch) await send(patch, undefined, signal);
      return;
    }
    // A merge patch replaces the whole list, so finalizers of others need the lock.
    await sendLocked(
      (server) => {
        const current = server.metadata.finalizers ?? [];
        const wanted = [
          ...current.filter((name) => !removed.includes(name)),
          ...added.filter((n) => !current.includes(n)),
        ];
        return { ...patch, metadata: { ...(patch?.metadata as object | undefined), finalizers: wanted } };
      },
      undefined,
      signal,
    );
  }

  async function patchStatus(object: StatusObject, signal?: AbortSignal): Promise<void> {
    const patch = mergePatch({ status: withoutConditions(before) }, { status: withoutConditions(object) });
    if (patch) await send(patch, 'status', signal);
  }

  async function store(live: StatusObject, signal: AbortSignal | undefined): Promise<void> {
    // What changes while requests are under way is the business of the next call: it must not pass for stored.
    const object = structuredClone(live);
    const failures: unknown[] = [];
    for (const step of [patchConditions, patchMain, patchStatus]) {
      try {
        await step(object, signal);
      } catch (error) {
        // The last finalizer is gone, and the object with it (RTM-195).
        if (!(isNotFound(error) && before.metadata.deletionTimestamp)) failures.push(error);
      }
    }
    if (failures.length === 1) throw failures[0];
    if (failures.length > 1)
      throw new AggregateError(failures, `cannot store ${objectText(object)}: ${failures.map(String).join('; ')}`);
    before = object;
  }

  /** The end of the call before. */
  let turn: Promise<unknown> = Promise.resolve();

  return {
    get latest() {
      return latest as unknown as T;
    },
    async patch(object, signal) {
      if (object.apiVersion !== before.apiVersion || object.kind !== before.kind)
        throw new TypeError(
          `cannot patch ${before.apiVersion} ${before.kind} with ${object.apiVersion} ${object.kind}: kinds differ`,
        );
      const stored = turn.then(() => store(object as StatusObject, signal));
      turn = stored.catch(() => {});
      return stored;
    },
  };
}

function ownership(owned: string[] | 'all'): (type: string) => boolean {
  if (owned === 'all') return () => true;
  const types = new Set([READY, RECONCILING, STALLED, ...owned]);
  return (type) => types.has(type);
}

function withResourceVersion(patch: object, server: KubeObject): object {
  const { metadata } = patch as { metadata?: object };
  return { ...patch, metadata: { ...metadata, resourceVersion: server.metadata.resourceVersion } };
}

function withoutConditions(object: StatusObject): object {
  if (!object.status) return {};
  const { conditions: _, ...rest } = object.status;
  return rest;
}
