import { type Resource } from '../resource/resource.ts';

/**
 * Whether prefixes and suffixes of two objects are compatible: the shorter list is the end of the longer one (KZE-776).
 * With `lenient`, an empty list fits anything; without, an empty list fits only an empty one.
 */
export function prefixesFit(a: Resource, b: Resource, lenient: boolean): boolean {
  return endsAlike(a.prefixes, b.prefixes, lenient) && endsAlike(a.suffixes, b.suffixes, lenient);
}

function endsAlike(a: readonly string[], b: readonly string[], lenient: boolean): boolean {
  const [short, long] = a.length <= b.length ? [a, b] : [b, a];
  if (short.length === 0) return lenient || long.length === 0;
  const offset = long.length - short.length;
  return short.every((affix, i) => long[i + offset] === affix);
}
