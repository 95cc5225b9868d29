import { KustomizeError } from '../errors.ts';
import { type ImageEntry, type Kustomization } from '../kustomization/types.ts';
import { type FluxBuildSpec } from './types.ts';

/**
 * Lays a Flux Kustomization's spec over a kustomization file; neither is changed (KUS-121, KUS-122). `exists` tells whether
 * a component path leads to a directory.
 *
 * @throws {KustomizeError} for components that are not local (KUS-126).
 */
export function mergeFluxSpec(
  file: Kustomization,
  spec: FluxBuildSpec,
  exists: (component: string) => boolean,
): Kustomization {
  const merged: Kustomization = { ...file };
  if (spec.targetNamespace) merged.namespace = spec.targetNamespace;
  if (spec.namePrefix) merged.namePrefix = spec.namePrefix;
  if (spec.nameSuffix) merged.nameSuffix = spec.nameSuffix;
  if (spec.patches?.length) merged.patches = [...(file.patches ?? []), ...spec.patches];
  if (spec.images?.length) merged.images = mergeImages(file.images ?? [], spec.images);
  if (spec.components?.length) merged.components = [...(file.components ?? []), ...chosenComponents(spec, exists)];
  // A file without resources would count as empty.
  if (!file.resources?.length) merged.buildMetadata = ['originAnnotations'];
  if (spec.buildMetadata?.length) merged.buildMetadata = [...spec.buildMetadata];
  return merged;
}

/** Images with the same name take over what the spec says; tag and digest go together (KUS-124). */
export function mergeImages(known: readonly ImageEntry[], incoming: readonly ImageEntry[]): ImageEntry[] {
  const result = known.map((image) => ({ ...image }));
  for (const image of incoming) {
    const match = result.find((other) => other.name === image.name);
    if (!match) {
      result.push({ ...image });
      continue;
    }
    if (image.newName) match.newName = image.newName;
    if (image.newTag || image.digest) {
      delete match.newTag;
      delete match.digest;
      if (image.newTag) match.newTag = image.newTag;
      if (image.digest) match.digest = image.digest;
    }
  }
  return result;
}

function chosenComponents(spec: FluxBuildSpec, exists: (component: string) => boolean): string[] {
  for (const component of spec.components ?? []) {
    if (!isLocalComponent(component))
      throw new KustomizeError(`component path '${component}' must be local and relative`);
  }
  const components = (spec.components ?? []).map((component) => component.replace(/^file:\/\//i, ''));
  return spec.ignoreMissingComponents ? components.filter(exists) : components;
}

const REMOTE = /^(git::|gh:|ssh:\/\/|https?:\/\/|git@|github\.com[:/])/i;

/** Only relative paths within the source are components of a Flux Kustomization (KUS-126, KUS-409). */
export function isLocalComponent(path: string): boolean {
  return !REMOTE.test(path) && !path.startsWith('/') && !/^file:\/\/\//i.test(path);
}
