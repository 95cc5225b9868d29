import { schema } from '@gitops-toolkit/api';
import { trackUpdate } from '../apply/managers.ts';
import { copyJson, type JsonObject, type KubeJson } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest, conflict, invalidObject, modified, notFound } from '../status/errors.ts';
import { type Collection, keyOf, Stored } from '../store/collection.ts';
import type { Cluster, WriteContext } from './cluster.ts';
import { shapeOf } from './create.ts';
import { decodeFields, expectKind, placeInNamespace } from './decode.ts';

export interface ObjectAddress {
  namespace: string | undefined;
  name: string;
}

/** PUT: replaces an object, or its status. */
export function replace(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  body: unknown,
  context: WriteContext,
): Stored {
  const object = expectKind(resource, body);
  decodeFields(resource, object, context);
  placeInNamespace(resource, object, address.namespace);
  if (object.metadata.name !== address.name) {
    throw badRequest(
      `the name of the object (${object.metadata.name ?? ''}) does not match the name on the URL (${address.name})`,
    );
  }
  return change(cluster, resource, address, object, context);
}

/** Stores `object` (the whole new state as a client wants it) over the live one, after an update by any means but apply. */
export function change(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  object: KubeJson,
  context: WriteContext,
): Stored {
  const { collection, key, live } = find(cluster, resource, address);
  const old = live.object;
  checkRevision(resource, address.name, object, old);
  const { deletionTimestamp } = object.metadata;
  if (deletionTimestamp && deletionTimestamp !== old.metadata.deletionTimestamp) {
    const issue = schema.invalid('metadata.deletionTimestamp', deletionTimestamp, 'field is immutable');
    throw invalidObject(resource, address.name, [issue, issue]);
  }
  const sent = object.metadata.managedFields;
  const next = settle(resource, object, inVersion(resource, old), context.subresource);
  const writer = {
    manager: context.manager,
    apiVersion: resource.apiVersion,
    subresource: context.subresource,
  };
  delete next.metadata.managedFields;
  next.metadata.managedFields = trackUpdate(shapeOf(resource), inVersion(resource, old), next, writer, sent);
  return store(resource, collection, key, next, live, context);
}

/** The live object, or 404. */
export function find(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
): { collection: Collection; key: string; live: Stored } {
  const collection = cluster.store.collection(resource.collection);
  const key = keyOf(resource.namespaced ? address.namespace : undefined, address.name);
  const live = collection.get(key);
  if (live === undefined) throw notFound(resource, address.name);
  return { collection, key, live };
}

/** An object as it looks in the version of `resource`; versions of a kind differ only in name. */
export function inVersion(resource: Resource, object: KubeJson): KubeJson {
  return object.apiVersion === resource.apiVersion ? object : { ...object, apiVersion: resource.apiVersion };
}

/** Where etcd would keep it. */
function storageKey(resource: Resource, { metadata }: KubeJson): string {
  const kind = resource.custom ? `${resource.group}/${resource.plural}` : resource.plural;
  return ['/registry', kind, metadata.namespace, metadata.name].filter(Boolean).join('/');
}

function checkRevision(resource: Resource, name: string, object: KubeJson, old: KubeJson): void {
  const { uid, resourceVersion } = object.metadata;
  if (uid && uid !== old.metadata.uid) {
    throw conflict(
      resource,
      name,
      `StorageError: invalid object, Code: 4, Key: ${storageKey(resource, old)}, ResourceVersion: 0, AdditionalErrorMsg: Precondition failed: UID in precondition: ${uid}, UID in object meta: ${old.metadata.uid}`,
    );
  }
  if (resourceVersion) {
    if (resourceVersion !== old.metadata.resourceVersion) throw modified(resource, name);
  } else if (!resource.unconditionalUpdate) {
    throw invalidObject({ ...resource, kind: resource.plural }, name, [
      schema.invalid('metadata.resourceVersion', 0, 'must be specified for an update'),
    ]);
  }
}

