import { KustomizeError } from '../errors.ts';
import { setOwn } from '../yaml/data.ts';

/** The expected form of a piece of decoded JSON. `null` counts as absent everywhere (KZE-107). */
export type Shape =
  | { type: 'string' | 'boolean' | 'integer' | 'any' }
  | { type: 'array'; items: Shape }
  | { type: 'map'; values: Shape }
  | { type: 'struct'; fields: Record<string, Shape> };

export const STRING: Shape = { type: 'string' };
export const BOOLEAN: Shape = { type: 'boolean' };
export const INTEGER: Shape = { type: 'integer' };
export const ANY: Shape = { type: 'any' };
export const STRINGS: Shape = { type: 'array', items: STRING };
export const STRING_MAP: Shape = { type: 'map', values: STRING };
export const array = (items: Shape): Shape => ({ type: 'array', items });
export const struct = (fields: Record<string, Shape>): Shape => ({ type: 'struct', fields });

export interface DecodeOptions {
  /** Skip unknown fields instead of failing. */
  lenient?: boolean;
}

/**
 * Checks decoded JSON against a shape and returns it with the field names of the shape; names match whatever their case,
 * an exact match preferred (KZE-103).
 *
 * @throws {KustomizeError} `json: unknown field …` or `json: cannot unmarshal …` (KZE-104, KZE-105).
 */
export function decode(value: unknown, shape: Shape, options: DecodeOptions = {}, path = ''): unknown {
  if (value === null || value === undefined) return undefined;
  switch (shape.type) {
    case 'any':
      return value;
    case 'string':
    case 'boolean':
      if (typeof value !== shape.type) throw mismatch(value, shape, path);
      return value;
    case 'integer':
      if (!(typeof value === 'bigint' || (typeof value === 'number' && Number.isInteger(value))))
        throw mismatch(value, shape, path);
      return value;
    case 'array':
      if (!Array.isArray(value)) throw mismatch(value, shape, path);
      return value.map((item, i) => decode(item, shape.items, options, `${path}[${i}]`) ?? emptyOf(shape.items));
    case 'map': {
      const result: Record<string, unknown> = {};
      for (const [key, item] of fieldsOf(value, shape, path)) {
        setOwn(result, key, decode(item, shape.values, options, join(path, key)) ?? emptyOf(shape.values));
      }
      return result;
    }
    case 'struct':
      return decodeStruct(value, shape, options, path);
  }
}

function decodeStruct(
  value: unknown,
  shape: Extract<Shape, { type: 'struct' }>,
  options: DecodeOptions,
  path: string,
): unknown {
  const result: Record<string, unknown> = {};
  for (const [key, item] of fieldsOf(value, shape, path)) {
    const name = Object.hasOwn(shape.fields, key)
      ? key
      : Object.keys(shape.fields).find((f) => f.toLowerCase() === key.toLowerCase());
    if (name === undefined) {
      if (options.lenient) continue;
      throw new KustomizeError(`json: unknown field "${key}"${path && ` (in ${path})`}`, {
        code: 'invalid-kustomization',
      });
    }
    const decoded = decode(item, shape.fields[name]!, options, join(path, name));
    if (decoded !== undefined) result[name] = decoded;
  }
  return result;
}

function fieldsOf(value: unknown, shape: Shape, path: string): [string, unknown][] {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) throw mismatch(value, shape, path);
  return Object.entries(value);
}

function emptyOf(shape: Shape): unknown {
  switch (shape.type) {
    case 'string':
      return '';
    case 'boolean':
      return false;
    case 'integer':
      return 0;
    case 'any':
      return null;
    case 'array':
      return [];
    default:
      return {};
  }
}

function join(path: string, key: string): string {
  return path === '' ? key : `${path}.${key}`;
}

const WANTED: Record<Shape['type'], string> = {
  string: 'type string',
  boolean: 'type bool',
  integer: 'type int64',
  any: 'any value',
  array: 'type list',
  map: 'type map',
  struct: 'type object',
};

function mismatch(value: unknown, shape: Shape, path: string): KustomizeError {
  const got = Array.isArray(value)
    ? 'array'
    : typeof value === 'boolean'
      ? 'bool'
      : typeof value === 'bigint'
        ? 'number'
        : typeof value;
  const where = path === '' ? 'Go value' : `Go struct field ${path}`;
  return new KustomizeError(`json: cannot unmarshal ${got} into ${where} of ${WANTED[shape.type]}`, {
    code: 'invalid-kustomization',
  });
}
