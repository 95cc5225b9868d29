import { KustomizeError } from '../errors.ts';
import { compileRegex } from '../resource/selector.ts';
import { expectKind } from '../yaml/edit.ts';
import { effectiveTag } from '../yaml/data.ts';
import { TAG, isMissing, list, map, scalar, type YamlNode } from '../yaml/node.ts';
import { parseDocument } from '../yaml/parse.ts';
import { isIndex, isListSelector, splitListSelector } from './path.ts';

/**
 * All nodes that a target path leads to (KZE-808). With `create`, what is missing is made, the last part as a node of that
 * kind (KZE-809).
 *
 * @throws {KustomizeError} when the path does not fit.
 */
export function matchPath(node: YamlNode, path: readonly string[], create?: YamlNode['kind']): YamlNode[] {
  const [part, ...rest] = path;
  if (part === undefined) return [node];
  if (isIndex(part)) return matchIndex(node, Number(part), rest, create);
  if (isListSelector(part)) return matchSelector(node, part, rest, create);
  if (part === '*') {
    expectKind(node, 'list');
    return node.items.flatMap((item) => matchPath(item, rest, create));
  }
  return matchField(node, part, rest, create);
}

function matchField(node: YamlNode, part: string, rest: readonly string[], create?: YamlNode['kind']): YamlNode[] {
  if (isMissing(node)) {
    if (create) throw new KustomizeError(`cannot create field "${part}" in a null`);
    return [];
  }
  expectKind(node, 'map');
  let field = node.entries.get(part);
  if (field === undefined) {
    if (!create) return [];
    field = made(rest[0], create);
    node.entries.set(part, field);
  }
  if (field.kind === 'scalar' && rest.length > 0) {
    // Inside a text: what is found there belongs to a copy, see structured.ts.
    const inner = parseDocument(field.value);
    return inner === undefined ? [] : matchPath(inner, rest, create);
  }
  return matchPath(field, rest, create);
}

function made(next: string | undefined, kind: YamlNode['kind']): YamlNode {
  if (isListSelector(next) || isIndex(next)) return list();
  if (next !== undefined && next !== '') return map();
  return kind === 'map' ? map() : kind === 'list' ? list() : scalar('');
}

function matchIndex(node: YamlNode, index: number, rest: readonly string[], create?: YamlNode['kind']): YamlNode[] {
  expectKind(node, 'list');
  if (create && node.kind === 'list' && node.items.length === index) node.items.push(made(rest[0], create));
  const item = node.items[index];
  if (item === undefined) {
    throw new KustomizeError(`index ${index} specified but only ${node.items.length} elements found`);
  }
  return matchPath(item, rest, create);
}

function matchSelector(node: YamlNode, part: string, rest: readonly string[], create?: YamlNode['kind']): YamlNode[] {
  const { field, value } = splitListSelector(part);
  const matches = compileRegex(value);
  expectKind(node, 'list');
  const find = () =>
    node.items.flatMap((item) => {
      if (field === '') return matches(writtenText(item)) ? [item] : [];
      const found = item.kind === 'map' ? item.entries.get(field) : undefined;
      return found !== undefined && matches(writtenText(found)) ? matchPath(item, rest, create) : [];
    });
  const found = find();
  if (found.length > 0 || !create) return found;
  node.items.push(field === '' ? scalar(value) : map(new Map([[field, scalar(value)]])));
  return find();
}

/** The text of a scalar as it stands in the document, quotes included. */
function writtenText(node: YamlNode): string {
  if (node.kind !== 'scalar') return '';
  const plainString = node.tag === TAG.string && !node.quoted && effectiveTag({ ...node, tag: '' }) !== TAG.string;
  return node.quoted || plainString ? `"${node.value}"` : node.value;
}
