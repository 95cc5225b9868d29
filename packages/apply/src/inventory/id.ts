import { apiVersionOf, gvkOf, type KubeObject, type ObjectKey } from '@gitops-toolkit/api';

/** What an id of an inventory says (KUS-15…17). */
export interface ObjectId extends ObjectKey {
  namespace: string;
  name: string;
  group: string;
  kind: string;
}

/** One line of an inventory: an id and the API version without group. */
export interface InventoryEntry {
  id: string;
  v: string;
}

/** An id that does not have the four parts. */
export class InventoryIdError extends Error {
  override name = 'InventoryIdError';
}

const rbacKinds = new Set(['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']);

/** `<namespace>_<name>_<group>_<kind>`; in names of RBAC kinds a colon is written as two underscores (KUS-15, KUS-16). */
export function formatObjectId({ namespace, name, group, kind }: ObjectId): string {
  const isRbac = group === 'rbac.authorization.k8s.io' && rbacKinds.has(kind);
  return `${namespace}_${isRbac ? name.replaceAll(':', '__') : name}_${group}_${kind}`;
}

/**
 * Reads an id; two underscores in the name stand for a colon, whatever the kind (KUS-17).
 *
 * @throws InventoryIdError when it has too few parts.
 */
export function parseObjectId(id: string): ObjectId {
  const first = id.indexOf('_');
  const last = id.lastIndexOf('_');
  const middle = id.lastIndexOf('_', last - 1);
  if (first < 0 || middle <= first) throw new InventoryIdError(`unable to parse stored object metadata: '${id}'`);
  return {
    namespace: id.slice(0, first),
    name: id.slice(first + 1, middle).replaceAll('__', ':'),
    group: id.slice(middle + 1, last),
    kind: id.slice(last + 1),
  };
}

/** The identity of an object, its version left out. */
export function objectIdOf(object: KubeObject): ObjectId {
  const { group, kind } = gvkOf(object);
  return { namespace: object.metadata.namespace ?? '', name: object.metadata.name, group, kind };
}

/** The inventory entry of an object as the API server knows it (KUS-18). */
export function entryOf(object: KubeObject): InventoryEntry {
  return { id: formatObjectId(objectIdOf(object)), v: gvkOf(object).version };
}

/** `Kind/namespace/name`, or `Kind/name` without namespace: how messages name the object of an id. */
export function idText({ kind, namespace, name }: ObjectId): string {
  return namespace ? `${kind}/${namespace}/${name}` : `${kind}/${name}`;
}

/** The `apiVersion` of the object of an entry. */
export function entryApiVersion(entry: InventoryEntry): string {
  return apiVersionOf({ group: parseObjectId(entry.id).group, version: entry.v });
}

/** Entries of `before` whose id is not in `after`; versions are not compared (KUS-273). Order of `before`. */
export function staleEntries(before: readonly InventoryEntry[], after: readonly InventoryEntry[]): InventoryEntry[] {
  const kept = new Set(after.map(({ id }) => id));
  return before.filter(({ id }) => !kept.has(id));
}
