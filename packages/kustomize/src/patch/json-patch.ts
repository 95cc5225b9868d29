import { KustomizeError } from '../errors.ts';
import { setOwn } from '../yaml/data.ts';

/** One operation of an RFC 6902 patch. */
export interface Operation {
  op: string;
  path: string;
  from?: string;
  value?: unknown;
}

type Container = unknown[] | Record<string, unknown>;

/**
 * Checks that decoded data is a list of operations.
 *
 * @throws {KustomizeError} when it is not.
 */
export function checkOperations(data: unknown): Operation[] {
  if (!Array.isArray(data)) throw new KustomizeError('a JSON patch is a list of operations');
  for (const [i, item] of data.entries()) {
    const operation = item as Partial<Operation> | null;
    if (typeof operation !== 'object' || operation === null || Array.isArray(operation)) {
      throw new KustomizeError(`operation ${i} of the JSON patch is not an object`);
    }
    for (const field of ['op', 'path', 'from'] as const) {
      if (operation[field] !== undefined && typeof operation[field] !== 'string') {
        throw new KustomizeError(`"${field}" of operation ${i} of the JSON patch is not a string`);
      }
    }
  }
  return data as Operation[];
}

/**
 * Applies operations in order to a document, which is changed and returned (KZE-750 to KZE-753).
 *
 * @throws {KustomizeError} at the first one that cannot be applied (KZE-350).
 */
export function applyOperations(document: unknown, operations: readonly Operation[]): unknown {
  const holder = { root: document };
  for (const operation of operations) applyOne(holder, operation);
  return holder.root;
}

function applyOne(holder: { root: unknown }, { op, path, from, value }: Operation): void {
  if (!/^(add|remove|replace|move|copy|test)$/.test(op ?? ''))
    throw new KustomizeError(`Unexpected kind: ${op ?? 'unknown'}`);
  if (path === undefined) throw new KustomizeError(`${op} operation has no path`);
  switch (op) {
    case 'add':
      return add(holder, op, path, structuredClone(value ?? null));
    case 'remove':
      remove(holder, op, path);
      return;
    case 'replace': {
      if (path === '') {
        holder.root = structuredClone(value ?? null);
        return;
      }
      const [parent, key] = parentOf(holder.root, path, op);
      // A missing key of a map that is there is set.
      set(parent, key, structuredClone(value ?? null));
      return;
    }
    case 'move': {
      const moved = remove(holder, op, from ?? '');
      return add(holder, op, path, moved);
    }
    case 'copy':
      return add(holder, op, path, structuredClone(get(holder.root, from ?? '', op)));
    case 'test': {
      const found = find(holder.root, path);
      if (!equal(found ?? null, value ?? null)) throw new KustomizeError(`testing value ${path} failed`);
    }
  }
}

function add(holder: { root: unknown }, op: string, path: string, value: unknown): void {
  if (path === '') {
    holder.root = value;
    return;
  }
  const [parent, key] = parentOf(holder.root, path, op);
  if (!Array.isArray(parent)) {
    setOwn(parent, key, value);
    return;
  }
  if (key === '-') {
    parent.push(value);
    return;
  }
  const index = indexOf(key, parent.length + 1);
  parent.splice(index, 0, value);
}

function remove(holder: { root: unknown }, op: string, path: string): unknown {
  const [parent, key] = parentOf(holder.root, path, op);
  if (!has(parent, key)) {
    throw new KustomizeError(
      `error in ${op} for path: '${path}': Unable to remove nonexistent key: ${key}: missing value`,
    );
  }
  if (Array.isArray(parent)) return parent.splice(indexOf(key, parent.length), 1)[0];
  const value = parent[key];
  delete parent[key];
  return value;
}

function get(root: unknown, path: string, op: string): unknown {
  if (path === '') return root;
  const [parent, key] = parentOf(root, path, op);
  if (!has(parent, key)) throw missing(op, path);
  return Array.isArray(parent) ? parent[indexOf(key, parent.length)] : parent[key];
}

function find(root: unknown, path: string): unknown {
  let at = root;
  for (const key of path === '' ? [] : pointer(path)) {
    if (!isContainer(at) || !has(at, key)) return undefined;
    at = Array.isArray(at) ? at[indexOf(key, at.length)] : at[key];
  }
  return at;
}

function parentOf(root: unknown, path: string, op: string): [Container, string] {
  const keys = pointer(path);
  let at = root;
  for (const key of keys.slice(0, -1)) {
    if (!isContainer(at) || !has(at, key)) throw missing(op, path);
    at = Array.isArray(at) ? at[indexOf(key, at.length)] : at[key];
  }
  if (!isContainer(at)) throw missing(op, path);
  return [at, keys.at(-1)!];
}

function pointer(path: string): string[] {
  return path
    .split('/')
    .slice(1)
    .map((key) => key.replaceAll('~1', '/').replaceAll('~0', '~'));
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

function has(container: Container, key: string): boolean {
  if (!Array.isArray(container)) return Object.hasOwn(container, key);
  indexOf(key, container.length);
  return true;
}

function set(container: Container, key: string, value: unknown): void {
  if (Array.isArray(container)) container[indexOf(key, container.length)] = value;
  else setOwn(container, key, value);
}

/** A list index; negative ones count from the end (KZE-753). */
function indexOf(key: string, length: number): number {
  const index = /^-?\d+$/.test(key) ? Number(key) : NaN;
  if (!(index < length && index >= -length)) throw new KustomizeError(`Unable to access invalid index: ${key}`);
  return index < 0 ? index + length : index;
}

function missing(op: string, path: string): KustomizeError {
  const shown = op === 'replace' ? path : `"${path}"`;
  return new KustomizeError(`${op} operation does not apply: doc is missing path: ${shown}: missing value`);
}

function equal(a: unknown, b: unknown): boolean {
  if (a === b) return true;
  if (!isContainer(a) || !isContainer(b) || Array.isArray(a) !== Array.isArray(b)) return false;
  const keys = Object.keys(a);
  return (
    keys.length === Object.keys(b).length &&
    keys.every(
      (key) => Object.hasOwn(b, key) && equal((a as Record<string, unknown>)[key], (b as Record<string, unknown>)[key]),
    )
  );
}
