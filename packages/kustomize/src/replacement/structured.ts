import { parseDocument as parseLossless, isMap, isScalar, isSeq, type Document, type Node } from 'yaml';
import { KustomizeError } from '../errors.ts';
import { toPlain, type Plain } from '../yaml/data.ts';
import { jsonText } from '../generate/hash.ts';
import { compareText } from '../resource/order.ts';
import { assign, type YamlNode } from '../yaml/node.ts';
import { parseDocument } from '../yaml/parse.ts';
import { matchPath } from './match.ts';
import { lookupPath } from './path.ts';

/**
 * Writes `value` at a path that leads into a text holding YAML or JSON (KZE-813). Returns false when no leading part of the
 * path leads to such a text, or when the rest of the path does not fit what is in it.
 */
export function setInText(
  root: YamlNode,
  path: readonly string[],
  value: YamlNode,
  create?: YamlNode['kind'],
): boolean {
  const found = textOnPath(root, path);
  if (found === undefined) return false;
  try {
    found.node.value = rewritten(found.node.value, found.rest, value, create);
    return true;
  } catch {
    return false;
  }
}

function textOnPath(root: YamlNode, path: readonly string[]): { node: YamlNode; rest: readonly string[] } | undefined {
  for (let length = 1; length < path.length; length++) {
    let node: YamlNode | undefined;
    try {
      node = lookupPath(root, path.slice(0, length));
    } catch {
      continue;
    }
    if (node === undefined) return undefined;
    if (node.kind === 'scalar') return { node, rest: path.slice(length) };
  }
  return undefined;
}

function rewritten(text: string, path: readonly string[], value: YamlNode, create?: YamlNode['kind']): string {
  const document = parseDocument(text);
  if (document === undefined) throw new KustomizeError('no structured data found in path');
  const targets = matchPath(document, path, create);
  if (targets.length === 0) throw new KustomizeError('unable to find field in structured data');
  for (const target of targets) {
    if (target.kind === 'scalar') target.value = value.value;
    else assign(target, value);
  }
  return /^\s*[{[]/.test(text) ? asJson(document, text) : asYaml(document, text);
}

/** JSON keeps the layout of the old text in so far as it was indented or not (KZE-814). */
function asJson(document: YamlNode, before: string): string {
  const data = toPlain(document, 'bigint');
  return before.includes('\n') && before.includes('  ') ? indentedJson(data, '') : jsonText(data);
}

function indentedJson(value: Plain, indent: string): string {
  const inner = `${indent}  `;
  if (Array.isArray(value)) {
    if (value.length === 0) return '[]';
    return `[\n${value.map((item) => inner + indentedJson(item, inner)).join(',\n')}\n${indent}]`;
  }
  if (typeof value === 'object' && value !== null) {
    const keys = Object.keys(value).sort(compareText);
    if (keys.length === 0) return '{}';
    return `{\n${keys.map((key) => `${inner}${jsonText(key)}: ${indentedJson(value[key]!, inner)}`).join(',\n')}\n${indent}}`;
  }
  return jsonText(value);
}

/** YAML keeps order, quoting and comments: the changes are carried over to a lossless document. */
function asYaml(changed: YamlNode, before: string): string {
  const document = parseLossless(before);
  carryOver(document, document.contents, changed, []);
  return document.toString({ indentSeq: false, lineWidth: 0, flowCollectionPadding: false }).trim();
}

function carryOver(document: Document, node: unknown, changed: YamlNode, path: (string | number)[]): void {
  if (changed.kind === 'scalar' && isScalar(node)) {
    const value = toPlain(changed);
    if (node.value !== value) {
      node.value = value;
      delete node.source;
    }
  } else if (changed.kind === 'map' && isMap(node)) {
    for (const [key, child] of changed.entries) {
      carryOver(document, node.get(key, true), child, [...path, key]);
    }
  } else if (changed.kind === 'list' && isSeq(node)) {
    changed.items.forEach((child, i) => carryOver(document, node.items[i] as Node, child, [...path, i]));
  } else {
    document.setIn(path, document.createNode(toPlain(changed)));
  }
}