/**
 * The new state with everything that this endpoint does not write taken from the old one, defaults filled in, and the
 * generation counted.
 */
export function settle(resource: Resource, object: KubeJson, old: KubeJson, subresource: string | undefined): KubeJson {
  const next: KubeJson = subresource === 'status' ? { ...copyJson(old), status: object.status } : object;
  if (subresource === 'status') {
    if (next.status === undefined) delete next.status;
    next.metadata.managedFields = object.metadata.managedFields;
  } else if (resource.status) {
    if (old.status === undefined) delete next.status;
    else next.status = copyJson(old.status);
  }
  const { metadata } = next;
  metadata.uid = old.metadata.uid;
  metadata.creationTimestamp = old.metadata.creationTimestamp;
  metadata.resourceVersion = old.metadata.resourceVersion;
  keep(metadata, old.metadata, 'deletionTimestamp');
  keep(metadata, old.metadata, 'deletionGracePeriodSeconds');
  keep(metadata, old.metadata, 'generation');
  delete (metadata as { selfLink?: string }).selfLink;
  resource.setDefaults(next, old);
  if (resource.generation && subresource !== 'status' && desiredStateDiffers(next, old)) {
    metadata.generation = (old.metadata.generation ?? 0) + 1;
  }
  return next;
}

function keep<T extends object>(target: T, source: T, field: keyof T): void {
  if (source[field] === undefined) delete target[field];
  else target[field] = source[field];
}

function desiredStateDiffers(object: KubeJson, old: KubeJson): boolean {
  const a = object as JsonObject;
  const b = old as JsonObject;
  for (const field of new Set([...Object.keys(a), ...Object.keys(b)])) {
    if (field === 'metadata' || field === 'status' || field === 'apiVersion') continue;
    if (!schema.jsonEqual(a[field], b[field])) return true;
  }
  return false;
}

/** Validates and stores; an object that did not change keeps its revision, one that lost its last finalizer goes. */
export function store(
  resource: Resource,
  collection: Collection,
  key: string,
  next: KubeJson,
  live: Stored,
  context: WriteContext,
): Stored {
  const old = live.object;
  const issues = resource.validate(next, inVersion(resource, old));
  if (issues.length > 0) throw invalidObject(resource, next.metadata.name, issues);
  context.warnings.push(...(resource.warnings?.(next) ?? []));
  const finished =
    old.metadata.deletionTimestamp !== undefined && !next.metadata.finalizers?.length && !holdsBySpec(next);
  if (context.dryRun) return new Stored(next, live.revision);
  if (finished) {
    // Watchers see the object as it was; who removed the last finalizer, as it would have become.
    const { revision } = collection.remove(key)!;
    return new Stored({ ...next, metadata: { ...next.metadata, resourceVersion: String(revision) } }, revision);
  }
  if (sameButTimes(next, old)) return live;
  const stored = collection.put(key, next);
  return stored;
}

/** Namespaces have finalizers in their spec too. */
function holdsBySpec(object: KubeJson): boolean {
  const spec = object.spec as { finalizers?: unknown[] } | undefined;
  return object.kind === 'Namespace' && object.apiVersion === 'v1' && (spec?.finalizers?.length ?? 0) > 0;
}

/** Equal but for the times in managedFields: such an update is none. */
function sameButTimes(next: KubeJson, old: KubeJson): boolean {
  const { managedFields: a, ...left } = next.metadata;
  const { managedFields: b, ...right } = old.metadata;
  if (!schema.jsonEqual(left, right)) return false;
  const timeless = (entries: typeof a) => (entries ?? []).map((entry) => ({ ...entry, time: undefined }));
  if (!schema.jsonEqual(timeless(a), timeless(b))) return false;
  return schema.jsonEqual({ ...next, metadata: null }, { ...old, metadata: null });
}
