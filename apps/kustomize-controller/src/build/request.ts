import type { KustomizationSpec, UnstructuredObject } from '@gitops-toolkit/api';

/** Everything that a build depends on; plain data, so that it can go to a worker thread and into a cache key. */
export interface BuildRequest {
  /** Of the artifact; stands for its content. */
  digest: string;
  /** Inside the directory, beginning with a slash. */
  path: string;
  /** The part of the spec that is merged into the kustomization file. */
  spec: BuildSpec;
  /** Undefined: nothing is substituted. A problem counts only when there is something to substitute (KUS-144). */
  variables: { values: Record<string, string> } | { problem: string } | undefined;
  /** Undefined variables are errors (KUS-154). */
  strictVariables: boolean;
}

/** A request, and where the artifact is unpacked. */
export interface BuildJob extends BuildRequest {
  directory: string;
}

/** Fields of `spec` that enter the build (KUS-121). */
export type BuildSpec = Pick<
  KustomizationSpec,
  | 'targetNamespace'
  | 'namePrefix'
  | 'nameSuffix'
  | 'patches'
  | 'components'
  | 'ignoreMissingComponents'
  | 'images'
  | 'buildMetadata'
>;

/** What a build gives. Objects are shared between runs: read-only. */
export interface BuildOutput {
  objects: UnstructuredObject[];
  /** `sha256:<hex>` of the objects as text (KUS-25). */
  digest: string;
  warnings: string[];
}

/** The fields of a spec that a build depends on. */
export function buildSpecOf(spec: KustomizationSpec): BuildSpec {
  const {
    targetNamespace,
    namePrefix,
    nameSuffix,
    patches,
    components,
    ignoreMissingComponents,
    images,
    buildMetadata,
  } = spec;
  return {
    targetNamespace,
    namePrefix,
    nameSuffix,
    patches,
    components,
    ignoreMissingComponents,
    images,
    buildMetadata,
  };
}
