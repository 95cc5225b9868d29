import { isRecord } from './object.ts';

/** JSON pointers (RFC 6901) over plain data. Paths that lead nowhere are no errors (KUS-270). */
export type PointerPath = readonly string[];

/** Splits `/a/b~1c` into its segments; the empty pointer is the whole document and has none. */
export function parsePointer(pointer: string): PointerPath {
  return pointer
    .replace(/^\//, '')
    .split('/')
    .filter((_, index, all) => all.length > 1 || all[index] !== '')
    .map((segment) => segment.replaceAll('~1', '/').replaceAll('~0', '~'));
}

/** The value a pointer leads to; undefined when there is none. */
export function getAt(value: unknown, path: PointerPath): unknown {
  let current = value;
  for (const segment of path) {
    if (Array.isArray(current)) current = current[indexOf(segment) ?? -1];
    else if (isRecord(current) && Object.hasOwn(current, segment)) current = current[segment];
    else return undefined;
  }
  return current;
}

/** Removes what a pointer leads to. */
export function removeAt(value: unknown, path: PointerPath): void {
  const last = path.at(-1);
  if (last === undefined) return;
  const parent = getAt(value, path.slice(0, -1));
  if (Array.isArray(parent)) {
    const index = indexOf(last);
    if (index !== undefined && index < parent.length) parent.splice(index, 1);
  } else if (isRecord(parent)) {
    delete parent[last];
  }
}

/** Puts a value where a pointer leads; missing objects on the way are made, missing list items are not. */
export function setAt(value: unknown, path: PointerPath, item: unknown): void {
  let current = value;
  for (const [depth, segment] of path.entries()) {
    const isLast = depth === path.length - 1;
    if (Array.isArray(current)) {
      const index = indexOf(segment);
      if (index === undefined || index >= current.length) return;
      if (isLast) current[index] = item;
      current = current[index];
    } else if (isRecord(current)) {
      if (isLast) current[segment] = item;
      else if (!Object.hasOwn(current, segment)) current[segment] = {};
      current = current[segment];
    } else {
      return;
    }
  }
}

function indexOf(segment: string): number | undefined {
  return /^(0|[1-9][0-9]{0,8})$/.test(segment) ? Number(segment) : undefined;
}
