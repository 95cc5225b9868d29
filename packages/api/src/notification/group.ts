/** What the kinds of `notification.toolkit.fluxcd.io` share. */
import { map, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';

/** Identity common to every kind of the group (NTF-1, NTF-2). */
export const notificationKind = {
  group: 'notification.toolkit.fluxcd.io',
  category: 'fluxcd-notifications',
  component: 'notification-controller',
} as const;

/** Fields of a reference to objects of the toolkit, by name or by label (spec 1.2). */
export const objectReferenceFields = {
  apiVersion: string('Group and version of the object.'),
  kind: required(
    oneOf('Kind of the object.', [
      'Bucket',
      'GitRepository',
      'Kustomization',
      'HelmRelease',
      'HelmChart',
      'HelmRepository',
      'ImageRepository',
      'ImagePolicy',
      'ImageUpdateAutomation',
      'OCIRepository',
      'ArtifactGenerator',
      'ExternalArtifact',
    ]),
  ),
  name: required(string('Name of the object, or `*` for all.', { minLength: 1, maxLength: 253 })),
  namespace: string('Namespace of the object. Default: the namespace of the object that refers to it.', {
    minLength: 1,
    maxLength: 253,
  }),
  matchLabels: map('Labels that an object must carry, with their values; for use with the name `*`.', text),
};

export const objectReference = object('An object, or all objects of a kind.', objectReferenceFields);
/** `spec.eventSources[]` of an Alert. */
export type CrossNamespaceObjectReference = ValueOf<typeof objectReference>;
