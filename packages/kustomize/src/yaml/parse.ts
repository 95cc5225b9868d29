import {
  COLLECTION_STYLE,
  EVENT_ID,
  SCALAR_STYLE,
  YAMLException,
  getScalarValue,
  parseEvents,
  type Event,
} from 'js-yaml';
import { KustomizeError } from '../errors.ts';
import { TAG, isNull, list, map, scalar, type YamlNode } from './node.ts';
import { resolvePlain, scalarValue, type Dialect } from './resolve.ts';

export interface ParseOptions {
  /** Named in error messages. */
  file?: string;
  /** Lines before `source` in its file, for error messages. Default 0. */
  lineOffset?: number;
  /** Default `1.2`. */
  dialect?: Dialect;
  /** What a repeated key of a map means: an error (KZE-333), or the last one wins (KZE-102). Default `error`. */
  duplicateKeys?: 'error' | 'last';
}

/** Nodes that aliases may add to one document (KZE-975). */
const MAX_ALIASED_NODES = 500_000;
/** Levels of nesting. */
const MAX_DEPTH = 1_000;

interface Open {
  node: YamlNode;
  /** Key waiting for its value; undefined when a key comes next. */
  key: string | undefined;
  merging: boolean;
  /** Values of `<<` keys. */
  merges: YamlNode[];
  anchor: string | undefined;
  /** Within brackets or braces. */
  flow: boolean;
}

/**
 * Parses the first document of `source`; undefined when it is empty.
 *
 * @throws {KustomizeError} `malformed-yaml` with file and line, or `limit` when aliases or nesting pass the bounds.
 */
export function parseDocument(source: string, options: ParseOptions = {}): YamlNode | undefined {
  return new Composer(source, options).compose(events(source, options));
}

function events(source: string, options: ParseOptions): Event[] {
  try {
    return parseEvents(source, { maxDepth: MAX_DEPTH });
  } catch (error) {
    if (!(error instanceof YAMLException)) throw error;
    const line = (error.mark?.line ?? 0) + 1 + (options.lineOffset ?? 0);
    throw malformed(error.reason, line, options.file, error);
  }
}

function malformed(reason: string, line: number, file?: string, cause?: unknown): KustomizeError {
  return new KustomizeError(`yaml: line ${line}: ${reason}`, { code: 'malformed-yaml', file, line, cause });
}

class Composer {
  readonly #source: string;
  readonly #options: ParseOptions;
  readonly #dialect: Dialect;
  readonly #anchors = new Map<string, YamlNode | 'open'>();
  readonly #stack: Open[] = [];
  #root: YamlNode | undefined;
  #budget = MAX_ALIASED_NODES;

  constructor(source: string, options: ParseOptions) {
    this.#source = source;
    this.#options = options;
    this.#dialect = options.dialect ?? '1.2';
  }

  compose(stream: Event[]): YamlNode | undefined {
    let documents = 0;
    for (const event of stream) {
      switch (event.type) {
        case EVENT_ID.DOCUMENT:
          if (++documents > 1) return this.#root;
          break;
        case EVENT_ID.SCALAR:
          this.#scalar(event);
          break;
        case EVENT_ID.MAPPING:
        case EVENT_ID.SEQUENCE: {
          const anchor = this.#anchorOf(event);
          if (anchor !== undefined) this.#anchors.set(anchor, 'open');
          const node = event.type === EVENT_ID.MAPPING ? map() : list();
          const flow = event.style === COLLECTION_STYLE.FLOW || this.#stack.at(-1)?.flow === true;
          this.#stack.push({ node, key: undefined, merging: false, merges: [], anchor, flow });
          break;
        }
        case EVENT_ID.ALIAS: {
          const name = this.#source.slice(event.anchorStart, event.anchorEnd);
          const target = this.#anchors.get(name);
          if (target === undefined) throw this.#fault(`unknown anchor '${name}' referenced`, event.anchorStart);
          if (target === 'open') throw this.#fault(`anchor '${name}' value contains itself`, event.anchorStart);
          this.#add(this.#expand(target, event.anchorStart), event.anchorStart, false);
          break;
        }
        case EVENT_ID.POP: {
          const closed = this.#stack.pop();
          if (closed === undefined) break; // the end of the document
          if (closed.merges.length > 0) applyMerges(closed.node, closed.merges);
          if (closed.anchor !== undefined) this.#anchors.set(closed.anchor, closed.node);
          this.#add(closed.node, -1, false);
          break;
        }
      }
    }
    return this.#root;
  }

