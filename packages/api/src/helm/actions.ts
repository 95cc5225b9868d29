/** `spec.install`, `upgrade`, `rollback`, `uninstall` and `test` of a HelmRelease (spec 1.3). */
import { array, boolean, integer, object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { duration } from '../fields/shared.ts';

const timeout = duration('Limit for one Kubernetes operation of the action. Default: `spec.timeout`.');
const disableWait = boolean('Does not wait until objects are ready.');
const disableWaitForJobs = boolean('Does not wait until jobs are done.');
const disableHooks = boolean('Does not run hooks.');
const force = boolean('Replaces objects instead of patching them; has no effect with server-side apply.');
const cleanupOnFail = boolean('Deletes objects that the failed action created.');
const applyMethod = oneOf('Whether to use server-side apply. `auto`, the default, does what the release before did.', [
  'enabled',
  'disabled',
  'auto',
]);

const installAndUpgrade = {
  timeout,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  disableOpenAPIValidation: boolean('Does not check the manifests against the schemas of the cluster.'),
  disableSchemaValidation: boolean('Does not check the values against the schema of the chart.'),
  disableTakeOwnership: boolean('Fails on objects that exist already and belong to no or another release.'),
};

const remediationFields = {
  retries: integer('How often to try again after a failure; negative for no limit. Default: 0.'),
  ignoreTestFailures: boolean('Does not count failed tests as a failure. Default: `spec.test.ignoreFailures`.'),
};

const crds = (description: string) => oneOf(description, ['Skip', 'Create', 'CreateReplace']);

const strategyFields = {
  name: required(
    oneOf(
      'Undo the failed action and then perhaps try again (`RemediateOnFailure`), or only try again (`RetryOnFailure`).',
      ['RemediateOnFailure', 'RetryOnFailure'],
    ),
  ),
  retryInterval: duration('Time until the next try, with `RetryOnFailure`. Default: 5m.'),
};

const installStrategy = object('What to do after a failed installation.', strategyFields, {
  'x-kubernetes-validations': [
    {
      rule: "!has(self.retryInterval) || self.name != 'RemediateOnFailure'",
      message: ".retryInterval cannot be set when .name is 'RemediateOnFailure'",
    },
  ],
});

const upgradeStrategy = object('What to do after a failed upgrade.', strategyFields, {
  'x-kubernetes-validations': [
    {
      rule: "!has(self.retryInterval) || self.name == 'RetryOnFailure'",
      message: ".retryInterval can only be set when .name is 'RetryOnFailure'",
    },
  ],
});

const installRemediation = object('How to undo failed installations: by uninstalling.', {
  ...remediationFields,
  remediateLastFailure: boolean('Undoes also the last failure, after which there is no retry. Default: false.'),
});

const upgradeRemediation = object('How to undo failed upgrades.', {
  ...remediationFields,
  remediateLastFailure: boolean(
    'Undoes also the last failure, after which there is no retry. Default: true when there are retries.',
  ),
  strategy: oneOf('How to undo: by a rollback, the default, or by uninstalling.', ['rollback', 'uninstall']),
});

export const install = object('How to install.', {
  ...installAndUpgrade,
  strategy: installStrategy,
  remediation: installRemediation,
  replace: boolean('Takes over the name of an uninstalled or failed release that is kept in the history.'),
  createNamespace: boolean('Creates `spec.targetNamespace` if it does not exist.'),
  skipCRDs: boolean('Has no effect; use `crds: Skip`.'),
  crds: crds('What to do with the CRDs of the chart. Default: `Create`.'),
  serverSideApply: boolean('Whether to use server-side apply. Default: true.'),
});

export const upgrade = object('How to upgrade.', {
  ...installAndUpgrade,
  strategy: upgradeStrategy,
  remediation: upgradeRemediation,
  force,
  cleanupOnFail,
  preserveValues: boolean('Starts from the values of the release before, and merges the new ones into them.'),
  crds: crds('What to do with the CRDs of the chart. Default: `Skip`.'),
  serverSideApply: applyMethod,
  chartNameChangeStrategy: oneOf(
    'What to do when the chart has another name than that of the release: install anew (`Reinstall`, the default) or upgrade in place (`InPlaceUpdate`).',
    ['InPlaceUpdate', 'Reinstall'],
  ),
});

export const rollback = object('How to roll back.', {
  timeout,
  disableWait,
  disableWaitForJobs,
  disableHooks,
  force,
  cleanupOnFail,
  recreate: boolean('Has no effect.'),
  serverSideApply: applyMethod,
});

export const uninstall = object('How to uninstall.', {
  timeout,
  disableWait,
  disableHooks,
  keepHistory: boolean('Keeps the history of the release.'),
  deletionPropagation: oneOf(
    'How objects that belong to the deleted ones are deleted.',
    ['background', 'foreground', 'orphan'],
    {
      default: 'background',
    },
  ),
});

const filter = object('Selects a test, or leaves it out.', {
  name: required(string('Name of the test.', { minLength: 1, maxLength: 253 })),
  exclude: boolean('Leaves the test out instead of selecting it.'),
});

export const test = object('How to test a release after it was installed or upgraded.', {
  enable: boolean('Runs the tests of the chart.'),
  timeout,
  ignoreFailures: boolean('Does not count failed tests as a failure.'),
  filters: array('Which tests to run. Default: all.', filter),
});

export type Install = ValueOf<typeof install>;
export type InstallRemediation = ValueOf<typeof installRemediation>;
export type InstallStrategy = ValueOf<typeof installStrategy>;
export type Upgrade = ValueOf<typeof upgrade>;
export type UpgradeRemediation = ValueOf<typeof upgradeRemediation>;
export type UpgradeStrategy = ValueOf<typeof upgradeStrategy>;
export type Rollback = ValueOf<typeof rollback>;
export type Uninstall = ValueOf<typeof uninstall>;
/** `spec.test` of a HelmRelease. */
export type HelmTest = ValueOf<typeof test>;
/** `spec.test.filters[]` of a HelmRelease. */
export type HelmTestFilter = ValueOf<typeof filter>;
