/** Bucket (SRC-28 to SRC-53, SRC-78 to SRC-80). */
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
import { certSecretRef, ignore, insecure, latestUrl, observedIgnore, proxySecretRef, sourceKind } from './group.ts';

const sts = object('Security token service that exchanges an identity for short-lived credentials.', {
  provider: required(oneOf('Kind of the service.', ['aws', 'ldap'])),
  endpoint: required(string('Address of the service.', { pattern: '^(http|https)://.*$' })),
  secretRef: localObjectReference('Secret with `username` and `password` for the `ldap` service.'),
  certSecretRef: localObjectReference(
    'Secret with TLS material for the `ldap` service: `ca.crt`, `tls.crt`, `tls.key`.',
  ),
});

const spec = object(
  'Which bucket to watch, and what to make of it.',
  {
    provider: oneOf('Kind of the storage service.', ['generic', 'aws', 'gcp', 'azure'], { default: 'generic' }),
    bucketName: required(string('Name of the bucket; for Azure, of the container.')),
    endpoint: required(
      string(
        'Where the service is: `host` or `host:port` for `generic` and `aws`, an address for `azure`; unused by `gcp`.',
      ),
    ),
    sts,
    insecure,
    region: string('Region of the bucket, for signing requests and for the token service.'),
    prefix: string('Only objects whose key starts with this text are fetched.'),
    secretRef: localObjectReference('Secret with credentials, in the form that the provider needs.'),
    serviceAccountName: string(
      'ServiceAccount in the same namespace to authenticate as, for the providers `aws`, `azure` and `gcp`.',
    ),
    certSecretRef,
    proxySecretRef,
    interval: required(duration('Time between checks of the bucket; a jitter may be added.')),
    timeout: timeout('Limit for listing the bucket, and again for fetching its objects.', { default: '60s' }),
    ignore,
    suspend,
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "self.provider == 'aws' || self.provider == 'generic' || !has(self.sts)",
        message: "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
      },
      {
        rule: "self.provider != 'aws' || !has(self.sts) || self.sts.provider == 'aws'",
        message: "'aws' is the only supported STS provider for the 'aws' Bucket provider",
      },
      {
        rule: "self.provider != 'generic' || !has(self.sts) || self.sts.provider == 'ldap'",
        message: "'ldap' is the only supported STS provider for the 'generic' Bucket provider",
      },
      {
        rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.secretRef)",
        message: "spec.sts.secretRef is not required for the 'aws' STS provider",
      },
      {
        rule: "!has(self.sts) || self.sts.provider != 'aws' || !has(self.sts.certSecretRef)",
        message: "spec.sts.certSecretRef is not required for the 'aws' STS provider",
      },
      {
        rule: "self.provider != 'generic' || !has(self.serviceAccountName)",
        message: "ServiceAccountName is not supported for the 'generic' Bucket provider",
      },
      {
        rule: '!has(self.secretRef) || !has(self.serviceAccountName)',
        message: 'cannot set both .spec.secretRef and .spec.serviceAccountName',
      },
    ],
  },
);

const status = object(
  'What is known about the bucket.',
  { ...reconcileStatus, artifact: artifact('The last artifact that was made.'), url: latestUrl, observedIgnore },
  unobserved,
);

export type BucketSTSSpec = ValueOf<typeof sts>;
export type BucketSpec = ValueOf<typeof spec>;
export type BucketStatus = ValueOf<typeof status>;

/** A bucket of an object store whose content is published as an artifact. */
export interface Bucket extends KubeObject {
  spec: BucketSpec;
  status?: BucketStatus;
}

export const BucketKind: KindDefinition<Bucket> = defineKind<Bucket>({
  ...sourceKind,
  kind: 'Bucket',
  printerColumns: [column('Endpoint', '.spec.endpoint'), ageColumn, readyColumn, statusColumn],
  description: 'A bucket of an object store whose content is published as an artifact.',
  spec: required(spec),
  status,
});
