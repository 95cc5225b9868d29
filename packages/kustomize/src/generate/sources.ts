import { KustomizeError, messageOf } from '../errors.ts';
import { loadBytes, type Loader } from '../build/loader.ts';
import { baseName } from '../filesystem/path.ts';
import { type GeneratorArgs } from '../kustomization/types.ts';

/** One entry of a generated object: the value as bytes. */
export interface Pair {
  key: string;
  value: Uint8Array;
}

const ENCODER = new TextEncoder();

/**
 * Reads the sources of a generator in the order env files, literals, files (KZE-581). Values never appear in errors.
 *
 * @throws {KustomizeError} `loading KV pairs: …` (KZE-354 to KZE-356).
 */
export function readPairs(loader: Loader, args: GeneratorArgs): Pair[] {
  const envs = args.envs ?? [];
  const literals = args.literals ?? [];
  const files = args.files ?? [];
  return [
    ...sources(`env source files: ${listText(envs)}`, envs, (file) => parseEnvFile(loadBytes(loader, file), file)),
    ...sources('literal sources', literals, (literal) => [parseLiteral(literal)]),
    ...sources(`file sources: ${listText(files)}`, files, (source) => {
      const { key, path } = parseFileSource(source);
      return [{ key, value: loadBytes(loader, path) }];
    }),
  ];
}

function sources(what: string, entries: string[], read: (entry: string) => Pair[]): Pair[] {
  try {
    return entries.flatMap(read);
  } catch (error) {
    throw new KustomizeError(`loading KV pairs: ${what}: ${messageOf(error)}`, { cause: error });
  }
}

function listText(entries: string[]): string {
  return `[${entries.join(' ')}]`;
}

/** `key=value`; one pair of equal quotes around the value is dropped (KZE-582). */
export function parseLiteral(literal: string): Pair {
  const at = literal.indexOf('=');
  if (at < 1) {
    // The text may be a secret: only what can be its key is shown.
    const shown =
      at === 0 ? 'without a key' : literal.length <= 40 && /^[\w.-]*$/.test(literal) ? literal : 'without `=`';
    throw new KustomizeError(`invalid literal source ${shown}, expected key=value`);
  }
  return { key: literal.slice(0, at), value: ENCODER.encode(unquote(literal.slice(at + 1))) };
}

function unquote(value: string): string {
  const first = value[0];
  const quoted = value.length > 1 && first === value.at(-1) && (first === '"' || first === "'");
  return quoted ? value.slice(1, -1) : value;
}

/** `path` or `key=path` (KZE-583). */
export function parseFileSource(source: string): { key: string; path: string } {
  const parts = source.split('=');
  if (parts.length === 1) return { key: baseName(source.replace(/\/+$/, '')), path: source };
  if (parts.length > 2) throw new KustomizeError(`source '${source}' key name or file path contains '='`);
  const [key, path] = parts as [string, string];
  if (key === '') throw new KustomizeError(`missing key name for file path '${path}' in source '${source}'`);
  if (path === '') throw new KustomizeError(`missing file path for key name '${key}' in source '${source}'`);
  return { key, path };
}

/** Lines `KEY=value`; comments and empty lines skipped (KZE-584). */
export function parseEnvFile(content: Uint8Array, file: string): Pair[] {
  const pairs: Pair[] = [];
  let text: string;
  try {
    // A byte order mark at the start is dropped by the decoder.
    text = new TextDecoder('utf-8', { fatal: true }).decode(content);
  } catch (error) {
    throw new KustomizeError(`env file ${file} has a line that is not valid UTF-8`, { file, cause: error });
  }
  for (const raw of text.split('\n')) {
    const line = (raw.endsWith('\r') ? raw.slice(0, -1) : raw).trimStart();
    if (line === '' || line.startsWith('#')) continue;
    const at = line.indexOf('=');
    if (at === 0) throw new KustomizeError(`env file ${file} has a line without a key`, { file });
    pairs.push(
      at < 0
        ? { key: line, value: new Uint8Array() }
        : { key: line.slice(0, at), value: ENCODER.encode(line.slice(at + 1)) },
    );
  }
  return pairs;
}
