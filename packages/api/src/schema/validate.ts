import { checkConstraints } from './constraints.ts';
import { compileSchema, type SchemaNode } from './compile.ts';
import { checkRules } from './cel/check.ts';
import { invalid, required, typeInvalid, type Issue } from './issue.ts';
import { checkListType, mapKeyOf } from './lists.ts';
import { isObject, jsonEqual, type JsonObject, type JsonSchema } from './types.ts';

export interface ValidateOptions {
  /**
   * The stored value on update. It gives CEL transition rules their `oldSelf`, and parts that did not change since are
   * not held against the update (validation ratcheting).
   */
  old?: unknown;
}

/** Types of issues that leave a value too malformed for CEL rules to run on it. */
const blocking = new Set(['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid']);

/**
 * Checks a value (after pruning and defaulting) against a structural schema: types and value constraints, list-type
 * uniqueness, embedded resources, then CEL rules. Answers every issue found, in the API server's words; empty: valid.
 */
export function validate(schema: JsonSchema, value: unknown, options: ValidateOptions = {}): Issue[] {
  const node = compileSchema(schema);
  const issues: Issue[] = [];
  validateNode(node, value, options.old, '', issues);
  if (!node.hasRules) return issues;
  if (issues.some((issue) => blocking.has(issue.type))) {
    const text =
      'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation';
    issues.push(invalid('', null, text));
  } else {
    checkRules(node, value, options.old, '', issues);
  }
  return issues;
}

/** Structural validation of one value; `old` is its counterpart before an update. */
export function validateNode(node: SchemaNode, value: unknown, old: unknown, path: string, issues: Issue[]): void {
  if (value === null || value === undefined) {
    if (!node.nullable && node.types.length > 0) issues.push(wrongType(node, 'null', path));
    return;
  }
  const before = issues.length;
  const type = jsonType(value);
  if (!acceptsType(node, type, value)) issues.push(wrongType(node, type, path));
  checkConstraints(node, value, path, issues);
  if (Array.isArray(value)) {
    if (node.items !== undefined) validateItems(node, node.items, value, old, path, issues);
    checkListType(node, value, path, issues);
  } else if (isObject(value)) {
    validateFields(node, value, isObject(old) ? old : undefined, path, issues);
  }
  if (issues.length > before && old !== undefined && jsonEqual(value, old)) issues.length = before;
}

function validateFields(
  node: SchemaNode,
  value: JsonObject,
  old: JsonObject | undefined,
  path: string,
  issues: Issue[],
): void {
  const prefix = path === '' ? '' : `${path}.`;
  for (const name of node.required) {
    if (value[name] === undefined) issues.push(required(prefix + name));
  }
  if (node.embedded) checkEmbedded(value, prefix, issues);
  for (const name in value) {
    const child = node.properties?.get(name) ?? node.additional;
    if (child !== undefined && value[name] !== undefined) {
      validateNode(child, value[name], old?.[name], prefix + name, issues);
    }
  }
}

function validateItems(
  node: SchemaNode,
  items: SchemaNode,
  value: unknown[],
  old: unknown,
  path: string,
  issues: Issue[],
): void {
  const oldItems = oldItemFinder(node, old);
  for (let i = 0; i < value.length; i++) validateNode(items, value[i], oldItems(value[i]), `${path}[${i}]`, issues);
}

/** Finds the former self of a list item: only items of map lists have one. */
export function oldItemFinder(node: SchemaNode, old: unknown): (item: unknown) => unknown {
  if (node.listType !== 'map' || !Array.isArray(old)) return () => undefined;
  const byKey = new Map<string, unknown>();
  for (const item of old) if (isObject(item)) byKey.set(JSON.stringify(mapKeyOf(node, item)), item);
  return (item) => (isObject(item) ? byKey.get(JSON.stringify(mapKeyOf(node, item))) : undefined);
}

function checkEmbedded(value: JsonObject, prefix: string, issues: Issue[]): void {
  for (const name of ['apiVersion', 'kind']) {
    const field = value[name];
    if (field === undefined) issues.push(required(prefix + name));
    else if (typeof field !== 'string') issues.push(invalid(prefix + name, field, 'must be a string'));
    else if (field === '') issues.push(invalid(prefix + name, field, 'must not be empty'));
  }
}

function jsonType(value: unknown): string {
  if (Array.isArray(value)) return 'array';
  if (typeof value === 'number') return Number.isInteger(value) ? 'integer' : 'number';
  return typeof value;
}

function acceptsType(node: SchemaNode, type: string, value: unknown): boolean {
  if (node.types.length === 0 || node.types.includes(type)) return true;
  return typeof value === 'number' && type === 'integer' && node.types.includes('number');
}

function wrongType(node: SchemaNode, type: string, path: string): Issue {
  const scalarFormat = node.schema.format !== undefined && type !== 'string' && type !== 'array' && type !== 'null';
  const shown = !scalarFormat ? type : type === 'integer' ? 'int64' : type === 'number' ? 'double' : '';
  const wanted = scalarFormat ? node.schema.format! : node.types.join(',');
  return typeInvalid(path, shown, `${path} in body must be of type ${wanted}: ${JSON.stringify(shown)}`);
}
