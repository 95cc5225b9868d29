/** ImageUpdateAutomation (IMG-9, spec 1.4 and 2.3). */
import { map, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  duration,
  labelSelector,
  localObjectReference,
  reconcileStatus,
  suspend,
  time,
  unobserved,
} from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { gitReference } from '../source/git-reference.ts';
import { imageKind, imageRef } from './group.ts';

const sourceRef = object('The repository to write to.', {
  apiVersion: string('Group and version of the source; it follows from the kind and may be left out.'),
  kind: required(oneOf('Kind of the source.', ['GitRepository'], { default: 'GitRepository' })),
  name: required(string('Name of the source.')),
  namespace: string('Namespace of the source. Default: the namespace of this object.'),
});

const checkout = object('What to check out. Default: what the GitRepository checks out.', {
  ref: required(gitReference),
});

const commit = object('How to commit.', {
  author: required(
    object('Who the commit is by.', {
      name: string('Name of the author.'),
      email: required(string('E-mail address of the author.')),
    }),
  ),
  signingKey: object('Key to sign the commit with.', {
    secretRef: required(
      localObjectReference(
        'Secret with the private key: `git.asc` for GPG, `identity` for SSH, and optionally its passphrase.',
      ),
    ),
    type: oneOf('Kind of the key. Default: `gpg`.', ['gpg', 'ssh']),
  }),
  messageTemplate: string('Template of the commit message, in the syntax of Go templates.'),
  messageTemplateValues: map('Values for the template, as `.Values`.', text),
});

const push = object('Where to push. Default: the branch that was checked out.', {
  branch: string('Branch to push to; it is created when it does not exist.'),
  refspec: string('Git refspec to push, in addition to the branch if that is given too.'),
  options: map('Push options for the server.', text),
});

const git = object('How to check out, commit and push.', { checkout, commit: required(commit), push });

const update = object(
  'How to update files.',
  {
    strategy: oneOf('How to find what to update: by markers in comments (`Setters`).', ['Setters'], {
      default: 'Setters',
    }),
    path: string('Directory or file to update, relative to the root of the repository. Default: all of it.'),
  },
  { default: { strategy: 'Setters' } },
);

const spec = object('Which repository to keep up to date, and how.', {
  sourceRef: required(sourceRef),
  git,
  interval: required(duration('Time between runs; a jitter may be added.')),
  policySelector: labelSelector('Which ImagePolicies of the namespace take part. Default: all.'),
  update,
  suspend,
});

const status = object(
  'What was done.',
  {
    ...reconcileStatus,
    lastAutomationRunTime: time('When the last run began.'),
    lastPushCommit: string('The last commit that was pushed.'),
    lastPushTime: time('When it was pushed.'),
    observedPolicies: map(
      'What the policies elected, by name, at the last successful run.',
      imageRef('An elected image.'),
    ),
    observedSourceRevision: string('Revision of the repository at the last successful run.'),
  },
  unobserved,
);

/** `spec.sourceRef` of an ImageUpdateAutomation. */
export type AutomationSourceReference = ValueOf<typeof sourceRef>;
export type GitCheckoutSpec = ValueOf<typeof checkout>;
export type GitCommitSpec = ValueOf<typeof commit>;
export type GitPushSpec = ValueOf<typeof push>;
/** `spec.git` of an ImageUpdateAutomation. */
export type GitAutomationSpec = ValueOf<typeof git>;
export type UpdateStrategy = ValueOf<typeof update>;
export type ImageUpdateAutomationSpec = ValueOf<typeof spec>;
export type ImageUpdateAutomationStatus = ValueOf<typeof status>;

/** Writes elected image tags to a Git repository. */
export interface ImageUpdateAutomation extends KubeObject {
  spec: ImageUpdateAutomationSpec;
  status?: ImageUpdateAutomationStatus;
}

export const ImageUpdateAutomationKind: KindDefinition<ImageUpdateAutomation> = defineKind<ImageUpdateAutomation>({
  ...imageKind,
  kind: 'ImageUpdateAutomation',
  component: 'image-automation-controller',
  shortNames: ['iua', 'imgupd', 'imgauto'],
  printerColumns: [
    readyColumn,
    statusColumn,
    { ...column('Last run', '.status.lastAutomationRunTime'), priority: 1 },
    ageColumn,
  ],
  description: 'Writes elected image tags to a Git repository.',
  spec: required(spec),
  status,
});
