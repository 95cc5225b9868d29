import { compileSchema, type SchemaNode } from './compile.ts';
import { isObject, type JsonObject, type JsonSchema } from './types.ts';

export interface PruneOptions {
  /**
   * The value is a whole object: `apiVersion`, `kind` and `metadata` are known whatever the schema says. Default true.
   */
  root?: boolean;
}

/**
 * Removes, in place, the fields that the schema does not specify, and answers their paths in order of appearance
 * (`spec.typo`, `spec.items[1].typo`): what strict field validation reports.
 */
export function prune(schema: JsonSchema, value: unknown, options: PruneOptions = {}): string[] {
  const unknown: string[] = [];
  pruneNode(compileSchema(schema), value, '', options.root ?? true, unknown);
  return unknown;
}

const objectFields = new Set(['apiVersion', 'kind', 'metadata']);

function pruneNode(node: SchemaNode, value: unknown, path: string, root: boolean, unknown: string[]): void {
  if (Array.isArray(value)) {
    const items = node.items;
    // Items without a schema of their own keep nothing, unless the list preserves them.
    if (items === undefined && node.preserveUnknown) return;
    for (let i = 0; i < value.length; i++) {
      if (items !== undefined) pruneNode(items, value[i], `${path}[${i}]`, items.embedded, unknown);
    }
    return;
  }
  if (isObject(value)) pruneObject(node, value, path, root, unknown);
}

function pruneObject(node: SchemaNode, value: JsonObject, path: string, root: boolean, unknown: string[]): void {
  for (const name in value) {
    const known = node.properties?.get(name);
    const field = path === '' ? name : `${path}.${name}`;
    if (root && objectFields.has(name)) continue;
    if (known !== undefined) pruneNode(known, value[name], field, known.embedded, unknown);
    else if (node.additional !== undefined)
      pruneNode(node.additional, value[name], field, node.additional.embedded, unknown);
    else if (!node.preserveUnknown && node.schema.additionalProperties !== true) {
      delete value[name];
      unknown.push(field);
    }
  }
}
