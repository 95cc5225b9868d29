export { checkout, peekRevision, type Checkout, type CheckoutOptions, type PeekOptions } from './checkout/checkout.ts';
export { subjectOf, type CommitMetadata, type Signature, type TagMetadata } from './checkout/commit.ts';
export {
  AuthenticationError,
  CertificateError,
  CorruptObjectsError,
  EmptyRepositoryError,
  GitError,
  HostKeyError,
  InvalidOptionsError,
  LimitExceededError,
  ReferenceNotFoundError,
  RemoteError,
  RepositoryNotFoundError,
  TimeoutError,
  UnreachableHostError,
  UnsafeTreeError,
  UnsupportedTransportError,
} from './errors.ts';
export { listRefs, type ListRefsOptions } from './protocol/list-refs.ts';
export { type RemoteRef } from './protocol/refs.ts';
export {
  canonicalRevision,
  defaultBranch,
  formatRevision,
  parseRevision,
  selectorOf,
  type GitReference,
  type Selector,
} from './reference/reference.ts';
export { ConstraintError, parseConstraint, type VersionConstraint } from './semver/constraint.ts';
export { compareVersions, parseVersion, type Version } from './semver/version.ts';
export { SignatureError } from './signature/errors.ts';
export { type SignedObject } from './signature/payload.ts';
export { verifySignature, type TrustedKeys } from './signature/verify.ts';
export { openObjectCache, type ObjectCache, type ObjectCacheOptions } from './store/store.ts';
export { redactUrl, type GitAuth, type GitRemote, type OperationOptions } from './transport/connection.ts';
export { closeConnections } from './transport/dispatcher.ts';
export { isEncryptedIdentity } from './transport/ssh/identity.ts';
export { type SshOptions } from './transport/ssh/ssh.ts';
