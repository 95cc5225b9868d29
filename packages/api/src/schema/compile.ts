/** Turns a schema into what the walkers need, once per schema object. */
import { RE2JS } from 're2js';
import { formatCheck } from './formats.ts';
import { type CompiledRule, compileRules } from './cel/rules.ts';
import { isObject, type JsonSchema } from './types.ts';

export interface SchemaNode {
  schema: JsonSchema;
  /** Accepted JSON types; empty: any. int-or-string accepts `integer` and `string`. */
  types: string[];
  nullable: boolean;
  pattern?: RE2JS;
  format?: (text: string) => boolean;
  /** Enum members as JSON text. */
  enumeration?: Set<string>;
  properties?: Map<string, SchemaNode>;
  required: readonly string[];
  additional?: SchemaNode;
  items?: SchemaNode;
  allOf: SchemaNode[];
  anyOf: SchemaNode[];
  oneOf: SchemaNode[];
  not?: SchemaNode;
  preserveUnknown: boolean;
  embedded: boolean;
  listType: 'atomic' | 'set' | 'map';
  mapKeys: readonly string[];
  /** Defaults exist here or below. */
  hasDefaults: boolean;
  /** CEL rules exist here or below. */
  hasRules: boolean;
  /** CEL sees numbers as int or double, dates as timestamps …: some value here or below needs converting. */
  needsCelConversion: boolean;
  rules: readonly CompiledRule[];
}

const cache = new WeakMap<JsonSchema, SchemaNode>();

/**
 * The compiled form of `schema`, which must not be changed afterwards. Schemas may contain themselves; defaults and rules
 * inside such a cycle are not found. Throws `SyntaxError` for a bad pattern.
 */
export function compileSchema(schema: JsonSchema): SchemaNode {
  const known = cache.get(schema);
  if (known !== undefined) return known;
  const node = emptyNode(schema);
  cache.set(schema, node);
  try {
    fillNode(node, schema);
  } catch (error) {
    cache.delete(schema);
    throw error;
  }
  return node;
}

function emptyNode(schema: JsonSchema): SchemaNode {
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  return {
    schema,
    types: intOrString ? ['integer', 'string'] : schema.type ? [schema.type] : [],
    nullable: schema.nullable === true,
    pattern: schema.pattern === undefined ? undefined : compilePattern(schema.pattern),
    format: schema.format === undefined ? undefined : formatCheck(schema.format),
    enumeration: schema.enum && new Set(schema.enum.map((member) => JSON.stringify(member))),
    properties: undefined,
    required: schema.required ?? [],
    additional: undefined,
    items: undefined,
    allOf: [],
    anyOf: [],
    oneOf: [],
    not: undefined,
    preserveUnknown: schema['x-kubernetes-preserve-unknown-fields'] === true,
    embedded: schema['x-kubernetes-embedded-resource'] === true,
    listType: schema['x-kubernetes-list-type'] ?? 'atomic',
    mapKeys: schema['x-kubernetes-list-map-keys'] ?? [],
    hasDefaults: false,
    hasRules: false,
    needsCelConversion: false,
    rules: [],
  };
}

function fillNode(node: SchemaNode, schema: JsonSchema): void {
  const { additionalProperties } = schema;
  node.properties = schema.properties && compileProperties(schema.properties);
  node.additional = isObject(additionalProperties) ? compileSchema(additionalProperties as JsonSchema) : undefined;
  node.items = schema.items && compileSchema(schema.items);
  node.allOf = (schema.allOf ?? []).map(compileSchema);
  const intOrString = schema['x-kubernetes-int-or-string'] === true;
  node.anyOf = intOrString ? withoutTypeAlternatives(schema.anyOf) : (schema.anyOf ?? []).map(compileSchema);
  node.oneOf = (schema.oneOf ?? []).map(compileSchema);
  node.not = schema.not && compileSchema(schema.not);
  const children = [node.additional, node.items, ...(node.properties?.values() ?? [])].filter(
    (child) => child !== undefined,
  );
  node.rules = compileRules(schema);
  node.hasDefaults = schema.default !== undefined || children.some((child) => child.hasDefaults);
  node.hasRules = node.rules.length > 0 || children.some((child) => child.hasRules);
  node.needsCelConversion = needsConversion(schema) || children.some((child) => child.needsCelConversion);
}

function compileProperties(properties: Record<string, JsonSchema>): Map<string, SchemaNode> {
  const compiled = new Map<string, SchemaNode>();
  for (const name of Object.keys(properties)) compiled.set(name, compileSchema(properties[name]!));
  return compiled;
}

/** `anyOf: [{type: integer}, {type: string}]` beside int-or-string repeats what the extension already says. */
function withoutTypeAlternatives(anyOf: JsonSchema[] | undefined): SchemaNode[] {
  const repeatsTypes = anyOf?.every((branch) => Object.keys(branch).length === 1 && branch.type !== undefined);
  return repeatsTypes ? [] : (anyOf ?? []).map(compileSchema);
}

function needsConversion(schema: JsonSchema): boolean {
  return (
    schema.type === 'integer' ||
    schema['x-kubernetes-int-or-string'] === true ||
    schema['x-kubernetes-preserve-unknown-fields'] === true ||
    ['date', 'date-time', 'datetime', 'duration', 'byte'].includes(schema.format ?? '') ||
    Object.keys(schema.properties ?? {}).some((name) => !/^[A-Za-z_][A-Za-z0-9]*$/.test(name))
  );
}

const patterns = new Map<string, RE2JS>();

/** A RE2 pattern, shared between schemas. Throws `SyntaxError` for a pattern that RE2 does not accept. */
export function compilePattern(pattern: string): RE2JS {
  let compiled = patterns.get(pattern);
  if (compiled === undefined) {
    try {
      compiled = RE2JS.compile(pattern);
    } catch (cause) {
      throw new SyntaxError(`pattern ${JSON.stringify(pattern)} is not a valid regular expression`, { cause });
    }
    if (patterns.size >= 2000) patterns.clear();
    patterns.set(pattern, compiled);
  }
  return compiled;
}
