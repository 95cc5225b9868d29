/** ImagePolicy (IMG-6 to IMG-8, IMG-11). */
import { object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { duration, namespacedObjectReference, reconcileStatus, suspend, unobserved } from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { imageKind, imageRef } from './group.ts';

function order(description: string) {
  return oneOf(description, ['asc', 'desc'], { default: 'asc' });
}

const policy = object('How to elect a tag; one of the members.', {
  semver: object('The highest semantic version in a range.', {
    range: required(string('Range of semantic versions.')),
  }),
  alphabetical: object('The last tag in the order of its bytes.', {
    order: order('Whether the last tag in ascending (`asc`) or descending (`desc`) order is elected.'),
  }),
  numerical: object('The last tag in numeric order.', {
    order: order('Whether the last tag in ascending (`asc`) or descending (`desc`) order is elected.'),
  }),
});

const filterTags = object('Which tags to consider, and which part of them to compare.', {
  pattern: string('Regular expression that a tag must match.'),
  extract: string('What to compare instead of the tag: a text with groups of the pattern, such as `$1` or `$build`.'),
});

const spec = object(
  'Which tag of an image to elect.',
  {
    imageRepositoryRef: required(namespacedObjectReference('The ImageRepository whose tags are considered.')),
    policy: required(policy),
    filterTags,
    digestReflectionPolicy: oneOf(
      'Whether to look up the digest of the elected tag: at every interval (`Always`), when the tag changes (`IfNotPresent`), or not (`Never`).',
      ['Always', 'IfNotPresent', 'Never'],
      { default: 'Never' },
    ),
    interval: duration('Time between look-ups of the digest, with `digestReflectionPolicy: Always`.'),
    suspend,
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "!has(self.interval) || (has(self.digestReflectionPolicy) && self.digestReflectionPolicy == 'Always')",
        message: "spec.interval is only accepted when spec.digestReflectionPolicy is set to 'Always'",
      },
      {
        rule: "has(self.interval) || !has(self.digestReflectionPolicy) || self.digestReflectionPolicy != 'Always'",
        message: "spec.interval must be set when spec.digestReflectionPolicy is set to 'Always'",
      },
    ],
  },
);

const status = object(
  'What was elected.',
  {
    ...reconcileStatus,
    latestRef: imageRef('The elected image.'),
    observedPreviousRef: imageRef('The image that was elected before.'),
  },
  unobserved,
);

export type ImagePolicyChoice = ValueOf<typeof policy>;
export type TagFilter = ValueOf<typeof filterTags>;
export type ImagePolicySpec = ValueOf<typeof spec>;
export type ImagePolicyStatus = ValueOf<typeof status>;

/** Elects one tag of an image. */
export interface ImagePolicy extends KubeObject {
  spec: ImagePolicySpec;
  status?: ImagePolicyStatus;
}

export const ImagePolicyKind: KindDefinition<ImagePolicy> = defineKind<ImagePolicy>({
  ...imageKind,
  kind: 'ImagePolicy',
  plural: 'imagepolicies',
  component: 'image-reflector-controller',
  shortNames: ['imgpol', 'imagepol'],
  printerColumns: [
    column('Image', '.status.latestRef.name'),
    column('Tag', '.status.latestRef.tag'),
    readyColumn,
    statusColumn,
    ageColumn,
  ],
  description: 'Elects one tag of an image.',
  spec: required(spec),
  status,
});
