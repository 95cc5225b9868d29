import { KustomizeError, messageOf } from '../errors.ts';
import { toPlain } from '../yaml/data.ts';
import { parseDocument } from '../yaml/parse.ts';
import { KUSTOMIZATION } from './fields.ts';
import { decode, type DecodeOptions } from './shape.ts';
import { type Kustomization } from './types.ts';

/** File names that make a directory a kustomization, in order of preference (KZE-100). */
export const KUSTOMIZATION_FILE_NAMES = ['kustomization.yaml', 'kustomization.yml', 'Kustomization'] as const;

/**
 * Reads YAML 1.1 or JSON into plain data; repeated keys: the last one wins (KZE-101, KZE-102). Undefined for empty text.
 *
 * @throws {KustomizeError} `malformed-yaml` with file and line.
 */
export function parseData(source: string, file?: string): unknown {
  const root = parseDocument(source, { dialect: '1.1', duplicateKeys: 'last', file });
  return root === undefined ? undefined : toPlain(root, 'number');
}

/**
 * Decodes the text of a kustomization file. Nothing is defaulted or rewritten.
 *
 * @throws {KustomizeError} `invalid Kustomization: …` (KZE-104 to KZE-106) with the file, and the line where known.
 */
export function parseKustomization(source: string, options: DecodeOptions & { file?: string } = {}): Kustomization {
  try {
    return (decode(parseData(source, options.file), KUSTOMIZATION, options) ?? {}) as Kustomization;
  } catch (error) {
    const inner = error instanceof KustomizeError ? error : undefined;
    const where = options.file === undefined ? '' : ` in File: ${options.file}`;
    const line = inner?.line ?? lineOfFault(source, messageOf(error));
    throw new KustomizeError(
      `invalid Kustomization: ${messageOf(error)}${where}${line !== undefined && inner?.line === undefined ? `, line ${line}` : ''}`,
      { code: 'invalid-kustomization', file: options.file, line, cause: error },
    );
  }
}

/** The first line that mentions the field at fault. */
function lineOfFault(source: string, message: string): number | undefined {
  const unknown = /unknown field "([^"]+)"/.exec(message)?.[1];
  const field = unknown ?? /struct field ([\w$-]+)/.exec(message)?.[1];
  if (field === undefined) return undefined;
  const lines = source.split('\n');
  const at = lines.findIndex((line) =>
    line
      .replace(/^[\s\-{"']+/, '')
      .toLowerCase()
      .startsWith(field.toLowerCase()),
  );
  return at < 0 ? undefined : at + 1;
}

const REPLACED: readonly [keyof Kustomization, string, string][] = [
  ['bases', 'resources', ''],
  ['commonLabels', 'labels', ''],
  ['imageTags', 'images', ''],
  ['patchesJson6902', 'patches', ''],
  ['patchesStrategicMerge', 'patches', ''],
  ['vars', 'replacements', '[EXPERIMENTAL] '],
];

/** One line per deprecated field that is present, even if empty (KZE-400). */
export function deprecationWarnings(kustomization: Kustomization): string[] {
  return REPLACED.filter(([field]) => kustomization[field] !== undefined).map(
    ([field, instead, mark]) =>
      `# Warning: '${field}' is deprecated. Please use '${instead}' instead. ` +
      `${mark}Run 'kustomize edit fix' to update your Kustomization automatically.`,
  );
}

/** Folds deprecated fields into their successors, as every build does on load (KZE-130), and fills in kind and apiVersion. */
export function normaliseKustomization(input: Kustomization): Kustomization {
  const { bases, imageTags, ...rest } = input;
  const result: Kustomization = rest;
  if (bases) result.resources = [...(input.resources ?? []), ...bases];
  if (imageTags) result.images = [...(input.images ?? []), ...imageTags];
  result.kind = input.kind || 'Kustomization';
  result.apiVersion = input.apiVersion || apiVersionFor(result.kind);
  for (const field of ['configMapGenerator', 'secretGenerator'] as const) {
    result[field] = input[field]?.map(({ env, ...args }) =>
      env ? { ...args, envs: [...(args.envs ?? []), env] } : args,
    );
    if (result[field] === undefined) delete result[field];
  }
  return result;
}

function apiVersionFor(kind: string): string {
  return kind === 'Component' ? 'kustomize.config.k8s.io/v1alpha1' : 'kustomize.config.k8s.io/v1beta1';
}

/**
 * Checks what decoding does not: something is set (KZE-109), kind and apiVersion are known (KZE-110).
 *
 * @throws {KustomizeError} `invalid-kustomization`.
 */
export function checkKustomization(kustomization: Kustomization, directory: string): void {
  const { kind, apiVersion, ...rest } = kustomization;
  if (Object.keys(rest).length === 0) {
    throw new KustomizeError('kustomization.yaml is empty', { code: 'invalid-kustomization', file: directory });
  }
  const problems: string[] = [];
  if (kind !== 'Kustomization' && kind !== 'Component') problems.push('kind should be Kustomization or Component');
  const expected = apiVersionFor(kind ?? '');
  if (problems.length === 0 && apiVersion !== expected) problems.push(`apiVersion for ${kind} should be ${expected}`);
  if (problems.length > 0) {
    throw new KustomizeError(`Failed to read kustomization file under ${directory}:\n${problems.join('\n')}`, {
      code: 'invalid-kustomization',
      file: directory,
    });
  }
}
