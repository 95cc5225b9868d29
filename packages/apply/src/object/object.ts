import {
  gvkOf,
  keyText,
  type GroupVersionKind,
  type KubeObject,
  type ObjectKey,
  type ObjectMeta,
  type ResourceType,
  type UnstructuredObject,
} from '@gitops-toolkit/api';

/** An object by kind and key. */
export interface ObjectRef {
  type: GroupVersionKind | ResourceType;
  key: ObjectKey;
}

/** `Kind/namespace/name`, or `Kind/name` without a namespace: how messages name an object. */
export function refText(ref: { type: { kind: string }; key: ObjectKey }): string {
  return `${ref.type.kind}/${keyText(ref.key)}`;
}

/** The reference to an object, as its manifest says it. */
export function refOf(object: KubeObject): ObjectRef {
  const { namespace, name } = object.metadata;
  return { type: gvkOf(object), key: namespace ? { namespace, name } : { name } };
}

/** True when a label or an annotation of this key has this value; letter case of the value does not matter (KUS-239). */
export function hasMark(metadata: ObjectMeta | undefined, key: string, value: string): boolean {
  const { labels, annotations } = metadata ?? {};
  return [labels?.[key], annotations?.[key]].some(
    (found) => typeof found === 'string' && found.toLowerCase() === value.toLowerCase(),
  );
}

/** The value at a path of field names; undefined when any of them is missing. */
export function fieldAt(object: unknown, ...path: string[]): unknown {
  let value = object;
  for (const name of path) {
    if (!isRecord(value) || !Object.hasOwn(value, name)) return undefined;
    value = value[name];
  }
  return value;
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A copy that shares nothing with the original. */
export function cloneObject(object: KubeObject): UnstructuredObject {
  return structuredClone(object) as UnstructuredObject;
}
