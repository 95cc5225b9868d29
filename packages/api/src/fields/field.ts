/**
 * A small builder for structural schemas. One declaration gives the OpenAPI v3 schema of a CRD, with its descriptions,
 * and the TypeScript type of the value (`ValueOf`). It only builds what a structural schema can say.
 */
import type { Json } from '../meta/object.ts';
import type { JsonSchema } from '../schema/types.ts';

/** Schema of one field. */
export type FieldSchema = JsonSchema;

declare const valueType: unique symbol;

/** A field: its schema, and at compile time the type of its value and whether it must be present. */
export interface Field<T = unknown, P extends 'required' | 'optional' = 'required' | 'optional'> {
  readonly schema: FieldSchema;
  readonly presence: P;
  readonly [valueType]?: T;
}

/** The TypeScript type of a field's value. */
export type ValueOf<F> = F extends Field<infer T> ? T : never;

type FieldMap = Record<string, Field>;
type RequiredName<F extends FieldMap> = {
  [K in keyof F]: F[K] extends Field<unknown, 'required'> ? K : never;
}[keyof F];
type Flat<T> = { [K in keyof T]: T[K] };
type ObjectValue<F extends FieldMap> = Flat<
  { [K in RequiredName<F>]: ValueOf<F[K]> } & { [K in Exclude<keyof F, RequiredName<F>>]?: ValueOf<F[K]> }
>;

/** Constraints beside type, description and children. */
type Constraints<K extends keyof FieldSchema> = Pick<FieldSchema, K>;

function field<T>(schema: FieldSchema): Field<T, 'optional'> {
  return { schema, presence: 'optional' };
}

/** Marks a field as required in the object that holds it. Fields are optional unless marked. */
export function required<T>(optional: Field<T>): Field<T, 'required'> {
  return { schema: optional.schema, presence: 'required' };
}

/** A text field. */
export function string(
  description: string,
  constraints: Constraints<'default' | 'format' | 'pattern' | 'minLength' | 'maxLength'> = {},
): Field<string, 'optional'> {
  return field({ type: 'string', description, ...constraints });
}

/** A text field that takes one of `values`. */
export function oneOf<const V extends readonly string[]>(
  description: string,
  values: V,
  constraints: { default?: V[number] } = {},
): Field<V[number], 'optional'> {
  return field({ type: 'string', description, enum: [...values], ...constraints });
}

/** A whole number; `format` defaults to none. */
export function integer(
  description: string,
  constraints: Constraints<'default' | 'format' | 'minimum' | 'maximum'> = {},
): Field<number, 'optional'> {
  return field({ type: 'integer', description, ...constraints });
}

/** A switch. */
export function boolean(description: string, constraints: { default?: boolean } = {}): Field<boolean, 'optional'> {
  return field({ type: 'boolean', description, ...constraints });
}

/** A list. */
export function array<T>(
  description: string,
  items: Field<T>,
  constraints: Constraints<
    'default' | 'minItems' | 'maxItems' | 'x-kubernetes-list-type' | 'x-kubernetes-list-map-keys'
  > = {},
): Field<T[], 'optional'> {
  return field({ type: 'array', description, items: items.schema, ...constraints });
}

/** A map with free keys. */
export function map<T>(description: string, values: Field<T>): Field<Record<string, T>, 'optional'> {
  return field({ type: 'object', description, additionalProperties: values.schema });
}

/** An object with known fields. */
export function object<F extends FieldMap>(
  description: string,
  fields: F,
  constraints: Constraints<'default' | 'x-kubernetes-validations' | 'x-kubernetes-map-type'> = {},
): Field<ObjectValue<F>, 'optional'> {
  const names = Object.keys(fields).filter((name) => fields[name]?.presence === 'required');
  return field({
    type: 'object',
    description,
    properties: Object.fromEntries(Object.entries(fields).map(([name, value]) => [name, value.schema])),
    ...(names.length > 0 ? { required: names.sort() } : {}),
    ...constraints,
  });
}

/** Any JSON value, kept as it is. */
export function anything(description: string): Field<Json, 'optional'> {
  return field({ description, 'x-kubernetes-preserve-unknown-fields': true });
}

/** An item of a list or a value of a map that needs no description of its own. */
export const text: Field<string, 'optional'> = field({ type: 'string' });

/** The same field under another description. */
export function described<T, P extends 'required' | 'optional'>(
  description: string,
  original: Field<T, P>,
): Field<T, P> {
  return { schema: { ...original.schema, description }, presence: original.presence };
}
