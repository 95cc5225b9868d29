/** The parts of `metav1` that every kind shares. Field meanings: Kubernetes API conventions. */

/** A JSON value. */
export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** `metav1.OwnerReference`. */
export interface OwnerReference {
  apiVersion: string;
  kind: string;
  name: string;
  uid: string;
  controller?: boolean;
  blockOwnerDeletion?: boolean;
}

/** `metav1.ManagedFieldsEntry`: which manager owns which fields. */
export interface ManagedFieldsEntry {
  manager?: string;
  operation?: 'Apply' | 'Update';
  apiVersion?: string;
  time?: string;
  fieldsType?: string;
  fieldsV1?: Record<string, unknown>;
  subresource?: string;
}

/** `metav1.ObjectMeta`. Times are RFC 3339 strings in UTC with whole seconds. */
export interface ObjectMeta {
  name: string;
  generateName?: string;
  namespace?: string;
  uid?: string;
  resourceVersion?: string;
  generation?: number;
  creationTimestamp?: string;
  deletionTimestamp?: string;
  deletionGracePeriodSeconds?: number;
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
  finalizers?: string[];
  ownerReferences?: OwnerReference[];
  managedFields?: ManagedFieldsEntry[];
}

/** Anything with an identity in the Kubernetes API. Typed kinds extend it. */
export interface KubeObject {
  apiVersion: string;
  kind: string;
  metadata: ObjectMeta;
}

/** An object of a kind unknown at compile time. */
export type UnstructuredObject = KubeObject & { [field: string]: unknown };

/** `metav1.Condition`. */
export interface Condition {
  type: string;
  status: 'True' | 'False' | 'Unknown';
  reason: string;
  /** At most 32768 bytes (RTM-54). */
  message: string;
  observedGeneration?: number;
  lastTransitionTime: string;
}

/** Group, version and kind; the group of core kinds is the empty string. */
export interface GroupVersionKind {
  group: string;
  version: string;
  kind: string;
}

/** What is needed to address a kind over REST without asking discovery. */
export interface ResourceType extends GroupVersionKind {
  /** Lower-case plural, the path segment. */
  plural: string;
  namespaced: boolean;
}

/** Name and, for namespaced kinds, namespace. */
export interface ObjectKey {
  namespace?: string;
  name: string;
}

/** `group/version`, or just `version` for core kinds: the `apiVersion` of an object. */
export function apiVersionOf(type: { group: string; version: string }): string {
  return type.group === '' ? type.version : `${type.group}/${type.version}`;
}

/** The group, version and kind named by an object's `apiVersion` and `kind`. */
export function gvkOf(object: { apiVersion: string; kind: string }): GroupVersionKind {
  const slash = object.apiVersion.indexOf('/');
  return slash < 0
    ? { group: '', version: object.apiVersion, kind: object.kind }
    : { group: object.apiVersion.slice(0, slash), version: object.apiVersion.slice(slash + 1), kind: object.kind };
}

/** `namespace/name`, or `name` without namespace. */
export function keyText(key: ObjectKey): string {
  return key.namespace ? `${key.namespace}/${key.name}` : key.name;
}

/** `Kind/namespace/name`, or `Kind/name` for cluster-scoped objects: how messages name an object. */
export function objectText(object: KubeObject): string {
  return `${object.kind}/${keyText(object.metadata)}`;
}
