/** JSON values as CEL rules see them: typed by their schema. */
import { goDuration } from '../go-duration.ts';
import type { SchemaNode } from '../compile.ts';
import { isObject, type JsonObject } from '../types.ts';
import { Duration } from './library.ts';

/** Converts a value for CEL; parts that need no conversion are shared, not copied. */
export function celValue(node: SchemaNode | undefined, value: unknown): unknown {
  if (node === undefined) return untyped(value);
  if (!node.needsCelConversion) return value;
  if (typeof value === 'number') return node.schema.type === 'number' ? value : integer(value);
  if (typeof value === 'string') return typedString(node, value);
  if (Array.isArray(value)) return value.map((item) => celValue(node.items, item));
  if (!isObject(value)) return value;
  const converted: JsonObject = {};
  for (const name in value) {
    const property = node.properties?.get(name);
    // Only declared fields are selected with a dot, so only they need escaping; map keys stay as they are.
    if (property !== undefined) converted[escapeField(name)] = celValue(property, value[name]);
    else if (node.additional !== undefined) converted[name] = celValue(node.additional, value[name]);
    else converted[name] = untyped(value[name]);
  }
  return converted;
}

function untyped(value: unknown): unknown {
  if (typeof value === 'number') return integer(value);
  if (Array.isArray(value)) return value.map(untyped);
  if (!isObject(value)) return value;
  const converted: JsonObject = {};
  for (const name in value) converted[name] = untyped(value[name]);
  return converted;
}

function integer(value: number): unknown {
  return Number.isInteger(value) ? BigInt(value) : value;
}

function typedString(node: SchemaNode, value: string): unknown {
  switch (node.schema.format) {
    case 'date':
    case 'date-time':
    case 'datetime': {
      const time = new Date(value);
      return Number.isNaN(time.getTime()) ? value : time;
    }
    case 'duration': {
      const nanoseconds = goDuration(value);
      return nanoseconds === undefined ? value : durationOf(nanoseconds);
    }
    case 'byte':
      return new Uint8Array(Buffer.from(value, 'base64'));
    default:
      return value;
  }
}

function durationOf(nanoseconds: number): Duration {
  const seconds = Math.floor(nanoseconds / 1e9);
  return new Duration(BigInt(seconds), Math.round(nanoseconds - seconds * 1e9));
}

const keywords = new Set(
  'true false null in as break const continue else for function if import let loop package namespace return var void while'.split(
    ' ',
  ),
);

/** The name under which CEL selects a field whose name is not a CEL identifier. */
export function escapeField(name: string): string {
  if (keywords.has(name)) return `__${name}__`;
  if (/^[A-Za-z_][A-Za-z0-9]*(_[A-Za-z0-9]+)*$/.test(name)) return name;
  return name
    .replaceAll('__', '__underscores__')
    .replaceAll('.', '__dot__')
    .replaceAll('-', '__dash__')
    .replaceAll('/', '__slash__');
}
