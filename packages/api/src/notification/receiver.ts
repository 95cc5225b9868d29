/** Receiver (NTF-12 to NTF-15, NTF-17). */
import { array, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { duration, localObjectReference, reconcileStatus, suspend, unobserved } from '../fields/shared.ts';
import { ageColumn, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { notificationKind, objectReferenceFields } from './group.ts';

const type = oneOf('Who calls, and how a call is checked.', [
  'generic',
  'generic-hmac',
  'generic-oidc',
  'github',
  'gitlab',
  'bitbucket',
  'harbor',
  'dockerhub',
  'quay',
  'gcr',
  'nexus',
  'acr',
  'cdevents',
]);

const resource = object('An object, or all objects of a kind, to reconcile when a call comes in.', {
  ...objectReferenceFields,
  filter: string(
    'CEL expression that says whether an object is meant. It sees `res`, the object, and `req`, the body of the call.',
  ),
});

const variable = object('A named value for other expressions.', {
  name: required(string('Name of the variable.')),
  expression: required(string('CEL expression that yields its value.')),
});

const validation = object('A condition on the token.', {
  expression: required(string('CEL expression that must be true.')),
  message: required(string('What to answer when it is not.')),
});

const oidcProvider = object('An issuer of tokens that calls may carry.', {
  issuerURL: required(string('Address of the issuer, exactly as the claim `iss` has it.', { pattern: '^https?://' })),
  audience: string('Value that the claim `aud` must have. Default: `notification-controller`.'),
  variables: array('Values for use in the validations, evaluated in this order.', variable),
  validations: required(array('Conditions on the token, all of which must hold.', validation, { minItems: 1 })),
});

const spec = object(
  'Which calls to take, and what to reconcile then.',
  {
    type: required(type),
    interval: duration('Time between checks of the configuration.', { default: '10m' }),
    events: array(
      'Kinds of event to react to, for `github`, `gitlab`, `bitbucket` and `cdevents`. Default: all.',
      text,
    ),
    resources: required(array('What to reconcile.', resource)),
    resourceFilter: string(
      'CEL expression that says whether an object is meant, for all entries of `resources`. It sees `res` and `req`.',
    ),
    secretRef: localObjectReference('Secret with the `token` that calls are checked against.'),
    oidcProviders: array('Issuers of tokens, for the type `generic-oidc`.', oidcProvider, {
      'x-kubernetes-list-type': 'map',
      'x-kubernetes-list-map-keys': ['issuerURL'],
    }),
    suspend,
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "self.type != 'generic-oidc' || (has(self.oidcProviders) && size(self.oidcProviders) > 0)",
        message: 'generic-oidc receivers must define at least one oidcProvider',
      },
      {
        rule: "self.type == 'generic-oidc' || !has(self.oidcProviders) || size(self.oidcProviders) == 0",
        message: 'oidcProviders can only be set when type is generic-oidc',
      },
      {
        rule: "self.type != 'generic-oidc' || !has(self.secretRef)",
        message: 'secretRef cannot be set when type is generic-oidc',
      },
      {
        rule: "self.type == 'generic-oidc' || has(self.secretRef)",
        message: 'secretRef is required when type is not generic-oidc',
      },
    ],
  },
);

const status = object(
  'What is known about the receiver.',
  { ...reconcileStatus, webhookPath: string('Path under which calls are taken: `/hook/` and a checksum.') },
  unobserved,
);

export type ReceiverType = ValueOf<typeof type>;
export type ReceiverResource = ValueOf<typeof resource>;
export type OIDCProvider = ValueOf<typeof oidcProvider>;
export type ReceiverSpec = ValueOf<typeof spec>;
export type ReceiverStatus = ValueOf<typeof status>;

/** Takes calls from other services and has objects reconciled. */
export interface Receiver extends KubeObject {
  spec: ReceiverSpec;
  status?: ReceiverStatus;
}

export const ReceiverKind: KindDefinition<Receiver> = defineKind<Receiver>({
  ...notificationKind,
  version: 'v1',
  kind: 'Receiver',
  printerColumns: [ageColumn, readyColumn, statusColumn],
  description: 'Takes calls from other services and has objects reconciled.',
  spec: required(spec),
  status,
});
