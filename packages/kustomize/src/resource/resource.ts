import { isMissing, textAt, type YamlNode } from '../yaml/node.ts';
import { KustomizeError } from '../errors.ts';
import { effectiveNamespace, splitApiVersion, type ResourceId } from './id.ts';
import { isClusterScoped, type ScopeLookup } from './scope.ts';

/** Where a resource came from, for messages. */
export interface Place {
  file: string;
  line: number;
}

/** One object on its way through the build, with the bookkeeping that never reaches the output (KZE-201). */
export interface Resource {
  root: YamlNode;
  /** Names, effective namespaces and kinds it had before, oldest first (KZE-543). */
  previous: { name: string; namespace: string; kind: string }[];
  prefixes: string[];
  suffixes: string[];
  /** `create`, `merge`, `replace` or empty, for generated objects. */
  behavior: string;
  needsHash: boolean;
  generated: boolean;
  /** Names of the vars bound to it. */
  vars: string[];
  scope: ScopeLookup | undefined;
  place: Place | undefined;
}

export function makeResource(root: YamlNode, options: { scope?: ScopeLookup; place?: Place } = {}): Resource {
  return {
    root,
    previous: [],
    prefixes: [],
    suffixes: [],
    behavior: '',
    needsHash: false,
    generated: false,
    vars: [],
    scope: options.scope,
    place: options.place,
  };
}

export function kindOf(resource: Resource): string {
  return textAt(resource.root, 'kind');
}

export function nameOf(resource: Resource): string {
  return textAt(resource.root, 'metadata', 'name');
}

export function namespaceOf(resource: Resource): string {
  return textAt(resource.root, 'metadata', 'namespace');
}

/** The id the object has now. */
export function currentId(resource: Resource): ResourceId {
  const apiVersion = textAt(resource.root, 'apiVersion');
  const kind = kindOf(resource);
  return {
    ...splitApiVersion(apiVersion),
    kind,
    name: nameOf(resource),
    namespace: namespaceOf(resource),
    cluster: isClusterScoped(apiVersion, kind, resource.scope),
  };
}

/** Ids the object had before, oldest first; group and version are the current ones (KZE-543). */
export function previousIds(resource: Resource): ResourceId[] {
  if (resource.previous.length === 0) return [];
  const apiVersion = textAt(resource.root, 'apiVersion');
  const gv = splitApiVersion(apiVersion);
  return resource.previous.map((id) => ({
    ...gv,
    ...id,
    cluster: isClusterScoped(apiVersion, id.kind, resource.scope),
  }));
}

/** The oldest id. */
export function originalId(resource: Resource): ResourceId {
  return resource.previous.length === 0 ? currentId(resource) : previousIds(resource)[0]!;
}

/** All ids, previous ones first. */
export function allIds(resource: Resource): ResourceId[] {
  return [...previousIds(resource), currentId(resource)];
}

/** Records the current id as a previous one (KZE-544). */
export function rememberId(resource: Resource): void {
  const id = currentId(resource);
  resource.previous.push({ name: id.name, namespace: effectiveNamespace(id), kind: id.kind });
}

/**
 * Fails unless the object has what every object needs (KZE-328 to KZE-330).
 *
 * @throws {KustomizeError} naming the file and line it came from.
 */
export function validateObject(root: YamlNode, place?: Place): void {
  const fail = (reason: string) =>
    new KustomizeError(`${reason}${place ? ` in File: ${place.file}, line ${place.line}` : ''}`, { ...place });
  const metadata = root.kind === 'map' ? root.entries.get('metadata') : undefined;
  const kind = textAt(root, 'kind');
  if (root.kind !== 'map' || (kind === '' && textAt(root, 'apiVersion') === '' && isMissing(metadata))) {
    throw fail('missing Resource metadata');
  }
  if (kind === '') throw fail('missing kind in object');
  if (!kind.endsWith('List') && textAt(root, 'metadata', 'name') === '') {
    throw fail(`missing metadata.name in object of kind ${kind}`);
  }
}
