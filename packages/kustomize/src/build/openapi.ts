import { KustomizeError } from '../errors.ts';
import { parseData } from '../kustomization/parse.ts';
import { readOpenApi } from '../patch/schema/openapi.ts';
import { loadText } from './loader.ts';
import { type Target } from './target.ts';

/** The only schema that is built in (KZE-880). */
const BUILTIN_VERSION = 'v1.21.2';

/**
 * Takes the `openapi` setting of a target, unless an earlier one has set the schema of this build (KZE-880, KZE-882).
 *
 * @throws {KustomizeError} KZE-369.
 */
export function loadOpenApi(target: Target): void {
  const { context, loader, kustomization } = target;
  const { version, path } = kustomization.openapi ?? {};
  const text = path === undefined ? undefined : loadText(loader, path);
  if (context.customSchema !== undefined) return;
  if (version !== undefined && path !== undefined) {
    throw new KustomizeError('builtin version and custom schema provided, cannot use both', { file: target.file });
  }
  if (version !== undefined && version !== BUILTIN_VERSION) {
    throw new KustomizeError(`the specified OpenAPI version is not built in: ${version}`, { file: target.file });
  }
  if (text !== undefined) context.customSchema = readOpenApi(parseData(text, path));
}
