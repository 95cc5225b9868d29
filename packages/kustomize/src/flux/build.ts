import { build } from '../build/build.ts';
import { type BuildOptions, type BuildResult } from '../build/options.ts';
import { KustomizeError } from '../errors.ts';
import { overlayFileSystem } from '../filesystem/memory.ts';
import { cleanPath, joinPath } from '../filesystem/path.ts';
import { type ReadOnlyFileSystem } from '../filesystem/types.ts';
import { parseKustomization } from '../kustomization/parse.ts';
import { type Kustomization } from '../kustomization/types.ts';
import { toYaml } from '../output/yaml.ts';
import { findKustomizationFile, generateKustomization } from './generate.ts';
import { mergeFluxSpec } from './merge.ts';
import { type FluxBuildSpec } from './types.ts';

/** A build as Flux sets it up: the source, and the kustomization file laid over it. */
export interface PreparedBuild {
  fs: ReadOnlyFileSystem;
  /** Absolute path of the kustomization file that was read or generated. */
  file: string;
  kustomization: Kustomization;
}

/**
 * Finds or generates the kustomization of a directory and merges the spec into it. Nothing is written: the result is a view
 * of the source with the merged file in place (KUS-113, KUS-121).
 *
 * @throws {KustomizeError} `not-found` when `path` is no directory; `invalid-kustomization` for a broken file.
 */
export function prepareFluxBuild(fs: ReadOnlyFileSystem, path: string, spec: FluxBuildSpec = {}): PreparedBuild {
  const directory = fs.realPath(cleanPath(path.startsWith('/') ? path : `/${path}`));
  if (directory === undefined || fs.stat(directory) !== 'directory') {
    throw new KustomizeError(`kustomization path not found: ${path}`, { code: 'not-found', file: path });
  }
  const name = findKustomizationFile(fs, directory);
  const file = joinPath(directory, name ?? 'kustomization.yaml');
  const found =
    name === undefined
      ? generateKustomization(fs, directory)
      : parseKustomization(new TextDecoder().decode(fs.readFile(file)), { file, lenient: true });
  const exists = (component: string) => fs.stat(joinPath(directory, component)) === 'directory';
  const kustomization = mergeFluxSpec(found, spec, exists);
  return { fs: overlayFileSystem(fs, { [file]: toYaml([kustomization]) }), file, kustomization };
}

/**
 * Builds a directory as Flux does: unrestricted within the source, accumulation order, custom schemas added to the built-in
 * one (KZE-2, KZE-3, KUS-130 to KUS-134).
 *
 * @throws {KustomizeError} as {@link build} and {@link prepareFluxBuild}.
 */
export function buildFlux(
  fs: ReadOnlyFileSystem,
  path: string,
  spec: FluxBuildSpec = {},
  options: BuildOptions = {},
): BuildResult {
  const prepared = prepareFluxBuild(fs, path, spec);
  return build(prepared.fs, path, { loadRestriction: 'none', ...options });
}
