/** Kustomization (KUS-1 to KUS-36). */
import { array, boolean, map, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  customHealthCheck,
  dependencyReference,
  duration,
  ignoreRule,
  image,
  int64,
  kubeConfigReference,
  localObjectReference,
  metadataToSet,
  namespacedObjectKindReference,
  patch,
  reconcileStatus,
  resourceInventory,
  suspend,
  time,
  unobserved,
} from '../fields/shared.ts';
import { ageColumn, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';

const sourceRef = object('The source whose artifact is built.', {
  apiVersion: string('Group and version of the source; it follows from the kind and may be left out.'),
  kind: required(oneOf('Kind of the source.', ['OCIRepository', 'GitRepository', 'Bucket', 'ExternalArtifact'])),
  name: required(string('Name of the source.')),
  namespace: string('Namespace of the source. Default: the namespace of the Kustomization.'),
});

const substituteReference = object('A ConfigMap or Secret whose data are variables.', {
  kind: required(oneOf('Kind of the object.', ['Secret', 'ConfigMap'])),
  name: required(string('Name of the object, in the same namespace.', { minLength: 1, maxLength: 253 })),
  optional: boolean('Whether the object may be missing; it then counts as empty.', { default: false }),
});

const postBuild = object('What to do with the manifests after the build.', {
  substitute: map(
    'Variables and their values. `${var}` in a manifest is replaced, as are the bash forms `${var:=default}`, `${var:position}` and `${var/old/new}`.',
    text,
  ),
  substituteFrom: array(
    'ConfigMaps and Secrets with further variables. Later ones win over earlier ones, and `substitute` over all.',
    substituteReference,
  ),
  substituteStrategy: oneOf(
    'When to substitute: only when a variable is defined (`WithVariables`, the default), or always (`Always`).',
    ['WithVariables', 'Always'],
  ),
});

const decryption = object('How to decrypt what is encrypted in the source.', {
  provider: required(oneOf('The format of the encryption.', ['sops'])),
  secretRef: localObjectReference('Secret with the private keys, or with credentials of key services.'),
  serviceAccountName: string('ServiceAccount in the same namespace to authenticate as towards key services.'),
});

const snapshot = object('Runs that built the same content and ended the same way.', {
  digest: required(string('Checksum of what was built, as `<algorithm>:<hex>`.')),
  firstReconciled: required(time('When the first of these runs ended.')),
  lastReconciled: required(time('When the last of these runs ended.')),
  lastReconciledDuration: required(string('How long the last of these runs took.')),
  lastReconciledStatus: required(string('How these runs ended: the reason of the condition Ready.')),
  totalReconciliations: required(int64('How many runs there were.')),
  metadata: map('Facts about the last run, such as the revision of the source.', text),
});

const spec = object('What to build, and how to apply it.', {
  interval: required(duration('Time between two runs; a jitter may be added.')),
  retryInterval: duration('Time until the next run after a failed one. Default: `interval`.'),
  timeout: duration(
    'Limit for health checks and for waiting until objects are gone. Default: `interval` less 30s; at least 30s.',
  ),
  sourceRef: required(sourceRef),
  path: string('Directory in the artifact that holds the kustomization.yaml or plain manifests. Default: its root.'),
  prune: required(boolean('Whether to delete objects from the cluster that are no longer part of the build.')),
  deletionPolicy: oneOf(
    'What happens to the applied objects when this one is deleted: `MirrorPrune` (the default) deletes them if `prune` is set, `Delete` deletes them, `WaitForTermination` deletes them and waits until they are gone, `Orphan` leaves them.',
    ['MirrorPrune', 'Delete', 'WaitForTermination', 'Orphan'],
  ),
  dependsOn: array('Kustomizations that have to be ready before this one is applied.', dependencyReference),
  suspend,
  force: boolean('Whether to delete and create anew an object whose change the cluster refuses.', { default: false }),
  wait: boolean('Whether to wait until every applied object is healthy. `healthChecks` is then ignored.'),
  healthChecks: array(
    'Objects that have to be healthy for this one to be ready.',
    namespacedObjectKindReference('An object to check.'),
  ),
  healthCheckExprs: array('How to tell the health of objects of kinds that have no usual status.', customHealthCheck),
  targetNamespace: string('Namespace to put all objects in, as `namespace` of the kustomization.yaml.', {
    minLength: 1,
    maxLength: 63,
  }),
  namePrefix: string('Text to put in front of all names, as `namePrefix` of the kustomization.yaml.', {
    minLength: 1,
    maxLength: 200,
  }),
  nameSuffix: string('Text to put after all names, as `nameSuffix` of the kustomization.yaml.', {
    minLength: 1,
    maxLength: 200,
  }),
  commonMetadata: metadataToSet('Metadata to put on every applied object; pod templates are left alone.'),
  patches: array('Patches to add to those of the kustomization.yaml.', patch),
  images: array('Image overrides to merge into those of the kustomization.yaml.', image),
  components: array('Paths of kustomize components, relative to `path`, to add to the kustomization.yaml.', text),
  ignoreMissingComponents: boolean('Whether to leave out components that do not exist in the artifact.'),
  buildMetadata: array(
    'Annotations that the build adds to tell where objects come from.',
    oneOf('A build option of kustomize.', ['originAnnotations', 'transformerAnnotations']),
  ),
  postBuild,
  decryption,
  serviceAccountName: string('ServiceAccount in the same namespace to act as towards the cluster.'),
  kubeConfig: kubeConfigReference('Applies to another cluster. Default: the cluster of the controller.'),
  ignore: array('Fields to leave to others when objects are compared and applied.', ignoreRule),
});

const status = object(
  'What is known about the applied objects.',
  {
    ...reconcileStatus,
    lastAppliedRevision: string('Revision of the source that was last applied with success.'),
    lastAppliedOriginRevision: string(
      'Revision of what the source was made from, when last applied with success; for OCI the annotation `org.opencontainers.image.revision`.',
    ),
    lastAttemptedRevision: string('Revision of the source that the last run worked on.'),
    inventory: resourceInventory,
    history: array('The last runs, newest first, at most five.', snapshot),
  },
  unobserved,
);

/** `spec.sourceRef` of a Kustomization. */
export type CrossNamespaceSourceReference = ValueOf<typeof sourceRef>;
export type SubstituteReference = ValueOf<typeof substituteReference>;
export type PostBuild = ValueOf<typeof postBuild>;
export type Decryption = ValueOf<typeof decryption>;
/** `status.history[]` of a Kustomization (RTM-60). */
export type KustomizationSnapshot = ValueOf<typeof snapshot>;
export type KustomizationSpec = ValueOf<typeof spec>;
export type KustomizationStatus = ValueOf<typeof status>;

/** The manifests of a source, built and kept applied to a cluster. */
export interface Kustomization extends KubeObject {
  spec: KustomizationSpec;
  status?: KustomizationStatus;
}

export const KustomizationKind: KindDefinition<Kustomization> = defineKind<Kustomization>({
  group: 'kustomize.toolkit.fluxcd.io',
  version: 'v1',
  kind: 'Kustomization',
  category: 'fluxcd-appliers',
  component: 'kustomize-controller',
  shortNames: ['ks'],
  printerColumns: [ageColumn, readyColumn, statusColumn],
  description: 'The manifests of a source, built and kept applied to a cluster.',
  spec: required(spec),
  status,
});
