import { type KubeObject, gvkOf, type ObjectKey } from '@gitops-toolkit/api';
import { type ObjectRef } from '../object/object.ts';

/** One object under management as it is stored in a status: `id` without, `v` with the API version (KUS-15). */
export interface InventoryEntry {
  /** `<namespace>_<name>_<group>_<kind>`. */
  id: string;
  /** API version without the group. */
  v: string;
}

/** An inventory id that cannot be read (KUS-17). */
export class InventoryError extends Error {
  override readonly name = 'InventoryError';
}

const rbacKinds = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

/** The id of an object (KUS-15). Colons in the names of RBAC objects are written as `__` (KUS-16). */
export function inventoryId(type: { group: string; kind: string }, key: ObjectKey): string {
  const escapes = type.group === 'rbac.authorization.k8s.io' && rbacKinds.has(type.kind);
  const name = escapes ? key.name.replaceAll(':', '__') : key.name;
  return `${key.namespace ?? ''}_${name}_${type.group}_${type.kind}`;
}

/** The entry of an object as the API server returned it (KUS-18). */
export function inventoryEntry(object: KubeObject): InventoryEntry {
  const type = gvkOf(object);
  return { id: inventoryId(type, object.metadata), v: type.version };
}

/** What an id says. */
export interface ObjectId {
  /** Empty for cluster-scoped objects. */
  namespace: string;
  name: string;
  group: string;
  kind: string;
}

/**
 * Reads an id; two underscores in the name stand for a colon, whatever the kind.
 *
 * @throws InventoryError when the id has too few separators (KUS-17).
 */
export function parseObjectId(id: string): ObjectId {
  const first = id.indexOf('_');
  const last = id.lastIndexOf('_');
  const middle = last > 0 ? id.lastIndexOf('_', last - 1) : -1;
  if (first < 0 || middle <= first) {
    throw new InventoryError(`unable to parse stored object metadata: ${JSON.stringify(id)}`);
  }
  return {
    namespace: id.slice(0, first),
    name: id.slice(first + 1, middle).replaceAll('__', ':'),
    group: id.slice(middle + 1, last),
    kind: id.slice(last + 1),
  };
}

/** The object of an entry. @throws InventoryError like `parseObjectId`. */
export function parseInventoryEntry(entry: InventoryEntry): ObjectRef {
  const { namespace, name, group, kind } = parseObjectId(entry.id);
  return { type: { group, version: entry.v, kind }, key: namespace ? { namespace, name } : { name } };
}

/** Entries of `before` that `after` lacks; API versions are not compared (KUS-273). */
export function staleEntries(before: readonly InventoryEntry[], after: readonly InventoryEntry[]): InventoryEntry[] {
  const kept = new Set(after.map((entry) => entry.id));
  return before.filter((entry) => !kept.has(entry.id));
}
