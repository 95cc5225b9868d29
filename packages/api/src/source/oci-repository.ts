/** OCIRepository (OCI-4, OCI-12 to OCI-14). */
import { object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  artifact,
  duration,
  localObjectReference,
  reconcileStatus,
  suspend,
  timeout,
  unobserved,
} from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import {
  certSecretRef,
  ignore,
  insecure,
  latestUrl,
  observedIgnore,
  proxySecretRef,
  registryProvider,
  sourceKind,
} from './group.ts';
import { ociVerification } from './verification.ts';

const ref = object('Which artifact to pull; the most specific of the fields given wins. Default: the tag `latest`.', {
  digest: string('Digest, as `sha256:<hex>`; wins over `semver` and `tag`.'),
  semver: string('Range of semantic versions; the highest tag in it wins over `tag`.'),
  semverFilter: string('Regular expression that tags must match to be looked at for `semver`.'),
  tag: string('Tag. Default: `latest`.'),
});

function layerSelector(description: string) {
  return object(description, {
    mediaType: string('Takes the first layer of this media type. Default: the first layer.'),
    operation: oneOf(
      'Whether to unpack the layer and pack what `ignore` leaves (`extract`, the default), or to keep its bytes (`copy`).',
      ['extract', 'copy'],
    ),
  });
}

const spec = object('Which repository of a registry to watch, and what to make of it.', {
  url: required(
    string('Registry and repository, as `oci://<host>/<path>`, without tag or digest.', { pattern: '^oci://.*$' }),
  ),
  ref,
  layerSelector: layerSelector('Which layer of the artifact to take, and how.'),
  provider: registryProvider,
  secretRef: localObjectReference(
    'Secret of the type `kubernetes.io/dockerconfigjson` with credentials for the registry.',
  ),
  serviceAccountName: string(
    'ServiceAccount in the same namespace: its image pull secrets are used, or with a cloud provider its workload identity.',
  ),
  certSecretRef,
  proxySecretRef,
  verify: ociVerification,
  interval: required(duration('Time between checks of the registry; a jitter may be added.')),
  timeout: timeout('Limit for one remote operation, such as a pull.', { default: '60s' }),
  ignore,
  insecure,
  suspend,
});

const status = object(
  'What is known about the repository.',
  {
    ...reconcileStatus,
    url: latestUrl,
    artifact: artifact('The last artifact that was made.'),
    observedIgnore,
    observedLayerSelector: layerSelector('The layer selector in force when the artifact was made.'),
  },
  unobserved,
);

export type OCIRepositoryRef = ValueOf<typeof ref>;
export type OCILayerSelector = ValueOf<ReturnType<typeof layerSelector>>;
export type OCIRepositorySpec = ValueOf<typeof spec>;
export type OCIRepositoryStatus = ValueOf<typeof status>;

/** A repository of an OCI registry, one artifact of which is published. */
export interface OCIRepository extends KubeObject {
  spec: OCIRepositorySpec;
  status?: OCIRepositoryStatus;
}

export const OCIRepositoryKind: KindDefinition<OCIRepository> = defineKind<OCIRepository>({
  ...sourceKind,
  kind: 'OCIRepository',
  plural: 'ocirepositories',
  shortNames: ['ocirepo'],
  printerColumns: [column('URL', '.spec.url'), readyColumn, statusColumn, ageColumn],
  description: 'A repository of an OCI registry, one artifact of which is published.',
  spec: required(spec),
  status,
});
