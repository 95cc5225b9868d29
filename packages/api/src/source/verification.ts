/** Signature verification of what comes from an OCI registry (OCI-4, OCI-9). */
import { array, object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { localObjectReference } from '../fields/shared.ts';

const oidcIdentity = object('An identity that is trusted to sign.', {
  issuer: required(string('Issuer of the identity, as a regular expression.')),
  subject: required(string('Subject of the identity, as a regular expression.')),
});
export type OIDCIdentityMatch = ValueOf<typeof oidcIdentity>;

const verificationFields = {
  provider: required(oneOf('The signature scheme.', ['cosign', 'notation'], { default: 'cosign' })),
  secretRef: localObjectReference(
    'Secret with what is trusted: public keys for cosign; a trust policy and certificates for notation.',
  ),
  matchOIDCIdentity: array(
    'Identities of which one must have signed, for cosign without keys. Default: anybody.',
    oidcIdentity,
  ),
};

/** Verification of a chart. */
export const chartVerification = object('How to verify the signature.', verificationFields);

/** Verification of an OCI artifact. */
export const ociVerification = object('How to verify the signature.', {
  ...verificationFields,
  trustedRootSecretRef: localObjectReference(
    'Secret whose key `trusted_root.json` holds the trusted root of an own Sigstore installation.',
  ),
});
export type OCIRepositoryVerification = ValueOf<typeof ociVerification>;
