import { Optional } from '@marcbachmann/cel-js';

/**
 * JSON as CEL sees it: whole numbers are `int` (bigint), others `double`, objects are maps. Maps rather than plain
 * objects, so that a key such as `constructor` is a key like any other.
 */
export function toCel(value: unknown): unknown {
  switch (typeof value) {
    case 'number':
      return Number.isSafeInteger(value) ? BigInt(value) : value;
    case 'object': {
      if (value === null) return null;
      if (Array.isArray(value)) return value.map(toCel);
      const map = new Map<string, unknown>();
      for (const [key, field] of Object.entries(value)) if (field !== undefined) map.set(key, toCel(field));
      return map;
    }
    default:
      return value;
  }
}

/** A result as plain data: bigints within the safe range become numbers, maps become objects. */
export function fromCel(value: unknown): unknown {
  if (typeof value === 'bigint') {
    const number = Number(value);
    return Number.isSafeInteger(number) ? number : value;
  }
  if (Array.isArray(value)) return value.map(fromCel);
  if (value instanceof Set) return Array.from(value, fromCel);
  if (value instanceof Optional) return value.hasValue() ? fromCel(value.value()) : undefined;
  if (value instanceof Map)
    return Object.fromEntries(Array.from(value, ([key, field]) => [String(key), fromCel(field)]));
  if (typeof value === 'object' && value !== null && isPlain(value)) {
    return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, fromCel(field)]));
  }
  return value;
}

/** Equality of CEL: numbers by value across their types, lists and maps by content. */
export function celEquals(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (isNumeric(a) && isNumeric(b)) return a.valueOf() == b.valueOf(); // eslint-disable-line eqeqeq
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false;
  if (Array.isArray(a)) return Array.isArray(b) && a.length === b.length && a.every((item, i) => celEquals(item, b[i]));
  if (a instanceof Date) return b instanceof Date && a.getTime() === b.getTime();
  const left = entries(a);
  const right = entries(b);
  if (left === undefined || right === undefined) return String(a) === String(b);
  return left.size === right.size && Array.from(left).every(([key, value]) => celEquals(value, right.get(key)));
}

function isNumeric(value: unknown): value is number | bigint | { valueOf(): bigint } {
  if (typeof value === 'number' || typeof value === 'bigint') return true;
  return typeof value === 'object' && value !== null && typeof value.valueOf() === 'bigint';
}

function entries(value: object): Map<unknown, unknown> | undefined {
  if (value instanceof Map) return value;
  return isPlain(value) ? new Map(Object.entries(value)) : undefined;
}

function isPlain(value: object): boolean {
  const prototype: unknown = Object.getPrototypeOf(value);
  return prototype === null || prototype === Object.prototype;
}
