import { compileSchema, type SchemaNode } from './compile.ts';
import { isObject, type JsonSchema } from './types.ts';

/**
 * Fills in the schema's defaults, in place, and answers the value. As in Kubernetes, a null in a field that is not
 * nullable is dropped first, so that its default (if any) takes its place; defaults apply only inside objects that
 * are present.
 */
export function applyDefaults<T>(schema: JsonSchema, value: T): T {
  const node = compileSchema(schema);
  fill(node, value);
  return value;
}

function fill(node: SchemaNode, value: unknown): void {
  if (Array.isArray(value)) {
    const items = node.items;
    if (items !== undefined) for (const item of value) fill(items, item);
    return;
  }
  if (!isObject(value)) return;
  if (node.properties !== undefined) {
    for (const [name, child] of node.properties) fillField(child, value, name);
  }
  if (node.additional !== undefined) {
    for (const name of Object.keys(value)) {
      if (!node.properties?.has(name)) fillField(node.additional, value, name);
    }
  }
}

function fillField(child: SchemaNode, parent: Record<string, unknown>, name: string): void {
  const present = parent[name];
  if (present === null && !child.nullable && child.types.length > 0) delete parent[name];
  if (parent[name] === undefined && child.schema.default !== undefined) {
    parent[name] = structuredClone(child.schema.default);
  }
  if (typeof parent[name] === 'object') fill(child, parent[name]);
}
