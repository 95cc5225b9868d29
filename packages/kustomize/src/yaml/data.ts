import { KustomizeError } from '../errors.ts';
import { needsQuotes } from '../output/style.ts';
import { TAG, list, map, scalar, type YamlNode } from './node.ts';
import { resolvePlain, scalarValue } from './resolve.ts';

/** Plain data as it leaves the engine. `bigint` occurs only where asked for. */
export type Plain = string | number | bigint | boolean | null | Plain[] | { [key: string]: Plain };

/** How integers beyond 2^53 leave the engine: as the nearest number, or exactly. */
export type IntegerMode = 'number' | 'bigint';

/** Reduces a node to plain data (KZE-930). */
export function toPlain(node: YamlNode, integers: IntegerMode = 'number'): Plain {
  if (node.kind === 'scalar') {
    const value = scalarData(node);
    if (typeof value === 'bigint' && integers === 'number') return Number(value);
    return value;
  }
  if (node.kind === 'list') return node.items.map((item) => toPlain(item, integers));
  const result: { [key: string]: Plain } = {};
  for (const [key, value] of node.entries) setOwn(result, key, toPlain(value, integers));
  return result;
}

/** Sets a key that may be `__proto__` (KZE-977). */
export function setOwn<T>(target: Record<string, T>, key: string, value: T): void {
  if (key === '__proto__')
    Object.defineProperty(target, key, { value, enumerable: true, configurable: true, writable: true });
  else target[key] = value;
}

/** The effective type of a scalar. */
export function effectiveTag(node: YamlNode): string {
  if (node.tag !== '') return node.quoted && node.tag !== TAG.null ? TAG.string : node.tag;
  return node.quoted || node.value.includes('\n') ? TAG.string : resolvePlain(node.value);
}

function scalarData(node: YamlNode): string | number | bigint | boolean | null {
  const tag = effectiveTag(node);
  if (tag === TAG.string) return node.value;
  if (node.tag !== '' && !fits(node.value, tag)) {
    throw new KustomizeError(`cannot decode !!str \`${node.value}\` as a ${tag}`);
  }
  const value = scalarValue(node.value, tag);
  if (typeof value === 'number' && !Number.isFinite(value)) {
    throw new KustomizeError(`unsupported value: ${node.value} cannot be written as JSON`);
  }
  return value;
}

function fits(value: string, tag: string): boolean {
  const resolved = resolvePlain(value);
  return resolved === tag || (tag === TAG.float && resolved === TAG.int);
}

/** A node for plain data, typed and quoted as the canonical YAML text of that data would be (KZE-756). */
export function fromPlain(value: unknown): YamlNode {
  if (value === null || value === undefined) return scalar('null', TAG.null);
  switch (typeof value) {
    case 'string':
      return scalar(value, TAG.string, needsQuotes(value));
    case 'boolean':
      return scalar(String(value), TAG.bool);
    case 'number':
    case 'bigint':
      return number(typeof value === 'number' && Number.isInteger(value) ? BigInt(value) : value);
  }
  if (Array.isArray(value)) return list(value.map(fromPlain));
  const entries = new Map<string, YamlNode>();
  for (const key of Object.keys(value as object).sort())
    entries.set(key, fromPlain((value as Record<string, unknown>)[key]));
  return map(entries);
}

function number(value: number | bigint): YamlNode {
  const written = String(value);
  return scalar(written, resolvePlain(written));
}
