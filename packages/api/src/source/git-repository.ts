/** GitRepository (SRC-8 to SRC-27, SRC-68 to SRC-77). */
import { array, boolean, object, oneOf, required, string, text } from '../fields/field.ts';
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
import { gitReference } from './git-reference.ts';
import { ignore, observedIgnore, proxySecretRef, sourceKind } from './group.ts';

const verify = object('How to verify the signatures of what is checked out.', {
  mode: oneOf(
    'What has to carry a trusted signature: the commit (`HEAD`), the tag (`Tag`), or both (`TagAndHEAD`). `head` is an old spelling of `HEAD`.',
    ['head', 'HEAD', 'Tag', 'TagAndHEAD'],
    { default: 'HEAD' },
  ),
  secretRef: required(
    localObjectReference(
      'Secret with the public keys of trusted authors: PGP keys under names that end in `.asc`, SSH keys under names that end in `.sshpub`.',
    ),
  ),
});

const include = object('Another GitRepository whose artifact becomes part of this one.', {
  repository: required(localObjectReference('The GitRepository to include.')),
  fromPath: string('Path to copy, inside the included artifact. Default: all of it.'),
  toPath: string('Where to copy it to, inside this artifact. Default: the name of the included GitRepository.'),
});

const sparseCheckout = array('Directories to check out. Default: all of them.', text);

const spec = object(
  'Which Git repository to watch, and what to make of it.',
  {
    url: required(
      string('Address of the repository, over HTTP, HTTPS or SSH.', { pattern: '^(http|https|ssh)://.*$' }),
    ),
    secretRef: localObjectReference(
      'Secret with credentials. For HTTP(S): `username` and `password`, or `bearerToken`, and optionally `ca.crt`, `tls.crt`, `tls.key`. For SSH: `identity`, `known_hosts` and optionally `password`.',
    ),
    provider: oneOf('How to authenticate. Default: `generic`.', ['generic', 'aws', 'azure', 'github']),
    serviceAccountName: string(
      'ServiceAccount in the same namespace to authenticate as, for the providers `azure` and `aws`.',
    ),
    interval: required(duration('Time between checks of the repository; a jitter may be added.')),
    timeout: timeout('Limit for one Git operation, such as a clone.', { default: '60s' }),
    ref: gitReference,
    verify,
    proxySecretRef,
    ignore,
    suspend,
    recurseSubmodules: boolean('Also check out submodules, and theirs, with their own settings.'),
    include: array('Other GitRepositories to include.', include),
    sparseCheckout,
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "!has(self.serviceAccountName) || (has(self.provider) && (self.provider == 'azure' || self.provider == 'aws'))",
        message: "serviceAccountName can only be set when provider is 'azure' or 'aws'",
      },
    ],
  },
);

const status = object(
  'What is known about the repository.',
  {
    ...reconcileStatus,
    artifact: artifact('The last artifact that was made.'),
    includedArtifacts: array(
      'The artifacts that went into the last one, in the order of `spec.include`.',
      artifact('The artifact of an included GitRepository.'),
    ),
    observedIgnore,
    observedRecurseSubmodules: boolean('Whether submodules went into the artifact.'),
    observedInclude: array('The includes in force when the artifact was made.', include),
    observedSparseCheckout: array('The directories in force when the artifact was made.', text),
    sourceVerificationMode: string('What was verified last: `HEAD`, `Tag` or `TagAndHEAD`.'),
  },
  unobserved,
);

export type GitRepositoryVerification = ValueOf<typeof verify>;
export type GitRepositoryInclude = ValueOf<typeof include>;
export type GitRepositorySpec = ValueOf<typeof spec>;
export type GitRepositoryStatus = ValueOf<typeof status>;

/** A Git repository whose content is published as an artifact. */
export interface GitRepository extends KubeObject {
  spec: GitRepositorySpec;
  status?: GitRepositoryStatus;
}

export const GitRepositoryKind: KindDefinition<GitRepository> = defineKind<GitRepository>({
  ...sourceKind,
  kind: 'GitRepository',
  plural: 'gitrepositories',
  shortNames: ['gitrepo'],
  printerColumns: [column('URL', '.spec.url'), ageColumn, readyColumn, statusColumn],
  description: 'A Git repository whose content is published as an artifact.',
  spec: required(spec),
  status,
});
