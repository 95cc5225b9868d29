/** Group, version and kind; empty texts where unknown or meant as "any". */
export interface Gvk {
  group: string;
  version: string;
  kind: string;
}

/** What identifies an object during a build (KZE-540). */
export interface ResourceId extends Gvk {
  name: string;
  namespace: string;
  /** Known to be cluster-scoped. */
  cluster: boolean;
}

const NO_NAMESPACE = '_non_namespaceable_';

/** Splits `apiVersion` at the first slash; without one the group is empty. */
export function splitApiVersion(apiVersion: string): { group: string; version: string } {
  const slash = apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: apiVersion }
    : { group: apiVersion.slice(0, slash), version: apiVersion.slice(slash + 1) };
}

/** The namespace that counts for identity (KZE-541). */
export function effectiveNamespace(id: { namespace: string; cluster: boolean }): string {
  if (id.cluster) return NO_NAMESPACE;
  return id.namespace === '' ? 'default' : id.namespace;
}

/** Two ids with equal keys are equal (KZE-542). */
export function idKey(id: ResourceId): string {
  return `${id.group}\0${id.version}\0${id.kind}\0${id.name}\0${effectiveNamespace(id)}`;
}

export function idsEqual(a: ResourceId, b: ResourceId): boolean {
  return (
    a.name === b.name &&
    a.kind === b.kind &&
    a.group === b.group &&
    a.version === b.version &&
    effectiveNamespace(a) === effectiveNamespace(b)
  );
}

/** True when every non-empty part of `wanted` equals that of `gvk` (KZE-630). */
export function selectedByGvk(gvk: Gvk, wanted: Gvk): boolean {
  return (
    (wanted.group === '' || wanted.group === gvk.group) &&
    (wanted.version === '' || wanted.version === gvk.version) &&
    (wanted.kind === '' || wanted.kind === gvk.kind)
  );
}

export function gvkText(gvk: Gvk): string {
  return `${gvk.kind || '[noKind]'}.${gvk.version || '[noVer]'}.${gvk.group || '[noGrp]'}`;
}

/** The text form used by messages (KZE-374). */
export function idText(id: Gvk & { name: string; namespace: string }): string {
  return `${gvkText(id)}/${id.name || '[noName]'}.${id.namespace || '[noNs]'}`;
}
