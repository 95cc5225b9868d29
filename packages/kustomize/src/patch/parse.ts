import { KustomizeError, messageOf } from '../errors.ts';
import { parseData } from '../kustomization/parse.ts';
import { parseResources } from '../resource/parse.ts';
import { type Resource } from '../resource/resource.ts';
import { type ScopeLookup } from '../resource/scope.ts';
import { checkOperations, type Operation } from './json-patch.ts';

/** A patch text, understood. */
export type ParsedPatch = { type: 'merge'; patches: Resource[] } | { type: 'json'; operations: Operation[] };

/**
 * Reads a patch as strategic merge or JSON patch, whichever it is (KZE-691). An empty text is an empty merge (KZE-692).
 *
 * @throws {KustomizeError} KZE-338, KZE-339.
 */
export function parsePatch(
  source: string,
  origin: string,
  options: { file?: string; scope?: ScopeLookup } = {},
): ParsedPatch {
  const merge = attempt(() => parseResources(source, options));
  const json = attempt(() => parseOperations(source));
  if ('value' in merge && 'value' in json && merge.value.length > 0 && json.value.length > 0) {
    throw new KustomizeError(`illegally qualifies as both an SM and JSON patch: ${origin}`);
  }
  if ('value' in merge) return { type: 'merge', patches: merge.value };
  if ('value' in json) return { type: 'json', operations: json.value };
  const inner = merge.error instanceof KustomizeError ? merge.error : undefined;
  throw new KustomizeError(
    `unable to parse SM or JSON patch from ${origin}: not a strategic merge patch: ${messageOf(merge.error)}; not a JSON patch: ${messageOf(json.error)}`,
    { file: options.file, line: inner?.line, cause: merge.error },
  );
}

/** Operations in JSON, when the text begins with a bracket, or else in YAML 1.1; only the first document counts (KZE-754). */
export function parseOperations(source: string): Operation[] {
  if (source === '') throw new KustomizeError('empty json patch operations');
  return checkOperations(source.startsWith('[') ? JSON.parse(source) : parseData(source));
}

function attempt<T>(parse: () => T): { value: T } | { error: unknown } {
  try {
    return { value: parse() };
  } catch (error) {
    return { error };
  }
}
