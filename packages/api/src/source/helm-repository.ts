/** HelmRepository (OCI-6 to OCI-8). */
import { boolean, object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  accessFrom,
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
import { certSecretRef, insecure, latestUrl, registryProvider, sourceKind } from './group.ts';

const spec = object('Which chart repository to use.', {
  url: required(string('Address of the repository.', { pattern: '^(http|https|oci)://.*$' })),
  type: oneOf('Whether the repository is a web server with an index (`default`) or an OCI registry (`oci`).', [
    'default',
    'oci',
  ]),
  interval: duration('Time between downloads of the index; a jitter may be added. Not used for `oci`.'),
  timeout: timeout('Limit for one download. Default: 60s.'),
  secretRef: localObjectReference(
    'Secret with credentials: `username` and `password`, or for `oci` the type `kubernetes.io/dockerconfigjson`.',
  ),
  certSecretRef,
  passCredentials: boolean(
    'Sends the credentials also to other hosts that the index names. That gives them to whoever can change the index.',
  ),
  insecure,
  provider: registryProvider,
  suspend,
  accessFrom,
});

const status = object(
  'What is known about the repository.',
  { ...reconcileStatus, url: latestUrl, artifact: artifact('The last index that was stored.') },
  unobserved,
);

export type HelmRepositorySpec = ValueOf<typeof spec>;
export type HelmRepositoryStatus = ValueOf<typeof status>;

/** A repository of Helm charts. */
export interface HelmRepository extends KubeObject {
  spec: HelmRepositorySpec;
  status?: HelmRepositoryStatus;
}

export const HelmRepositoryKind: KindDefinition<HelmRepository> = defineKind<HelmRepository>({
  ...sourceKind,
  kind: 'HelmRepository',
  plural: 'helmrepositories',
  shortNames: ['helmrepo'],
  printerColumns: [column('URL', '.spec.url'), ageColumn, readyColumn, statusColumn],
  description: 'A repository of Helm charts.',
  spec: required(spec),
  status,
});
