import {
  gvkOf,
  type KubeObject,
  type ObjectKey,
  type ObjectMeta,
  type ResourceType,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import { isAlreadyExists, isForbidden, isNoMatch, isNotFound } from '@gitops-toolkit/kube';
import { cacheKey } from '../cache/key.ts';
import { type AppliedChange } from '../change/change-set.ts';
import { hasDrifted } from '../drift/compare.ts';
import { keepIgnored } from '../drift/ignore.ts';
import { cleanupPatch, migrationPatch } from '../fields/managers.ts';
import { ownedFields, ownershipDigest } from '../fields/ownership.ts';
import { waitForTermination } from '../health/termination.ts';
import { jsonDigest } from '../object/digest.ts';
import { jsonEqual } from '../object/equal.ts';
import { cloneObject, fieldAt, hasMark } from '../object/object.ts';
import { messageOf, pause } from '../object/time.ts';
import { type ApplyContext, liveKey } from './context.ts';
import { dryRunError, isImmutableError, objectError } from './errors.ts';

/** What is to be done with one object of a stage. */
export interface Plan {
  change: AppliedChange;
  /** What to send; absent when nothing is. */
  payload?: UnstructuredObject;
  /** Digest of desired form and options, for the cache. */
  desired: string;
}

/**
 * Finds out what an apply of one object would change (§5.11.3). It looks, from cheap to dear, at what is known of the
 * live object, at the live object, and at the result of a dry run, and stops at the first that shows it unchanged.
 *
 * @throws ObjectApplyError
 */
export async function planObject(context: ApplyContext, manifest: KubeObject): Promise<Plan> {
  const { client, options } = context;
  const { group, signal } = options;
  const type = await typeOf(context, manifest);
  const object = type.namespaced ? manifest : withoutNamespace(manifest);
  const key = liveKey(type, object);
  const name = cacheKey(client, type, key);
  const desired = jsonDigest(object, context.optionsDigest);
  const expires = type.kind === 'Job' && fieldAt(object, 'spec', 'ttlSecondsAfterFinished') != null;
  const change = (action: AppliedChange['action'], live?: UnstructuredObject): AppliedChange => ({
    type,
    key: live ? liveKey(type, live) : key,
    action,
    object: live,
    ...(expires && { expires }),
  });

  // The question is asked even when the answer is of no use yet: the first one makes informers begin.
  const metadata = options.live?.get(type, key);
  if (metadata && isInSync(context, object, name, desired, metadata)) return { change: change('unchanged'), desired };

  const live = await findLive(context, type, key, object);
  if (isSkipped(object, live?.metadata, group)) return { change: change('skipped', live), desired };
  if (live && isInSync(context, object, name, desired, live.metadata)) {
    return { change: change('unchanged', live), desired };
  }

  const migrated = live && options.migrateApiVersion ? await migrate(context, type, key, object, live) : undefined;
  const { dryRun, recreated } = await dryRunOrRecreate(context, type, key, object, migrated ?? live);
  const exists = Boolean(dryRun.metadata.resourceVersion);
  if (recreated || !live || !exists) {
    return { change: change(exists && !recreated ? 'configured' : 'created'), payload: cloneObject(object), desired };
  }
  const cleaned = await cleanUp(context, type, key, object, migrated ?? live);
  const base = cleaned ?? migrated ?? live;
  const ignored = context.ignorePaths(dryRun);
  if (!cleaned && !migrated && !hasDrifted(base, dryRun, ignored)) {
    remember(context, name, desired, live, dryRun);
    return { change: change('unchanged', live), desired };
  }
  const payload = cloneObject(object);
  if (ignored.length > 0) keepIgnored(payload, base, dryRun, ignored, options.fieldManager);
  signal?.throwIfAborted();
  return { change: change('configured', live), payload, desired };
}

/** Sends the payload of a plan. @throws ObjectApplyError */
export async function carryOut(context: ApplyContext, plan: Plan): Promise<AppliedChange> {
  const { client, options } = context;
  const { change, payload } = plan;
  if (!payload) return change;
  const name = cacheKey(client, change.type, change.key);
  try {
    const applied = await client.apply(payload, applyOptions(context));
    remember(context, name, plan.desired, applied);
    return { ...change, key: liveKey(change.type, applied), object: applied };
  } catch (error) {
    options.cache?.delete(name);
    options.signal?.throwIfAborted();
    throw objectError(payload, 'apply', 'apply failed', error);
  }
}

function applyOptions({ options }: ApplyContext) {
  return { fieldManager: options.fieldManager, force: options.forceConflicts ?? true, signal: options.signal };
}

/**
 * Notes that a live object is what an apply makes it. Ownership counts only when an apply would leave it as it is: values
 * that agree by chance, on fields that we do not own yet, may change without a trace in our entry.
 */
function remember(
  { options }: ApplyContext,
  name: string,
  desired: string,
  live: UnstructuredObject,
  outcome: UnstructuredObject = live,
): void {
  const { uid, resourceVersion } = live.metadata;
  if (!options.cache || !uid || !resourceVersion) return;
  const ownsAll = jsonEqual(
    ownedFields(live.metadata, options.fieldManager),
    ownedFields(outcome.metadata, options.fieldManager),
  );
  const ownership = ownsAll ? ownershipDigest(live.metadata, options.fieldManager) : undefined;
  options.cache.set(name, { desired, uid, resourceVersion, ownership });
}

/** How long a kind may take to be served after its definition was established, in milliseconds. */
const servingDelayMs = 10_000;

async function typeOf(context: ApplyContext, object: KubeObject): Promise<ResourceType> {
  const { client, options } = context;
  const { signal } = options;
  const type = gvkOf(object);
  const isDefinedHere = context.definedKinds.has(`${type.group}/${type.kind}`);
  const giveUpAt = Date.now() + (isDefinedHere ? servingDelayMs : 0);
  for (;;) {
    try {
      return await client.mapper.resourceFor(type, { signal });
    } catch (error) {
      signal?.throwIfAborted();
      if (!isNoMatch(error) || Date.now() >= giveUpAt) throw dryRunError(object, error);
      client.mapper.invalidate();
      await pause(200, signal);
    }
  }
}

function withoutNamespace(object: KubeObject): KubeObject {
  if (!object.metadata.namespace) return object;
  const { namespace: _, ...metadata } = object.metadata;
  return { ...object, metadata };
}

/** The live object; undefined also when it may not be read, since the dry run will tell. */
async function findLive(
  { client, options }: ApplyContext,
  type: ResourceType,
  key: ObjectKey,
  object: KubeObject,
): Promise<UnstructuredObject | undefined> {
  if (type.namespaced && !key.namespace) {
    const cause = new Error('the server could not find the requested resource');
    throw objectError(object, 'dry-run', 'namespace not specified', cause);
  }
  try {
    return await client.find(type, key, { signal: options.signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    if (isForbidden(error)) return undefined;
    throw dryRunError(object, error);
  }
}

/**
 * True when an object with this metadata is known to be what an apply would make it: desired form and version are those
 * of the last look, or desired form and ownership are, and there is nothing to skip or to clean up.
 */
function isInSync(
  context: ApplyContext,
  object: KubeObject,
  name: string,
  desired: string,
  metadata: ObjectMeta,
): boolean {
  const { cache, cleanup, fieldManager, group } = context.options;
  const known = cache?.get(name);
  if (known?.desired !== desired || known.uid !== metadata.uid) return false;
  if (known.resourceVersion === metadata.resourceVersion) return true;
  const isSame =
    known.ownership !== undefined &&
    known.ownership === ownershipDigest(metadata, fieldManager) &&
    !isSkipped(object, metadata, group) &&
    (!cleanup || merges(object, metadata, group) || cleanupPatch(metadata, cleanup, fieldManager).length === 0);
  if (isSame) cache?.amend(name, { resourceVersion: metadata.resourceVersion });
  return isSame;
}

function isSkipped(object: KubeObject, live: ObjectMeta | undefined, group: string): boolean {
  return (
    [object.metadata, live].some(
      (one) => hasMark(one, `${group}/reconcile`, 'disabled') || hasMark(one, `${group}/ssa`, 'Ignore'),
    ) ||
    (live !== undefined && hasMark(object.metadata, `${group}/ssa`, 'IfNotPresent'))
  );
}

function merges(object: KubeObject, live: ObjectMeta, group: string): boolean {
  return [object.metadata, live].some((one) => hasMark(one, `${group}/ssa`, 'Merge'));
}

async function dryRunOrRecreate(
  context: ApplyContext,
  type: ResourceType,
  key: ObjectKey,
  object: KubeObject,
  live: UnstructuredObject | undefined,
): Promise<{ dryRun: UnstructuredObject; recreated: boolean }> {
  const { client, options } = context;
  const dryRun = () => client.apply(cloneObject(object), { ...applyOptions(context), dryRun: true });
  try {
    return { dryRun: await dryRun(), recreated: false };
  } catch (error) {
    options.signal?.throwIfAborted();
    const mark = `${options.group}/force`;
    const mayForce =
      options.force || hasMark(object.metadata, mark, 'enabled') || hasMark(live?.metadata, mark, 'enabled');
    const mayRecreate = mayForce && live && isImmutableError(error) && (await isValidAlone(context, object));
    if (!mayRecreate) throw dryRunError(object, error);
    await deleteAndWait(context, type, key, live);
  }
  try {
    return { dryRun: await dryRun(), recreated: true };
  } catch (error) {
    options.signal?.throwIfAborted();
    throw dryRunError(object, error);
  }
}

/** Whether the manifest would pass if the object did not exist; if not, deleting it would help nobody (KUS-246). */
async function isValidAlone({ client, options }: ApplyContext, object: KubeObject): Promise<boolean> {
  try {
    await client.create(cloneObject(object), {
      dryRun: true,
      fieldManager: options.fieldManager,
      signal: options.signal,
    });
    return true;
  } catch (error) {
    options.signal?.throwIfAborted();
    // Addresses and ports of a Service are taken by the very object that is to go.
    return isAlreadyExists(error) || messageOf(error).includes('already allocated');
  }
}

async function deleteAndWait(
  { client, options }: ApplyContext,
  type: ResourceType,
  key: ObjectKey,
  live: UnstructuredObject,
): Promise<void> {
  const { signal, recreateTimeoutMs: timeoutMs = 300_000, aside = (wait) => wait() } = options;
  const { uid } = live.metadata;
  options.cache?.delete(cacheKey(client, type, key));
  const fail = (fact: string, error: unknown) => {
    signal?.throwIfAborted();
    throw objectError(live, 'recreate', `immutable field detected, ${fact}`, error);
  };
  try {
    await client.delete(type, key, { propagationPolicy: 'Background', preconditions: { uid }, signal });
  } catch (error) {
    if (!isNotFound(error)) fail('failed to delete object', error);
  }
  try {
    await aside(() => waitForTermination(client, [{ type, key, uid }], { timeoutMs, signal }));
  } catch (error) {
    fail('failed to wait for object to be deleted', error);
  }
}

async function migrate(
  { client, options }: ApplyContext,
  type: ResourceType,
  key: ObjectKey,
  object: KubeObject,
  live: UnstructuredObject,
): Promise<UnstructuredObject | undefined> {
  const body = migrationPatch(live, object.apiVersion);
  if (body.length === 0) return undefined;
  try {
    const { fieldManager, signal } = options;
    return await client.patch(type, key, { type: 'json', body }, { fieldManager, signal });
  } catch (error) {
    options.signal?.throwIfAborted();
    throw objectError(object, 'migrate', 'failed to migrate API version', error);
  }
}

async function cleanUp(
  { client, options }: ApplyContext,
  type: ResourceType,
  key: ObjectKey,
  object: KubeObject,
  live: UnstructuredObject,
): Promise<UnstructuredObject | undefined> {
  const { cleanup, group, fieldManager, signal } = options;
  if (!cleanup || merges(object, live.metadata, group)) return undefined;
  const body = cleanupPatch(live.metadata, cleanup, fieldManager);
  if (body.length === 0) return undefined;
  try {
    return await client.patch(type, key, { type: 'json', body }, { fieldManager, signal });
  } catch (error) {
    signal?.throwIfAborted();
    throw objectError(object, 'cleanup', 'metadata.managedFields cleanup failed', error);
  }
}
