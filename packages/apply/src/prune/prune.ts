import { type ObjectKey, type ResourceType } from '@gitops-toolkit/api';
import { isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import { type AppliedCache } from '../cache/applied-cache.ts';
import { cacheKey } from '../cache/key.ts';
import { type Change, type ChangeAction } from '../change/change-set.ts';
import { inventoryId, type InventoryEntry, parseInventoryEntry } from '../inventory/inventory.ts';
import { compareRefs } from '../manifest/order.ts';
import { type Owner, ownerLabels } from '../manifest/prepare.ts';
import { hasMark, type ObjectRef, refText } from '../object/object.ts';
import { messageOf } from '../object/time.ts';

export interface PruneOptions {
  /** Only objects that carry the labels of this owner are deleted (KUS-275). */
  owner: Owner;
  /** Default `Background` (KUS-277). */
  propagationPolicy?: 'Background' | 'Foreground' | 'Orphan';
  cache?: AppliedCache;
  signal?: AbortSignal;
}

/** What a prune did to one object. */
export interface PruneChange extends Change {
  /** Of the object that was deleted, to wait for its end. */
  uid?: string;
}

/**
 * Some objects could not be deleted; the others were. `changes` names all, and those that failed as `unknown`
 * (KUS-278).
 */
export class PruneError extends Error {
  override readonly name = 'PruneError';
  readonly changes: readonly PruneChange[];
  /** The entries that stay in the inventory (KUS-23). */
  readonly remaining: readonly InventoryEntry[];

  constructor(errors: readonly unknown[], changes: readonly PruneChange[]) {
    super(`delete failed, errors: ${errors.map((error) => `${messageOf(error)};`).join('')}`, { cause: errors[0] });
    this.changes = changes;
    this.remaining = changes
      .filter(({ action }) => action === 'unknown')
      .map(({ type, key }) => ({ id: inventoryId(type, key), v: type.version }));
  }
}

/**
 * Deletes the objects of inventory entries in reverse order of application. Objects of other owners, and those whose
 * marks say so (`prune: disabled`, `reconcile: disabled`, `ssa: Ignore`), are skipped (KUS-276); those that are gone
 * count as deleted.
 *
 * @returns what happened to each, in the order of deletion. An accepted delete counts as deleted (KUS-279).
 * @throws PruneError when some could not be deleted; InventoryError for an entry that cannot be read.
 */
export async function prune(
  client: KubeClient,
  entries: readonly InventoryEntry[],
  options: PruneOptions,
): Promise<PruneChange[]> {
  const refs = entries.map(parseInventoryEntry).sort((a, b) => compareRefs(b, a));
  const changes: PruneChange[] = [];
  const errors: unknown[] = [];
  for (const ref of refs) {
    options.signal?.throwIfAborted();
    try {
      changes.push(await pruneOne(client, ref, options));
    } catch (error) {
      options.signal?.throwIfAborted();
      changes.push({ ...ref, action: 'unknown' });
      errors.push(error);
    }
  }
  if (errors.length > 0) throw new PruneError(errors, changes);
  return changes;
}

async function pruneOne(client: KubeClient, ref: ObjectRef, options: PruneOptions): Promise<PruneChange> {
  const { owner, signal, propagationPolicy = 'Background' } = options;
  const attempt = async <T>(step: string, work: () => Promise<T>): Promise<T> => {
    try {
      return await work();
    } catch (cause) {
      throw new Error(`${refText(ref)} ${step} failed: ${messageOf(cause)}`, { cause });
    }
  };
  const [type, key, live] = await attempt('query', async () => {
    const type = await servedType(client, ref, signal);
    const key = type.namespaced ? ref.key : { name: ref.key.name };
    return [type, key, await client.find(type, key, { signal, metadataOnly: true })] as const;
  });
  options.cache?.delete(cacheKey(client, type, key));
  const change = (action: ChangeAction, uid?: string): PruneChange => ({ type, key, action, uid });
  if (!live) return change('deleted');
  const { uid, labels = {} } = live.metadata;
  const isOwned = Object.entries(ownerLabels(owner)).every(([key, value]) => labels[key] === value);
  const marks = [
    ['prune', 'disabled'],
    ['reconcile', 'disabled'],
    ['ssa', 'Ignore'],
  ] as const;
  if (!isOwned || marks.some(([key, value]) => hasMark(live.metadata, `${owner.group}/${key}`, value)))
    return change('skipped');
  await attempt('delete', async () => {
    try {
      await client.delete(type, key, { propagationPolicy, preconditions: { uid }, signal });
    } catch (error) {
      if (!isNotFound(error)) throw error;
    }
  });
  return change('deleted', uid);
}

/** The version of the entry, or the preferred one where that is no longer served. */
async function servedType(client: KubeClient, ref: ObjectRef, signal?: AbortSignal): Promise<ResourceType> {
  try {
    return await client.mapper.resourceFor(ref.type, { signal });
  } catch (error) {
    signal?.throwIfAborted();
    return client.mapper.preferred(ref.type.group, ref.type.kind, { signal }).catch(() => {
      throw error;
    });
  }
}

/** What of a prune is to be waited for with `waitForTermination` (KUS-329). */
export function terminating(
  changes: readonly PruneChange[],
): { type: PruneChange['type']; key: ObjectKey; uid?: string }[] {
  return changes.filter(({ action, uid }) => action === 'deleted' && uid !== undefined);
}