  #scalar(event: Extract<Event, { type: typeof EVENT_ID.SCALAR }>): void {
    const value = event.valueStart < 0 ? '' : getScalarValue(this.#source, event);
    const plain = event.style === SCALAR_STYLE.PLAIN;
    const at = event.valueStart < 0 ? event.anchorEnd : event.valueStart;
    const node =
      event.tagStart >= 0
        ? this.#tagged(value, this.#source.slice(event.tagStart, event.tagEnd), plain, at)
        : plain
          ? this.#plain(value)
          : scalar(value, TAG.string, true);
    const anchor = this.#anchorOf(event);
    if (anchor !== undefined) this.#anchors.set(anchor, node);
    this.#add(node, at, plain && value === '<<');
  }

  #plain(value: string): YamlNode {
    const tag = resolvePlain(value, this.#dialect);
    // YAML 1.1 has more words for booleans than what is written out again.
    if (tag === TAG.bool && this.#dialect === '1.1') return scalar(String(scalarValue(value, tag)), tag);
    // The reference re-reads what it wrote, and writes a colon between brackets in quotes.
    const requoted = tag === TAG.timestamp && value.includes(':') && this.#stack.at(-1)?.flow === true;
    return requoted ? scalar(value, TAG.string, true) : scalar(value, tag);
  }

  #tagged(value: string, tag: string, plain: boolean, at: number): YamlNode {
    const name = tag.replace(/^!<tag:yaml\.org,2002:(.*)>$/, '!!$1');
    switch (name) {
      case '!!binary':
        return scalar(Buffer.from(value.replace(/\s/g, ''), 'base64').toString('utf8'), TAG.string, true);
      case TAG.int:
      case TAG.float:
      case TAG.bool:
      case TAG.null: {
        const resolved = resolvePlain(value, this.#dialect);
        if (resolved !== name && !(name === TAG.float && resolved === TAG.int)) {
          throw this.#fault(`cannot decode ${resolved} \`${value}\` as a ${name}`, at);
        }
        return scalar(value, resolved);
      }
      case TAG.timestamp:
        return scalar(value, resolvePlain(value, this.#dialect));
      default:
        return name === '!' && plain
          ? scalar(value, resolvePlain(value, this.#dialect))
          : scalar(value, TAG.string, true);
    }
  }

  #anchorOf(event: { anchorStart: number; anchorEnd: number }): string | undefined {
    return event.anchorStart < 0 ? undefined : this.#source.slice(event.anchorStart, event.anchorEnd);
  }

  #add(node: YamlNode, at: number, isMergeKey: boolean): void {
    const parent = this.#stack.at(-1);
    if (parent === undefined) {
      this.#root = node;
    } else if (parent.node.kind === 'list') {
      parent.node.items.push(node);
    } else if (parent.merging) {
      parent.merging = false;
      for (const merged of node.kind === 'list' ? node.items : [node]) {
        if (merged.kind !== 'map') throw this.#fault('map merge requires map or sequence of maps as the value', at);
        parent.merges.push(merged);
      }
    } else if (parent.key !== undefined) {
      parent.node.entries.set(parent.key, node);
      parent.key = undefined;
    } else if (isMergeKey) {
      parent.merging = true;
    } else {
      parent.key = this.#key(parent, node, at);
    }
  }

  #key(parent: Open, node: YamlNode, at: number): string {
    if (node.kind !== 'scalar') throw this.#fault('a map cannot be keyed by a map or a list', at);
    let key = node.value;
    if (node.tag !== TAG.string) {
      if (this.#dialect === '1.1') key = String(scalarValue(node.value, node.tag));
      else if (this.#stack.length > 1)
        throw this.#fault(`unsupported type: key "${key}" is not a string; quote it`, at);
    }
    if (parent.node.entries.has(key)) {
      if (this.#options.duplicateKeys !== 'last') {
        throw this.#fault(`mapping key "${key}" already defined at line ${this.#lineOfKey(key, at)}`, at);
      }
      parent.node.entries.delete(key);
    }
    return key;
  }

  /** Best effort: the nearest earlier line that defines `key`. Positions are not kept for keys that are right. */
  #lineOfKey(key: string, before: number): number {
    const lines = this.#source.slice(0, before).split('\n');
    const quoted = key.replace(/[.*+?^${}()|[\]\\]/g, '\\$&');
    const pattern = new RegExp(`(^|[\\s{,"'-])${quoted}["']?\\s*:`);
    for (let line = lines.length - 2; line >= 0; line--) {
      if (pattern.test(lines[line]!)) return line + 1 + (this.#options.lineOffset ?? 0);
    }
    return lines.length + (this.#options.lineOffset ?? 0);
  }

  #expand(node: YamlNode, at: number): YamlNode {
    if (--this.#budget < 0) {
      throw new KustomizeError(
        `yaml: line ${this.#line(at)}: document contains excessive aliasing (more than ${MAX_ALIASED_NODES} nodes)`,
        { code: 'limit', file: this.#options.file, line: this.#line(at) },
      );
    }
    if (node.kind === 'scalar') return scalar(node.value, node.tag, node.quoted);
    if (node.kind === 'list') return list(node.items.map((item) => this.#expand(item, at)));
    const entries = new Map<string, YamlNode>();
    for (const [key, value] of node.entries) entries.set(key, this.#expand(value, at));
    return map(entries);
  }

  #line(at: number): number {
    let line = 1 + (this.#options.lineOffset ?? 0);
    const end = Math.max(at, 0);
    for (let i = this.#source.indexOf('\n'); i >= 0 && i < end; i = this.#source.indexOf('\n', i + 1)) line++;
    return line;
  }

  #fault(reason: string, at: number): KustomizeError {
    return malformed(reason, this.#line(at), this.#options.file);
  }
}

/** Explicit keys win over merged ones, earlier merged maps over later ones (KZE-564). */
function applyMerges(node: YamlNode, merges: YamlNode[]): void {
  for (const merged of merges) {
    for (const [key, value] of merged.entries) {
      if (!node.entries.has(key)) node.entries.set(key, value);
    }
  }
}

/** One document of a manifest file. */
export interface ManifestDocument {
  root: YamlNode;
  /** One-based line at which the document starts. */
  line: number;
}

const SEPARATOR = /\n---.*\n/g;

/**
 * Splits a manifest file at its `---` lines and parses every document that is not empty (KZE-560).
 *
 * @throws {KustomizeError} as {@link parseDocument}, or for text after a separator (KZE-331).
 */
export function parseManifests(source: string, file?: string): { documents: ManifestDocument[]; chunks: number } {
  const textSource = source.includes('\r\n') ? source.replaceAll('\r\n', '\n') : source;
  const documents: ManifestDocument[] = [];
  let start = 0;
  let line = 1;
  let chunks = 0;
  const add = (chunk: string) => {
    chunks++;
    const root = parseDocument(chunk, { file, lineOffset: line - 1 });
    if (root !== undefined && !isNull(root)) documents.push({ root, line });
    for (let i = chunk.indexOf('\n'); i >= 0; i = chunk.indexOf('\n', i + 1)) line++;
  };
  for (const match of textSource.matchAll(SEPARATOR)) {
    const after = match[0].slice(4).trim();
    if (after !== '' && !after.startsWith('#')) {
      throw new KustomizeError(`invalid document separator: ${match[0].trim()}`, { code: 'malformed-yaml', file });
    }
    add(`${textSource.slice(start, match.index)}\n`);
    line++;
    start = match.index + match[0].length;
  }
  if (textSource !== '') add(textSource.slice(start));
  return { documents, chunks };
}
