/** Small helpers to fill in defaults. */
import type { JsonObject } from '../../object/json.ts';

/** Sets every field of `values` that `target` lacks. */
export function fill(target: JsonObject, values: JsonObject): JsonObject {
  for (const key of Object.keys(values)) if (target[key] === undefined) target[key] = values[key];
  return target;
}

/** The object in a field, made empty when missing. */
export function objectIn(parent: JsonObject, field: string): JsonObject {
  if (typeof parent[field] !== 'object' || parent[field] === null) parent[field] = {};
  return parent[field] as JsonObject;
}

/** The objects of a list field; nothing when it is missing. */
export function itemsOf(parent: JsonObject | undefined, field: string): JsonObject[] {
  const list = parent?.[field];
  return Array.isArray(list) ? (list as JsonObject[]) : [];
}
