import { KustomizeError, messageOf } from '../errors.ts';
import { hashStep } from '../generate/hash.ts';
import { type ReadOnlyFileSystem } from '../filesystem/types.ts';
import { cleanPath } from '../filesystem/path.ts';
import { fixNameReferences } from '../reference/names.ts';
import { resolveVars } from '../reference/vars.ts';
import { toPlain } from '../yaml/data.ts';
import { accumulate } from './accumulate.ts';
import { buildContext, checkAborted, warn } from './context.ts';
import { addManagedBy, dropLocalConfigs, sortObjects, stripAnnotations } from './finish.ts';
import { rootLoader } from './loader.ts';
import { loadOpenApi } from './openapi.ts';
import { type BuildOptions, type BuildResult } from './options.ts';
import { loadTarget } from './target.ts';

/**
 * Builds the kustomization in the directory `path` of `fs` into an ordered list of objects (KZE-1).
 *
 * The engine is pure, synchronous and re-entrant: it reads through `fs` only, runs no process, and keeps nothing between
 * builds. Inputs and result are structured-cloneable where `fs` is made in the worker, so that a caller that must not block
 * runs large builds in a worker thread; `options.signal` is looked at between steps.
 *
 * @throws {KustomizeError} naming file, line and object where they are known.
 */
export function build(fs: ReadOnlyFileSystem, path: string, options: BuildOptions = {}): BuildResult {
  try {
    return run(fs, path, options);
  } catch (error) {
    if (error instanceof KustomizeError) throw error;
    throw new KustomizeError(`recovered from kustomize build panic: ${messageOf(error)}`, { cause: error });
  }
}

function run(fs: ReadOnlyFileSystem, path: string, options: BuildOptions): BuildResult {
  const context = buildContext(options);
  checkAborted(context);
  const loader = rootLoader(
    fs,
    cleanPath(path.startsWith('/') ? path : `/${path}`),
    options.loadRestriction ?? 'rootOnly',
  );
  const target = loadTarget(loader, context, '');
  context.metadata = new Set(target.kustomization.buildMetadata ?? []);
  loadOpenApi(target);

  const { list, tables, vars } = accumulate(target);
  hashStep.run(list);
  checkAborted(context);
  fixNameReferences(list.items, tables.nameReference);
  list.invalidate();
  resolveVars(list, vars, tables.varReference, (warning) => warn(context, warning));
  dropLocalConfigs(list, options);
  sortObjects(list, target.kustomization.sortOptions, options.reorder);
  if (options.addManagedByLabel || context.metadata.has('managedByLabel')) addManagedBy(list);

  const objects = list.items.map((resource) => {
    stripAnnotations(resource, context);
    return toPlain(resource.root, options.integers ?? 'number') as Record<string, unknown>;
  });
  return { objects, warnings: context.warnings };
}
