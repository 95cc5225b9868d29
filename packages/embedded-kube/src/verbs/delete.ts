import { schema } from '@gitops-toolkit/api';
import { type KubeJson, timeText } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest, conflict, forbidden, invalidOptions, type Status, success } from '../status/errors.ts';
import type { Collection, Stored } from '../store/collection.ts';
import type { Matcher } from '../store/selectors.ts';
import type { Cluster } from './cluster.ts';
import { find, inVersion, type ObjectAddress } from './update.ts';

export interface DeleteOptions {
  dryRun: boolean;
  propagationPolicy?: 'Orphan' | 'Background' | 'Foreground';
  preconditions?: { uid?: string; resourceVersion?: string };
  gracePeriodSeconds?: number;
}

/** Reads `metav1.DeleteOptions` from a body and the query; the body wins. Throws 400. */
export function deleteOptions(body: unknown, query: URLSearchParams): DeleteOptions {
  const sent = schema.isObject(body) ? body : {};
  const orphan =
    sent.orphanDependents ?? (query.has('orphanDependents') ? query.get('orphanDependents') === 'true' : undefined);
  if (sent.kind !== undefined && sent.kind !== 'DeleteOptions')
    throw badRequest(`the body of a delete is a ${String(sent.kind)}, and not DeleteOptions`);
  if (orphan !== undefined && sent.propagationPolicy !== undefined) {
    const text = 'orphanDependents and deletionPropagation cannot be both set';
    throw invalidOptions('DeleteOptions', schema.invalid('propagationPolicy', sent.propagationPolicy, text));
  }
  const policy =
    sent.propagationPolicy ??
    query.get('propagationPolicy') ??
    (orphan === undefined ? undefined : orphan ? 'Orphan' : 'Background');
  if (policy !== undefined && !['Orphan', 'Background', 'Foreground'].includes(policy as string)) {
    const supported = ['Foreground', 'Background', 'Orphan', 'nil'];
    throw invalidOptions('DeleteOptions', schema.notSupported('propagationPolicy', policy, supported));
  }
  const dryRun = [...(Array.isArray(sent.dryRun) ? sent.dryRun : []), ...query.getAll('dryRun')];
  return {
    dryRun: dryRun.includes('All'),
    propagationPolicy: policy as DeleteOptions['propagationPolicy'],
    preconditions: sent.preconditions as DeleteOptions['preconditions'],
    gracePeriodSeconds: sent.gracePeriodSeconds as number | undefined,
  };
}

const namespacesForever = new Set(['default', 'kube-system', 'kube-public']);

/** Kinds of which a delete answers the object that was there. */
const answeredWhole = new Set(['/pods', '/serviceaccounts', '/persistentvolumes', '/persistentvolumeclaims']);

export const orphanFinalizer = 'orphan';
export const foregroundFinalizer = 'foregroundDeletion';
export const customResourceFinalizer = 'customresourcecleanup.apiextensions.k8s.io';

/** DELETE of one object: it goes at once, or waits for its finalizers. Answers the object as long as it is there. */
export function remove(
  cluster: Cluster,
  resource: Resource,
  address: ObjectAddress,
  options: DeleteOptions,
): Stored | Status {
  const { collection, key, live } = find(cluster, resource, address);
  return removeStored(resource, collection, key, live, options);
}

export function removeStored(
  resource: Resource,
  collection: Collection,
  key: string,
  live: Stored,
  options: DeleteOptions,
): Stored | Status {
  const object = live.object;
  const { name, uid } = object.metadata;
  checkPreconditions(resource, object, options);
  const isNamespace = resource.collection === '/namespaces';
  if (isNamespace && namespacesForever.has(name)) throw forbidden(resource, name, 'this namespace may not be deleted');
  const finalizers = finalizersFor(object, options);
  const waits = finalizers.length > 0 || isNamespace;
  if (!waits) {
    const removed = options.dryRun ? live : collection.remove(key)!;
    if (answeredWhole.has(resource.collection)) return removed;
    return success({ name, group: resource.group || undefined, kind: resource.plural, uid });
  }
  const marked = markDeleted(object, finalizers, options.gracePeriodSeconds);
  if (isNamespace) marked.status = { ...(marked.status as object), phase: 'Terminating' };
  if (options.dryRun || schema.jsonEqual(marked, object)) return live;
  const stored = collection.put(key, marked);
  return stored;
}

function checkPreconditions(resource: Resource, object: KubeJson, options: DeleteOptions): void {
  const { uid, resourceVersion } = options.preconditions ?? {};
  const { metadata } = object;
  const refuse = (field: string, given: string, present: string | undefined, reason: string): never => {
    const detail = `the ${field} in the precondition (${given}) does not match the ${field} in record (${present}). ${reason}`;
    throw conflict({ ...resource, plural: resource.kind }, metadata.name, detail);
  };
  if (uid && uid !== metadata.uid) {
    refuse('UID', uid, metadata.uid, 'The object might have been deleted and then recreated');
  }
  if (resourceVersion && resourceVersion !== metadata.resourceVersion) {
    refuse('ResourceVersion', resourceVersion, metadata.resourceVersion, 'The object might have been modified');
  }
}

function finalizersFor(object: KubeJson, options: DeleteOptions): string[] {
  const own = object.kind === 'CustomResourceDefinition' ? [customResourceFinalizer] : [];
  const present = [...new Set([...(object.metadata.finalizers ?? []), ...own])];
  if (options.propagationPolicy === undefined) return present;
  const others = present.filter((finalizer) => finalizer !== orphanFinalizer && finalizer !== foregroundFinalizer);
  if (options.propagationPolicy === 'Orphan') return [...others, orphanFinalizer];
  if (options.propagationPolicy === 'Foreground') return [...others, foregroundFinalizer];
  return others;
}

function markDeleted(object: KubeJson, finalizers: string[], grace: number | undefined): KubeJson {
  const metadata = { ...object.metadata };
  if (finalizers.length > 0) metadata.finalizers = finalizers;
  if (metadata.deletionTimestamp === undefined) {
    metadata.deletionTimestamp = timeText();
    metadata.deletionGracePeriodSeconds = grace ?? 0;
    if (metadata.generation !== undefined) metadata.generation++;
  }
  return { ...object, metadata };
}

/** DELETE of a collection: every object that matches. Answers what was there. */
export function removeAll(
  cluster: Cluster,
  resource: Resource,
  namespace: string | undefined,
  matches: Matcher | undefined,
  options: DeleteOptions,
): KubeJson[] {
  const collection = cluster.store.collection(resource.collection);
  const removed: KubeJson[] = [];
  for (const key of [...collection.keys()]) {
    const live = collection.get(key);
    if (live === undefined || (namespace !== undefined && live.object.metadata.namespace !== namespace)) continue;
    if (matches !== undefined && !matches(live.object)) continue;
    removeStored(resource, collection, key, live, options);
    removed.push(inVersion(resource, live.object));
  }
  return removed;
}
