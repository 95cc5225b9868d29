/** Strategic merge patch: lists of built-in kinds merge by the keys that their schema names. */
import { schema } from '@gitops-toolkit/api';
import type { BuiltinSchema } from '../builtin/schemas.ts';
import type { JsonObject } from '../object/json.ts';
import { badRequest } from '../status/errors.ts';

/** Applies a strategic merge patch to `target`. Throws 400 for directives that make no sense. */
export function strategicMergePatch(shape: BuiltinSchema | undefined, target: unknown, patch: unknown): unknown {
  if (!schema.isObject(patch)) return patch;
  if (patch.$patch === 'delete') return {};
  if (patch.$patch === 'replace') return withoutDirectives(patch);
  if (patch.$patch !== undefined && patch.$patch !== 'merge')
    throw badRequest(`unknown patch type ${JSON.stringify(patch.$patch)} found in map`);
  return mergeObject(shape, schema.isObject(target) ? target : {}, patch);
}

function mergeObject(shape: BuiltinSchema | undefined, target: JsonObject, patch: JsonObject): JsonObject {
  const result: JsonObject = { ...target };
  const retained = patch.$retainKeys;
  if (Array.isArray(retained)) for (const name in result) if (!retained.includes(name)) delete result[name];
  for (const name of Object.keys(patch)) {
    if (name.startsWith('$setElementOrder/') || name === '$retainKeys' || name === '$patch') continue;
    if (name.startsWith('$deleteFromPrimitiveList/')) {
      deletePrimitives(result, name.slice('$deleteFromPrimitiveList/'.length), patch[name]);
      continue;
    }
    const value = patch[name];
    if (value === null) delete result[name];
    else result[name] = mergeField(fieldShape(shape, name), result[name], value);
  }
  for (const name of Object.keys(patch)) {
    if (name.startsWith('$setElementOrder/')) {
      const field = name.slice('$setElementOrder/'.length);
      reorder(result, field, fieldShape(shape, field), patch[name]);
    }
  }
  return result;
}

function fieldShape(shape: BuiltinSchema | undefined, name: string): BuiltinSchema | undefined {
  const additional = shape?.additionalProperties;
  return shape?.properties?.[name] ?? (typeof additional === 'object' ? additional : undefined);
}

function mergeField(shape: BuiltinSchema | undefined, target: unknown, patch: unknown): unknown {
  const strategy = shape?.['x-kubernetes-patch-strategy'] ?? '';
  if (Array.isArray(patch)) {
    if (!strategy.includes('merge')) return patch.filter((item) => !isDirective(item));
    return mergeList(shape!, Array.isArray(target) ? target : [], patch);
  }
  if (!schema.isObject(patch)) return patch;
  if (strategy.includes('replace')) return withoutDirectives(patch);
  return strategicMergePatch(shape, target, patch);
}

function isDirective(item: unknown): boolean {
  return schema.isObject(item) && item.$patch !== undefined;
}

function mergeList(shape: BuiltinSchema, target: unknown[], patch: unknown[]): unknown[] {
  const key = shape['x-kubernetes-patch-merge-key'];
  if (key === undefined || !patch.every(schema.isObject)) {
    const added = patch.filter((item) => !target.some((present) => schema.jsonEqual(present, item)));
    return [...added, ...target];
  }
  if (patch.some((item) => schema.isObject(item) && item.$patch === 'replace'))
    return patch.filter((item) => !isDirective(item));
  let items = target as JsonObject[];
  // In front of the others: position decides about items that nothing orders.
  const added: JsonObject[] = [];
  for (const item of patch as JsonObject[]) {
    if (item[key] === undefined)
      throw badRequest(`map: ${JSON.stringify(item)} does not contain declared merge key: ${key}`);
    const position = items.findIndex((present) => present[key] === item[key]);
    if (item.$patch === 'delete') items = items.filter((present) => present[key] !== item[key]);
    else if (position < 0) added.push(withoutDirectives(item));
    else items = items.with(position, strategicMergePatch(shape.items, items[position], item) as JsonObject);
  }
  return inOrder(
    [...added, ...items],
    (patch as JsonObject[]).filter((item) => !isDirective(item)).map((item) => item[key]),
    (item) => item[key],
  );
}

/**
 * Items that the patch names in the order it names them, among the others in the order they had: an item that is new
 * comes before what it is not ordered against.
 */
function inOrder<T>(items: T[], order: unknown[], identity: (item: T) => unknown): T[] {
  const ranks = new Map(order.map((name, index) => [name, index]));
  const position = new Map(items.map((item, index) => [item, index]));
  const named = items.filter((item) => ranks.has(identity(item)));
  named.sort((a, b) => ranks.get(identity(a))! - ranks.get(identity(b))!);
  const others = items.filter((item) => !ranks.has(identity(item)));
  const result: T[] = [];
  for (const item of named) {
    while (others.length > 0 && position.get(others[0]!)! < position.get(item)!) result.push(others.shift()!);
    result.push(item);
  }
  return [...result, ...others];
}

function deletePrimitives(result: JsonObject, name: string, values: unknown): void {
  const present = result[name];
  if (Array.isArray(present) && Array.isArray(values)) result[name] = present.filter((item) => !values.includes(item));
}

/** Puts the listed items in the listed order. */
function reorder(result: JsonObject, name: string, shape: BuiltinSchema | undefined, order: unknown): void {
  const present = result[name];
  if (!Array.isArray(present) || !Array.isArray(order)) return;
  const key = shape?.['x-kubernetes-patch-merge-key'];
  const identity = (item: unknown) => (key !== undefined && schema.isObject(item) ? item[key] : item);
  result[name] = inOrder(present, order.map(identity), identity);
}

function withoutDirectives(value: JsonObject): JsonObject {
  const result: JsonObject = {};
  for (const name of Object.keys(value)) if (!name.startsWith('$')) result[name] = value[name];
  return result;
}
