import { isDeepStrictEqual } from 'node:util';

/**
 * The JSON merge patch (RFC 7386) that leads from `before` to `after`, or undefined when they are equal. Lists are
 * replaced whole.
 */
export function mergePatch(before: object, after: object): Record<string, unknown> | undefined {
  const patch: Record<string, unknown> = {};
  const old = before as Record<string, unknown>;
  const wanted = after as Record<string, unknown>;
  for (const key of Object.keys(old)) {
    if (old[key] !== undefined && wanted[key] === undefined) patch[key] = null;
  }
  for (const [key, value] of Object.entries(wanted)) {
    if (value === undefined) continue;
    if (isPlainObject(value)) {
      const difference = mergePatch(isPlainObject(old[key]) ? old[key] : {}, value);
      if (difference || !isPlainObject(old[key])) patch[key] = difference ?? {};
    } else if (!isDeepStrictEqual(old[key], value)) {
      patch[key] = value;
    }
  }
  return Object.keys(patch).length > 0 ? patch : undefined;
}

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
