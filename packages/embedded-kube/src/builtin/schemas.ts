/** The shapes of the built-in kinds, from `schemas.json` (see scripts/generate-schemas.mjs). */
import { readFileSync } from 'node:fs';
import type { JsonSchema } from '@gitops-toolkit/api';

/** A node of the document: OpenAPI with `ref` naming another definition. */
interface Definition extends Omit<JsonSchema, 'items' | 'properties' | 'additionalProperties'> {
  ref?: string;
  items?: Definition;
  properties?: Record<string, Definition>;
  additionalProperties?: Definition | boolean;
}

/** OpenAPI with the merge markers of strategic merge patches. */
export interface BuiltinSchema extends JsonSchema {
  'x-kubernetes-patch-merge-key'?: string;
  'x-kubernetes-patch-strategy'?: string;
}

export interface SchemaDocument {
  kinds: Record<string, string>;
  definitions: Record<string, Definition>;
}

let document: SchemaDocument | undefined;

export function schemaDocument(): SchemaDocument {
  return (document ??= JSON.parse(readFileSync(new URL('./schemas.json', import.meta.url), 'utf8')) as SchemaDocument);
}

const resolved = new Map<string, BuiltinSchema>();

/** The schema of `group/version/Kind` with references resolved (recursive types are cyclic), or undefined. */
export function builtinSchema(apiVersion: string, kind: string): BuiltinSchema | undefined {
  const name = schemaDocument().kinds[`${apiVersion}/${kind}`];
  return name === undefined ? undefined : definition(name);
}

/** A definition by name, such as `meta.v1.ObjectMeta`. */
export function definition(name: string): BuiltinSchema {
  const known = resolved.get(name);
  if (known !== undefined) return known;
  // Registered before its parts are resolved: types may contain themselves.
  const target: BuiltinSchema = {};
  resolved.set(name, target);
  return Object.assign(target, special[name] ?? resolve(schemaDocument().definitions[name]!));
}

const anything: JsonSchema = { 'x-kubernetes-preserve-unknown-fields': true };

/** Types that have their own JSON encoding. */
const special: Record<string, JsonSchema> = {
  'util.intstr.IntOrString': { 'x-kubernetes-int-or-string': true },
  // Quantities are accepted as numbers and stored as text: see normalize in decode.ts.
  'api.resource.Quantity': { 'x-kubernetes-int-or-string': true, format: 'quantity' },
  'runtime.RawExtension': { type: 'object', ...anything },
  'meta.v1.FieldsV1': { type: 'object', ...anything, 'x-kubernetes-map-type': 'atomic' },
  'apiextensions.v1.JSON': anything,
  'apiextensions.v1.JSONSchemaProps': { type: 'object', ...anything, 'x-kubernetes-map-type': 'granular' },
  'apiextensions.v1.JSONSchemaPropsOrBool': anything,
  'apiextensions.v1.JSONSchemaPropsOrArray': anything,
  'apiextensions.v1.JSONSchemaPropsOrStringArray': anything,
};

function resolve(node: Definition): BuiltinSchema {
  const { ref, items, properties, additionalProperties, required: _, ...rest } = node;
  if (ref !== undefined) {
    const target = definition(ref);
    // Markers beside a reference (patch strategies) belong to the field, not to the type.
    return Object.keys(rest).length === 0
      ? target
      : { ...special[ref], ...resolve(schemaDocument().definitions[ref]!), ...special[ref], ...rest };
  }
  const schema: BuiltinSchema = { ...rest };
  // Presence is checked by the kind's own validation, with its own messages.
  if (items !== undefined) schema.items = resolve(items);
  if (properties !== undefined) {
    schema.properties = {};
    for (const name of Object.keys(properties)) schema.properties[name] = resolve(properties[name]!);
  }
  if (additionalProperties !== undefined) {
    schema.additionalProperties =
      typeof additionalProperties === 'object' ? resolve(additionalProperties) : additionalProperties;
  }
  return mergeLists(schema);
}

/** Lists that say how they are patched but not how they are owned merge by the same key. */
function mergeLists(schema: BuiltinSchema): BuiltinSchema {
  const key = schema['x-kubernetes-patch-merge-key'];
  if (
    schema.type === 'array' &&
    schema['x-kubernetes-list-type'] === undefined &&
    schema['x-kubernetes-patch-strategy']?.includes('merge')
  ) {
    return key === undefined
      ? { ...schema, 'x-kubernetes-list-type': 'set' }
      : { ...schema, 'x-kubernetes-list-type': 'map', 'x-kubernetes-list-map-keys': [key] };
  }
  return schema;
}
