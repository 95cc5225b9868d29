import { KustomizeError } from '../errors.ts';
import { expectKind } from '../yaml/edit.ts';
import { entry, isMissing, type YamlNode } from '../yaml/node.ts';

/** Splits a field path at dots; `\.` is a dot, `[a.b]` one element with dots (KZE-803). */
export function splitFieldPath(path: string): string[] {
  const parts = path.split('.');
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const escaped: string[] = [parts[0]!];
  for (const part of parts.slice(1)) {
    const last = escaped.at(-1)!;
    if (last.endsWith('\\')) escaped[escaped.length - 1] = `${last.slice(0, -1)}.${part}`;
    else escaped.push(part);
  }
  const result: string[] = [];
  for (let i = 0; i < escaped.length; i++) {
    const part = escaped[i]!;
    if (!part.startsWith('[') || part.endsWith(']')) {
      result.push(part);
      continue;
    }
    const bracketed = [part];
    while (i < escaped.length - 1) {
      i++;
      bracketed.push(escaped[i]!);
      if (escaped[i]!.endsWith(']')) break;
    }
    const joined = bracketed.join('.');
    result.push(joined.includes('=') ? joined : joined.replace(/^[[\]]+|[[\]]+$/g, ''));
  }
  return result;
}

export function isListSelector(part: string | undefined): part is string {
  return part !== undefined && part.startsWith('[') && part.endsWith(']');
}

export function isIndex(part: string | undefined): part is string {
  return part !== undefined && /^\+?\d+$/.test(part);
}

/** `[field=value]`; an empty field means the element itself. */
export function splitListSelector(part: string): { field: string; value: string } {
  const inner = part.slice(1, -1);
  const at = inner.indexOf('=');
  if (at < 0) throw new KustomizeError('list path element must contain fieldName=fieldValue for element to match');
  return { field: inner.slice(0, at), value: inner.slice(at + 1) };
}

/**
 * The one node at a path, undefined when there is none (KZE-803).
 *
 * @throws {KustomizeError} when the path does not fit the shape of what is there, or holds a wildcard.
 */
export function lookupPath(root: YamlNode, path: readonly string[]): YamlNode | undefined {
  let at: YamlNode | undefined = root;
  for (const raw of path) {
    const part = raw.trim();
    if (part === '') continue;
    at = step(at, part);
    if (at === undefined) return undefined;
  }
  return at;
}

function step(node: YamlNode, part: string): YamlNode | undefined {
  if (/^[-+]?\d+$/.test(part)) {
    if (part.startsWith('-')) throw new KustomizeError(`array index ${part} cannot be negative`);
    expectKind(node, 'list');
    return node.items[Number(part)];
  }
  if (part === '-') {
    expectKind(node, 'list');
    return node.items.at(-1);
  }
  if (part === '*') throw new KustomizeError('wildcard is not supported in PathGetter');
  if (isListSelector(part)) {
    const { field, value } = splitListSelector(part);
    expectKind(node, 'list');
    return node.items.find((item) => (field === '' ? item.value === value : entry(item, field)?.value === value));
  }
  if (isMissing(node)) return undefined;
  expectKind(node, 'map');
  return node.entries.get(part);
}
