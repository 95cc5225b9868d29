import { parseResources as parse } from '../resource/parse.ts';
import { toPlain } from '../yaml/data.ts';

/**
 * The objects in a manifest file, by the rules of `resources` files (KZE-6, KZE-984).
 *
 * @throws {KustomizeError} when the text is malformed or holds anything that is no Kubernetes object.
 */
export function parseResources(text: string, file?: string): { [field: string]: unknown }[] {
  return parse(text, { file }).map((resource) => toPlain(resource.root) as { [field: string]: unknown });
}
