/**
 * The document model of the engine: a tree of mutable nodes that keep, per scalar, its text, its type and whether it was
 * quoted, because later steps depend on all three (KZE-569 to KZE-573).
 *
 * Nodes are changed in place and may be shared: a label written by one step to several fields of one object is one node,
 * so that a later change of one of the fields changes them all, as in the reference implementation.
 */
export interface YamlNode {
  kind: 'scalar' | 'map' | 'list';
  /** `!!str`, `!!int` …; empty when the type is yet to be derived from text and quoting. */
  tag: string;
  /** Text of a scalar, empty for collections. */
  value: string;
  /** True for any style but plain. */
  quoted: boolean;
  /** Fields of a map, in order. */
  entries: Map<string, YamlNode>;
  /** Elements of a list. */
  items: YamlNode[];
}

export const TAG = {
  string: '!!str',
  int: '!!int',
  float: '!!float',
  bool: '!!bool',
  null: '!!null',
  timestamp: '!!timestamp',
} as const;

const NO_ENTRIES: Map<string, YamlNode> = new Map();
const NO_ITEMS: YamlNode[] = [];

/** A scalar whose type follows from its text unless `tag` says otherwise. */
export function scalar(value: string, tag = '', quoted = false): YamlNode {
  return { kind: 'scalar', tag, value, quoted, entries: NO_ENTRIES, items: NO_ITEMS };
}

/** A string scalar, whatever its text looks like. */
export function text(value: string): YamlNode {
  return scalar(value, TAG.string);
}

export function map(entries: Map<string, YamlNode> = new Map()): YamlNode {
  return { kind: 'map', tag: '', value: '', quoted: false, entries, items: NO_ITEMS };
}

export function list(items: YamlNode[] = []): YamlNode {
  return { kind: 'list', tag: '', value: '', quoted: false, entries: NO_ENTRIES, items };
}

/** An explicit null: `null`, `~` or an empty value. */
export function isNull(node: YamlNode): boolean {
  return node.kind === 'scalar' && node.tag === TAG.null;
}

export function isMissing(node: YamlNode | undefined): node is undefined {
  return node === undefined || isNull(node);
}

/** Missing, null, an empty collection, or an empty text. */
export function isEmpty(node: YamlNode | undefined): boolean {
  if (isMissing(node)) return true;
  if (node.kind === 'map') return node.entries.size === 0;
  if (node.kind === 'list') return node.items.length === 0;
  return node.value === '';
}

export function isEmptyMap(node: YamlNode): boolean {
  return node.kind === 'map' && node.entries.size === 0;
}

/** Makes `target` what `source` is, without replacing it in its parents. */
export function assign(target: YamlNode, source: YamlNode): void {
  target.kind = source.kind;
  target.tag = source.tag;
  target.value = source.value;
  target.quoted = source.quoted;
  target.entries = source.entries;
  target.items = source.items;
}

/** Turns a null into an empty collection or an untyped scalar, in place. */
export function become(node: YamlNode, kind: YamlNode['kind'], tag = ''): void {
  node.kind = kind;
  node.tag = tag;
  node.entries = kind === 'map' ? new Map() : NO_ENTRIES;
  node.items = kind === 'list' ? [] : NO_ITEMS;
}

/** A copy of the whole tree; nodes shared within it become separate. */
export function copy(node: YamlNode): YamlNode {
  if (node.kind === 'scalar') return scalar(node.value, node.tag, node.quoted);
  if (node.kind === 'list') return { ...list(node.items.map(copy)), tag: node.tag };
  const entries = new Map<string, YamlNode>();
  for (const [key, value] of node.entries) entries.set(key, copy(value));
  return { ...map(entries), tag: node.tag };
}

/** The entry of a map, or undefined when absent or when `node` is no map. */
export function entry(node: YamlNode | undefined, key: string): YamlNode | undefined {
  return node !== undefined && node.kind === 'map' ? node.entries.get(key) : undefined;
}

/** The text of the scalar at `path`, or the empty string. */
export function textAt(node: YamlNode, ...path: string[]): string {
  let at: YamlNode | undefined = node;
  for (const key of path) at = entry(at, key);
  return at === undefined || at.kind !== 'scalar' || isNull(at) ? '' : at.value;
}

const KIND_NAMES = { scalar: 'ScalarNode', map: 'MappingNode', list: 'SequenceNode' } as const;

/** How messages call the shape of a node (KZE-347). */
export function kindName(kind: YamlNode['kind']): string {
  return KIND_NAMES[kind];
}
