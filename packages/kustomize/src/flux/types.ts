import { type Selector } from '../kustomization/types.ts';

/** The part of a Flux Kustomization's spec that shapes the build. Names and meanings are those of the API. */
export interface FluxBuildSpec {
  /** Replaces `namespace`. */
  targetNamespace?: string;
  namePrefix?: string;
  nameSuffix?: string;
  /** Appended to `patches`. */
  patches?: { patch: string; target?: Selector }[];
  /** Appended to `components`; local, relative paths. */
  components?: string[];
  /** Skip components of this spec that are not there. Default false. */
  ignoreMissingComponents?: boolean;
  /** Merged by name. */
  images?: { name: string; newName?: string; newTag?: string; digest?: string }[];
  /** Replaces `buildMetadata` when not empty. */
  buildMetadata?: string[];
}
