import { KustomizeError } from '../errors.ts';
import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField } from '../fieldspec/walk.ts';
import { type VarEntry } from '../kustomization/types.ts';
import { lookupPath, splitFieldPath } from '../replacement/path.ts';
import { idsEqual, type ResourceId } from '../resource/id.ts';
import { type ResourceList } from '../resource/list.ts';
import { allIds, type Resource } from '../resource/resource.ts';
import { isClusterScoped, type ScopeLookup } from '../resource/scope.ts';
import { effectiveTag } from '../yaml/data.ts';
import { TAG, isNull, type YamlNode } from '../yaml/node.ts';
import { scalarValue } from '../yaml/resolve.ts';
import { apiVersionText } from '../patch/schema/api-version.ts';

/** Binds vars to the objects they name (KZE-841). @throws {KustomizeError} when a var fits several (KZE-367). */
export function bindVars(list: ResourceList, vars: readonly VarEntry[], scope: ScopeLookup): void {
  for (const variable of vars) {
    const id = referencedId(variable, scope);
    const exact = id.namespace !== '' || id.cluster;
    const matched = list.items.filter((resource) =>
      allIds(resource).some((other) => (exact ? idsEqual(id, other) : sameTypeAndName(id, other))),
    );
    if (matched.length > 1) {
      throw new KustomizeError(
        `found ${matched.length} resId matches for var ${varText(variable)} (unable to disambiguate)`,
      );
    }
    matched[0]?.vars.push(variable.name ?? '');
  }
}

function referencedId(variable: VarEntry, scope: ScopeLookup): ResourceId {
  const { apiVersion = '', kind = '', name = '', namespace = '', ...given } = variable.objref ?? {};
  let { group = '', version = '' } = given;
  const parts = apiVersion.split('/');
  if (apiVersion !== '' && parts.length === 1) version = apiVersion;
  else if (parts.length === 2) [group, version] = parts as [string, string];
  return {
    group,
    version,
    kind,
    name,
    namespace,
    cluster: isClusterScoped(apiVersionText(group, version), kind, scope),
  };
}

function sameTypeAndName(a: ResourceId, b: ResourceId): boolean {
  return a.name === b.name && a.kind === b.kind && a.group === b.group && a.version === b.version;
}

/** Adds vars to those of the tree. @throws {KustomizeError} when a name is declared twice (KZE-842). */
export function mergeVars(known: readonly VarEntry[], incoming: readonly VarEntry[]): VarEntry[] {
  const result = [...known];
  for (const variable of incoming) {
    if (result.some((other) => other.name === variable.name)) {
      throw new KustomizeError(`var '${variable.name}' already encountered`);
    }
    result.push(variable);
  }
  return result;
}

/** Replaces `$(NAME)` in the fields of the table (KZE-840 to KZE-846). */
export function resolveVars(
  list: ResourceList,
  vars: readonly VarEntry[],
  table: readonly FieldSpec[],
  warn: (warning: string) => void,
): void {
  if (vars.length === 0) return;
  const values = new Map<string, Value>();
  for (const variable of [...vars].sort((a, b) => ((a.name ?? '') < (b.name ?? '') ? -1 : 1))) {
    values.set(variable.name ?? '', valueOf(variable, list.items));
  }
  const used = new Set<string>();
  const replacer = new Replacer(values, used, warn);
  for (const resource of list.items) {
    for (const spec of table) visitField(resource, spec, (node) => replacer.replaceIn(node));
  }
  const unused = [...values.keys()].filter((name) => !used.has(name));
  if (unused.length > 0) warn(`well-defined vars that were never replaced: ${unused.join(',')}`);
}

/** A scalar with its type; undefined when the field holds something that cannot be inserted. */
type Value = { text: string; tag: string } | undefined;

function valueOf(variable: VarEntry, resources: readonly Resource[]): Value {
  const resource = resources.find((candidate) => candidate.vars.includes(variable.name ?? ''));
  if (resource === undefined) {
    throw new KustomizeError(`var '${varText(variable)}' cannot be mapped to a field in the set of known resources`);
  }
  const path = splitFieldPath(variable.fieldref?.fieldPath || 'metadata.name').flatMap(splitIndex);
  let node: YamlNode | undefined;
  try {
    node = lookupPath(resource.root, path);
  } catch {
    node = undefined;
  }
  if (node === undefined) {
    throw new KustomizeError(`field specified in var '${varText(variable)}' not found in corresponding resource`);
  }
  if (node.kind !== 'scalar') return undefined;
  const tag = node.tag === '' ? TAG.string : node.tag;
  if (tag === TAG.int || tag === TAG.bool || tag === TAG.float) {
    return { text: String(scalarValue(node.value, effectiveTag({ ...node, quoted: false }))), tag };
  }
  return { text: node.value, tag: TAG.string };
}

/** `a[0]` means `a` and then its first element (KZE-843). */
function splitIndex(part: string): string[] {
  const match = /^(.*)\[(\d+)\]$/.exec(part);
  if (!match) return [part];
  return match[1] === '' ? [match[2]!] : [match[1]!, match[2]!];
}

function varText(variable: VarEntry): string {
  const { kind = '', name = '' } = variable.objref ?? {};
  return `${variable.name} (${kind} ${name}, field ${variable.fieldref?.fieldPath || 'metadata.name'})`;
}

class Replacer {
  readonly #values: ReadonlyMap<string, Value>;
  readonly #used: Set<string>;
  readonly #warn: (warning: string) => void;

  constructor(values: ReadonlyMap<string, Value>, used: Set<string>, warn: (warning: string) => void) {
    this.#values = values;
    this.#used = used;
    this.#warn = warn;
  }

  replaceIn(node: YamlNode): void {
    if (isNull(node)) return;
    if (node.kind === 'scalar') {
      if (isText(node)) this.#replace(node);
    } else if (node.kind === 'map') {
      for (const value of node.entries.values()) if (isText(value)) this.#replace(value);
    } else {
      for (const item of node.items) {
        if (!isText(item)) throw new KustomizeError('invalid value type expect a string');
        this.#replace(item);
      }
    }
  }

  #replace(node: YamlNode): void {
    const whole = /^\$\(([^)]*)\)$/.exec(node.value);
    const value = whole ? this.#lookUp(whole[1]!) : undefined;
    if (value) {
      node.value = value.text;
      node.tag = value.tag;
    } else {
      node.value = expand(node.value, (name) => this.#lookUp(name)?.text);
      node.tag = TAG.string;
    }
    node.quoted = false;
  }

  #lookUp(name: string): Value {
    if (!this.#values.has(name)) return undefined;
    const value = this.#values.get(name);
    if (value) this.#used.add(name);
    else this.#warn(`var '${name}' names a map or a list, which cannot be inserted`);
    return value;
  }
}

function isText(node: YamlNode): boolean {
  return node.kind === 'scalar' && (node.tag === TAG.string || node.tag === '');
}

/** `$$` is a dollar; unknown names and unterminated references stay (KZE-845). */
export function expand(source: string, lookUp: (name: string) => string | undefined): string {
  let result = '';
  for (let i = 0; i < source.length; i++) {
    const char = source[i]!;
    if (char !== '$' || i + 1 === source.length) {
      result += char;
      continue;
    }
    const next = source[i + 1]!;
    if (next === '$') {
      result += '$';
      i++;
    } else if (next === '(') {
      const end = source.indexOf(')', i);
      if (end < 0) {
        result += '$(';
        i++;
      } else {
        const name = source.slice(i + 2, end);
        result += lookUp(name) ?? `$(${name})`;
        i = end;
      }
    } else {
      result += '$';
    }
  }
  return result;
}
