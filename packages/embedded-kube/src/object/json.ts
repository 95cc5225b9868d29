/** Plain JSON objects as the server passes them around. Stored objects are shared and never changed. */
import type { schema, UnstructuredObject } from '@gitops-toolkit/api';

export type JsonObject = schema.JsonObject;
export type KubeJson = UnstructuredObject;

/** A deep copy of a JSON value. Several times faster than `structuredClone` on small objects. */
export function copyJson<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) {
    const items = new Array<unknown>(value.length);
    for (let i = 0; i < value.length; i++) items[i] = copyJson(value[i]);
    return items as T;
  }
  const copy: JsonObject = {};
  for (const key in value) copy[key] = copyJson((value as JsonObject)[key]);
  return copy as T;
}

/** The value at a path of object keys, or undefined. */
export function valueAt(value: unknown, ...path: string[]): unknown {
  let current = value;
  for (const key of path) {
    if (typeof current !== 'object' || current === null) return undefined;
    current = (current as JsonObject)[key];
  }
  return current;
}

/** RFC 3339 in UTC with whole seconds: `metav1.Time`. */
export function timeText(date = new Date()): string {
  return `${date.toISOString().slice(0, 19)}Z`;
}
