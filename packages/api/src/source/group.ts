/** What the kinds of `source.toolkit.fluxcd.io` share. */
import { boolean, oneOf, string } from '../fields/field.ts';
import { localObjectReference } from '../fields/shared.ts';

export const sourceGroup = 'source.toolkit.fluxcd.io';

/** Identity common to every kind of the group (SRC-1, SRC-4). */
export const sourceKind = {
  group: sourceGroup,
  version: 'v1',
  category: 'fluxcd-sources',
  component: 'source-controller',
} as const;

export const proxySecretRef = localObjectReference(
  'Secret with the proxy to connect through: `address`, and optionally `username` and `password`.',
);

export const certSecretRef = localObjectReference(
  'Secret with TLS material: `ca.crt` to verify the server, `tls.crt` and `tls.key` to authenticate as a client.',
);

export const ignore = string(
  'Paths to leave out of the artifact, in the format of .gitignore. Given, it takes the place of the default exclusions, which an empty text switches off.',
);

export const insecure = boolean('Allows plain HTTP to the server.');

export const observedIgnore = string('The ignore rules in force when the artifact was made.');

export const registryProvider = oneOf(
  'Where credentials for the registry come from: Secrets only (`generic`), or the login of a cloud provider.',
  ['generic', 'aws', 'azure', 'gcp'],
  { default: 'generic' },
);

export const latestUrl = string('Address that always leads to the newest artifact, on a best-effort basis.');
