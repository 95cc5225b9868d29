import { KustomizeError, prefixed } from '../errors.ts';
import { currentId, kindOf, type Resource } from '../resource/resource.ts';
import { idText, splitApiVersion } from '../resource/id.ts';
import { become, isNull, list, map, scalar, textAt, type YamlNode } from '../yaml/node.ts';
import { type FieldSpec } from './types.ts';

/** What a step creates at the end of a path whose row says `create` (KZE-633). */
export interface CreateLeaf {
  kind: YamlNode['kind'];
  tag: string;
}

const PATHS = new Map<string, readonly string[]>();

/** Splits a path at slashes; `\/` is a slash inside one element (KZE-631). */
export function splitPath(path: string): readonly string[] {
  const known = PATHS.get(path);
  if (known) return known;
  const parts = path.split('/');
  if (parts.length > 1 && parts[0] === '') parts.shift();
  const result: string[] = [parts[0]!];
  for (const part of parts.slice(1)) {
    const last = result.at(-1)!;
    if (last.endsWith('\\')) result[result.length - 1] = `${last.slice(0, -1)}/${part}`;
    else result.push(part);
  }
  if (PATHS.size < 10_000) PATHS.set(path, result);
  return result;
}

/** True when the row is meant for objects of this kind (KZE-630). */
export function specMatches(spec: FieldSpec, resource: Resource): boolean {
  if (spec.kind !== '' && spec.kind !== kindOf(resource)) return false;
  if (spec.group === '' && spec.version === '') return true;
  const { group, version } = splitApiVersion(textAt(resource.root, 'apiVersion'));
  return (spec.group === '' || spec.group === group) && (spec.version === '' || spec.version === version);
}

/**
 * Calls `visit` for the field that `spec` names in the object, once per element of every list on the way. With `create`,
 * missing fields are made where the row allows it.
 *
 * @throws {KustomizeError} when the path leads through a scalar (KZE-362), or what `visit` throws, with field and object named.
 */
export function visitField(
  resource: Resource,
  spec: FieldSpec,
  visit: (node: YamlNode) => void,
  create?: CreateLeaf,
): void {
  if (!specMatches(spec, resource)) return;
  visitPath(resource, spec, visit, create);
}

/** {@link visitField} for an object that is known to match. */
export function visitPath(
  resource: Resource,
  spec: FieldSpec,
  visit: (node: YamlNode) => void,
  create?: CreateLeaf,
): void {
  try {
    walk(resource.root, splitPath(spec.path), 0, visit, spec.create ? create : undefined);
  } catch (error) {
    throw prefixed(`considering field '${spec.path}' of object ${idText(currentId(resource))}`, error);
  }
}

function walk(
  node: YamlNode,
  path: readonly string[],
  at: number,
  visit: (node: YamlNode) => void,
  create: CreateLeaf | undefined,
): void {
  if (at === path.length) return visit(node);
  if (node.kind === 'map') {
    const next = step(node, path, at, create);
    if (next !== undefined) walk(next, path, at + 1, visit, create);
  } else if (node.kind === 'list') {
    for (const item of node.items) walk(item, path, at, visit, create);
  } else if (!isNull(node)) {
    throw new KustomizeError('expected sequence or mapping node');
  }
}

function step(
  node: YamlNode,
  path: readonly string[],
  at: number,
  create: CreateLeaf | undefined,
): YamlNode | undefined {
  const element = path[at]!;
  const isList = element.endsWith('[]');
  const name = isList ? element.slice(0, -2) : element;
  if (name === '') throw new KustomizeError('cannot set or create an empty field name');
  const found = node.entries.get(name);
  if (found !== undefined && !isNull(found)) return found;
  // A null becomes what is to be there; of a list only the shape is known, and only when it is there.
  const leaf: CreateLeaf | undefined = isList
    ? found && { kind: 'list', tag: '' }
    : create && (at === path.length - 1 ? create : { kind: 'map', tag: '' });
  if (leaf === undefined) return found;
  if (found !== undefined) {
    become(found, leaf.kind, leaf.tag);
    return found;
  }
  const made = leaf.kind === 'map' ? map() : leaf.kind === 'list' ? list() : scalar('');
  node.entries.set(name, made);
  return made;
}
