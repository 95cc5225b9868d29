/** The uniqueness that `x-kubernetes-list-type: set` and `map` promise. */
import type { SchemaNode } from './compile.ts';
import { duplicate, invalid, type Issue } from './issue.ts';
import { isObject, type JsonObject } from './types.ts';

export function checkListType(node: SchemaNode, items: unknown[], path: string, issues: Issue[]): void {
  if (node.listType === 'set') checkSet(items, path, issues);
  else if (node.listType === 'map') checkMap(node, items, path, issues);
}

function checkSet(items: unknown[], path: string, issues: Issue[]): void {
  const seen = new Set<string>();
  const reported = new Set<string>();
  items.forEach((item, index) => {
    const text = JSON.stringify(item);
    if (seen.has(text) && !reported.has(text)) {
      reported.add(text);
      issues.push(duplicate(`${path}[${index}]`, item));
    }
    seen.add(text);
  });
}

function checkMap(node: SchemaNode, items: unknown[], path: string, issues: Issue[]): void {
  const seen = new Set<string>();
  for (let i = 0; i < items.length; i++) {
    const item = items[i];
    if (!isObject(item)) {
      issues.push(invalid(`${path}[${i}]`, item, 'must be an object for an array of list-type map'));
      return;
    }
    const keys = mapKeyOf(node, item);
    const text = JSON.stringify(keys);
    if (seen.has(text)) issues.push(duplicate(`${path}[${i}]`, keys));
    seen.add(text);
  }
}

/** The key fields of a map-list item that are present. */
export function mapKeyOf(node: SchemaNode, item: JsonObject): JsonObject {
  const keys: JsonObject = {};
  for (const name of node.mapKeys) {
    const value = item[name] ?? node.items?.properties?.get(name)?.schema.default;
    if (value !== undefined) keys[name] = value;
  }
  return keys;
}
