import { randomBytes, randomUUID } from 'node:crypto';
import { schema } from '@gitops-toolkit/api';
import { presentFromTheStart } from '../builtin/present.ts';
import { trackUpdate } from '../apply/managers.ts';
import { type KubeJson, timeText } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { alreadyExists, forbidden, invalidObject, notFound, StatusError } from '../status/errors.ts';
import { keyOf, Stored } from '../store/collection.ts';
import type { Cluster, WriteContext } from './cluster.ts';
import { decodeFields, expectKind, placeInNamespace } from './decode.ts';

/** POST: stores a new object. The body becomes the store's. */
export function create(
  cluster: Cluster,
  resource: Resource,
  namespace: string | undefined,
  body: unknown,
  context: WriteContext,
): Stored {
  const object = expectKind(resource, body);
  decodeFields(resource, object, context);
  placeInNamespace(resource, object, namespace);
  if (object.metadata.resourceVersion)
    throw new StatusError(500, '', 'resourceVersion should not be set on objects to be created');
  const sent = object.metadata.managedFields;
  nameIt(object);
  const writer = { manager: context.manager, apiVersion: resource.apiVersion };
  const tracked = (made: KubeJson) => {
    // What the server itself puts into a status belongs to nobody.
    const { status: _, ...written } = made;
    const present = resource.custom ? undefined : presentFromTheStart;
    return trackUpdate(
      shapeOf(resource),
      undefined,
      resource.status ? (written as KubeJson) : made,
      writer,
      sent,
      present,
    );
  };
  return insert(cluster, resource, object, context, tracked);
}

/** Completes, checks and stores a new object; `owners` answers its managedFields once it is complete. */
export function insert(
  cluster: Cluster,
  resource: Resource,
  object: KubeJson,
  context: WriteContext,
  owners: (object: KubeJson) => KubeJson['metadata']['managedFields'],
): Stored {
  const { metadata } = object;
  const name = metadata.name ?? '';
  if (resource.namespaced) requireNamespace(cluster, resource, metadata.namespace!, name);
  delete metadata.managedFields;
  delete metadata.deletionTimestamp;
  delete metadata.deletionGracePeriodSeconds;
  delete metadata.resourceVersion;
  delete (metadata as { selfLink?: string }).selfLink;
  metadata.uid = randomUUID();
  metadata.creationTimestamp = timeText();
  if (resource.generation) metadata.generation = 1;
  else delete metadata.generation;
  if (resource.status) delete object.status;
  resource.setDefaults(object, undefined);
  metadata.managedFields = owners(object);
  const issues = resource.validate(object, undefined);
  if (issues.length > 0) throw invalidObject(resource, name, issues);
  context.warnings.push(...(resource.warnings?.(object) ?? []));
  const collection = cluster.store.collection(resource.collection);
  const key = keyOf(metadata.namespace, name);
  if (collection.get(key) !== undefined) throw alreadyExists(resource, name);
  if (context.dryRun) return new Stored(object, cluster.store.revision);
  const stored = collection.put(key, object);
  return stored;
}

export function shapeOf(resource: Resource): schema.SchemaNode | undefined {
  return resource.shape && schema.compileSchema(resource.shape);
}

/** A random suffix makes a name of `generateName`, without letters and digits that look alike or spell words. */
function nameIt(object: KubeJson): void {
  const { metadata } = object;
  if (metadata.name || !metadata.generateName) return;
  const alphabet = 'bcdfghjklmnpqrstvwxz2456789';
  const suffix = [...randomBytes(5)].map((byte) => alphabet[byte % alphabet.length]).join('');
  metadata.name = metadata.generateName.slice(0, 58) + suffix;
}

/** The namespace must exist, and not be going away. Throws 404 or 403. */
function requireNamespace(cluster: Cluster, resource: Resource, namespace: string, name: string): void {
  const stored = cluster.store.collection('/namespaces').get(namespace);
  if (stored === undefined) throw notFound({ group: '', plural: 'namespaces', kind: 'Namespace' }, namespace);
  if (stored.object.metadata.deletionTimestamp !== undefined) {
    const text = `unable to create new content in namespace ${namespace} because it is being terminated`;
    const cause = {
      reason: 'NamespaceTerminating',
      message: `namespace ${namespace} is being terminated`,
      field: 'metadata.namespace',
    };
    throw forbidden(resource, name, text, [cause]);
  }
}
