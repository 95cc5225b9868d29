import { KustomizeError } from '../errors.ts';
import { joinPath } from '../filesystem/path.ts';
import {
  KUSTOMIZATION_FILE_NAMES,
  checkKustomization,
  deprecationWarnings,
  normaliseKustomization,
  parseKustomization,
} from '../kustomization/parse.ts';
import { type Kustomization } from '../kustomization/types.ts';
import { warn, type BuildContext } from './context.ts';
import { tryLoadText, type Loader } from './loader.ts';

/** One kustomization that is being built. */
export interface Target {
  kustomization: Kustomization;
  loader: Loader;
  context: BuildContext;
  /** Directory relative to the build root, for origins; empty at the top. */
  path: string;
  /** File relative to the build root. */
  file: string;
}

/**
 * Finds and reads the kustomization file of a directory (KZE-100 to KZE-110).
 *
 * @throws {KustomizeError} `missing-kustomization` or `invalid-kustomization`.
 */
export function loadTarget(loader: Loader, context: BuildContext, path: string): Target {
  const found: { name: string; text: string }[] = [];
  for (const name of KUSTOMIZATION_FILE_NAMES) {
    if (loader.fs.stat(joinPath(loader.root, name)) !== 'file') continue;
    const loaded = tryLoadText(loader, name);
    if ('text' in loaded) found.push({ name, text: loaded.text });
  }
  if (found.length === 0) {
    throw new KustomizeError(
      `unable to find one of 'kustomization.yaml', 'kustomization.yml' or 'Kustomization' in directory '${loader.root}'`,
      { code: 'missing-kustomization', file: loader.root },
    );
  }
  if (found.length > 1) {
    throw new KustomizeError(`Found multiple kustomization files under: ${loader.root}`, {
      code: 'invalid-kustomization',
      file: loader.root,
    });
  }
  const { name, text } = found[0]!;
  const decoded = parseKustomization(text, { file: joinPath(path, name) });
  for (const warning of deprecationWarnings(decoded)) warn(context, warning);
  const kustomization = normaliseKustomization(decoded);
  checkKustomization(kustomization, loader.root);
  return { kustomization, loader, context, path, file: joinPath(path, name) };
}
