import { type KubeObject, objectText, type UnstructuredObject } from '@gitops-toolkit/api';
import { normalizeObject } from './normalize.ts';

/** Labels and annotations for the top level of every object (KUS-230). */
export interface CommonMetadata {
  labels?: Record<string, string>;
  annotations?: Record<string, string>;
}

/** The object on whose behalf others are applied. */
export interface Owner {
  /** Prefix of the ownership labels and of the marks on objects, for instance `kustomize.toolkit.fluxcd.io`. */
  group: string;
  name: string;
  namespace: string;
}

/** A manifest that is no object: its kind, version or name is missing, or is not text. */
export class ManifestError extends Error {
  override readonly name = 'ManifestError';
}

/** The labels that say whom an object belongs to (KUS-223). */
export function ownerLabels(owner: Owner): Record<string, string> {
  return { [`${owner.group}/name`]: owner.name, [`${owner.group}/namespace`]: owner.namespace };
}

/**
 * Objects ready to be applied on behalf of `owner`: normalised, with ownership labels, then with the common metadata
 * (§5.11.1). The manifests are left alone.
 *
 * @throws ManifestError when one is no object.
 */
export function prepareObjects(
  manifests: readonly KubeObject[],
  options: { owner: Owner; commonMetadata?: CommonMetadata },
): UnstructuredObject[] {
  const { commonMetadata } = options;
  const labels = { ...ownerLabels(options.owner), ...commonMetadata?.labels };
  return manifests.map((manifest) => {
    assertObject(manifest);
    const object = normalizeObject(manifest);
    object.metadata.labels = { ...object.metadata.labels, ...labels };
    if (commonMetadata?.annotations) {
      object.metadata.annotations = { ...object.metadata.annotations, ...commonMetadata.annotations };
    }
    return object;
  });
}

/** @throws ManifestError unless `value` has apiVersion, kind and a name. */
export function assertObject(value: KubeObject): void {
  const { apiVersion, kind, metadata } = (value ?? {}) as Partial<KubeObject>;
  if (typeof apiVersion !== 'string' || apiVersion === '') throw new ManifestError(`${label(value)} has no apiVersion`);
  if (typeof kind !== 'string' || kind === '') throw new ManifestError(`${label(value)} has no kind`);
  if (typeof metadata?.name !== 'string' || metadata.name === '') {
    throw new ManifestError(`${kind} of ${apiVersion} has no metadata.name`);
  }
}

function label(value: KubeObject): string {
  return value?.kind && value.metadata?.name ? objectText(value) : 'a manifest';
}
