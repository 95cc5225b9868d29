import { KustomizeError, messageOf } from '../errors.ts';
import { fromPlain, toPlain } from '../yaml/data.ts';
import { isEmpty, isNull, textAt, type YamlNode } from '../yaml/node.ts';
import { parseManifests, type ManifestDocument } from '../yaml/parse.ts';
import { makeResource, validateObject, type Resource } from './resource.ts';
import { type ScopeLookup } from './scope.ts';

/**
 * Parses a manifest file into resources (KZE section 5.4): documents split, lists expanded, every object checked.
 *
 * @throws {KustomizeError} naming file and line.
 */
export function parseResources(source: string, options: { file?: string; scope?: ScopeLookup } = {}): Resource[] {
  const { documents, chunks } = parseFile(source, options.file);
  const queue: ManifestDocument[] = [];
  for (const document of chunks === 1 ? documents.flatMap(unwrapList) : documents) {
    if (isEmpty(document.root)) continue;
    validateObject(document.root, { file: options.file ?? '', line: document.line });
    queue.push(document);
  }
  const resources: Resource[] = [];
  for (const document of expandLists(queue, options.file)) {
    const place = options.file === undefined ? undefined : { file: options.file, line: document.line };
    resources.push(makeResource(document.root, { scope: options.scope, place }));
  }
  return resources;
}

function parseFile(source: string, file: string | undefined): ReturnType<typeof parseManifests> {
  try {
    return parseManifests(source, file);
  } catch (error) {
    if (!(error instanceof KustomizeError) || error.code !== 'malformed-yaml') throw error;
    const malformed = error.message.startsWith('yaml:') ? 'MalformedYAMLError: ' : '';
    const message = `${malformed}${messageOf(error)}${file === undefined ? '' : ` in File: ${file}`}`;
    throw new KustomizeError(message, { code: error.code, file, line: error.line, cause: error });
  }
}

/** A `List` that is all there is in a file stands for its items (KZE-566). */
function unwrapList(document: ManifestDocument): ManifestDocument[] {
  const kind = textAt(document.root, 'kind');
  const items = document.root.entries.get('items');
  if ((kind !== 'List' && kind !== 'ResourceList') || items === undefined) return [document];
  return items.items.map((root) => ({ root, line: document.line }));
}

/** Objects of any other `…List` kind give way to their items, which go to the end (KZE-566). */
function expandLists(queue: ManifestDocument[], file: string | undefined): ManifestDocument[] {
  const result: ManifestDocument[] = [];
  for (let at = 0; at < queue.length; at++) {
    const document = queue[at]!;
    const kind = textAt(document.root, 'kind');
    const items = kind.endsWith('List') ? document.root.entries.get('items') : undefined;
    if (items === undefined) {
      result.push(document);
      continue;
    }
    if (isNull(items)) continue;
    if (items.kind !== 'list') {
      throw new KustomizeError(`expected array in ${kind}/items, but found ${items.kind}`, {
        file,
        line: document.line,
      });
    }
    for (const item of items.items) {
      if (isEmpty(item)) continue;
      const root = canonical(item);
      validateObject(root, { file: file ?? '', line: document.line });
      queue.push({ root, line: document.line });
    }
  }
  return result;
}

function canonical(node: YamlNode): YamlNode {
  return fromPlain(toPlain(node, 'bigint'));
}
