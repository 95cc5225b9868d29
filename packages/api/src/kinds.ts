/** The kinds of the toolkit, in the order in which an installation creates them. */
import { HelmReleaseKind } from './helm/helm-release.ts';
import { ImagePolicyKind } from './image/image-policy.ts';
import { ImageRepositoryKind } from './image/image-repository.ts';
import { ImageUpdateAutomationKind } from './image/image-update-automation.ts';
import type { KindDefinition } from './kind/kind.ts';
import { KustomizationKind } from './kustomize/kustomization.ts';
import { AlertKind } from './notification/alert.ts';
import { ProviderKind } from './notification/provider.ts';
import { ReceiverKind } from './notification/receiver.ts';
import { ArtifactGeneratorKind } from './source/artifact-generator.ts';
import { BucketKind } from './source/bucket.ts';
import { ExternalArtifactKind } from './source/external-artifact.ts';
import { GitRepositoryKind } from './source/git-repository.ts';
import { HelmChartKind } from './source/helm-chart.ts';
import { HelmRepositoryKind } from './source/helm-repository.ts';
import { OCIRepositoryKind } from './source/oci-repository.ts';

/** Every kind of the toolkit. */
export const allKinds: readonly KindDefinition[] = [
  GitRepositoryKind,
  OCIRepositoryKind,
  HelmRepositoryKind,
  HelmChartKind,
  BucketKind,
  ExternalArtifactKind,
  ArtifactGeneratorKind,
  KustomizationKind,
  HelmReleaseKind,
  ProviderKind,
  AlertKind,
  ReceiverKind,
  ImageRepositoryKind,
  ImagePolicyKind,
  ImageUpdateAutomationKind,
];
