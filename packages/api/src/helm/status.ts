/** `status` of a HelmRelease (spec 2). */
import { array, integer, map, object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { int64, reconcileStatus, resourceInventory, time, unobserved } from '../fields/shared.ts';

const testHookStatus = object('How a test went.', {
  lastStarted: time('When it last began.'),
  lastCompleted: time('When it last ended.'),
  phase: string('How it ended.'),
});

const snapshot = object('What is known about a release.', {
  apiVersion: string('Version of the form of this snapshot.'),
  digest: required(string('Checksum of the release, as `<algorithm>:<hex>`.')),
  name: required(string('Name of the release.')),
  namespace: required(string('Namespace of the release.')),
  version: required(integer('Number of the release.')),
  status: required(string('Status of the release, as Helm has it.')),
  action: string('The action that made it.'),
  chartName: required(string('Name of the chart.')),
  chartVersion: required(string('Version of the chart.')),
  appVersion: string('Version of the app in the chart.'),
  configDigest: required(string('Checksum of the values, as `<algorithm>:<hex>`.')),
  firstDeployed: required(time('When the release was first deployed.')),
  lastDeployed: required(time('When the release was last deployed.')),
  deleted: time('When the release was deleted.'),
  testHooks: map('How its tests went, by name. Absent: not known; empty: there are none.', testHookStatus),
  ociDigest: string('Digest of the OCI artifact that the chart came from.'),
});

export const status = object(
  'What is known about the release.',
  {
    ...reconcileStatus,
    lastAttemptedGeneration: int64('Generation that the last installation or upgrade worked on.'),
    helmChart: string('The HelmChart made for this object, as `<namespace>/<name>`.'),
    storageNamespace: string('Namespace that the release is stored in.', { minLength: 1, maxLength: 63 }),
    history: array('The last releases, newest first.', snapshot),
    inventory: resourceInventory,
    lastAttemptedReleaseAction: oneOf('Whether the last attempt was an installation or an upgrade.', [
      'install',
      'upgrade',
    ]),
    lastAttemptedReleaseActionDuration: string('How long the last installation or upgrade took.'),
    failures: int64('How many actions failed since the last success.'),
    installFailures: int64('How many installations failed since the last success.'),
    upgradeFailures: int64('How many upgrades failed since the last success.'),
    lastAttemptedRevision: string('Version of the chart that the last attempt worked on.'),
    lastAttemptedRevisionDigest: string('Digest of the OCI artifact that the last attempt worked on.'),
    lastAttemptedConfigDigest: string('Checksum of the values that the last attempt worked on.'),
    lastAttemptedValuesChecksum: string('No longer written; `lastAttemptedConfigDigest` takes its place.'),
    lastReleaseRevision: integer('No longer written; see `history`.'),
    observedPostRenderersDigest: string('Checksum of the post-renderers at the last success.'),
    observedCommonMetadataDigest: string('Checksum of the common metadata at the last success.'),
    lastHandledForceAt: string('Value of the annotation `reconcile.fluxcd.io/forceAt` that was last seen.'),
    lastHandledResetAt: string('Value of the annotation `reconcile.fluxcd.io/resetAt` that was last seen.'),
  },
  unobserved,
);

export type HelmTestHookStatus = ValueOf<typeof testHookStatus>;
/** `status.history[]` of a HelmRelease. */
export type HelmReleaseSnapshot = ValueOf<typeof snapshot>;
export type HelmReleaseStatus = ValueOf<typeof status>;
