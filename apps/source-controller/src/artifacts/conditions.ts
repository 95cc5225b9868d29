/** Condition types and reasons of sources (spec SRC §3). */
export const SourceCondition = {
  ArtifactInStorage: 'ArtifactInStorage',
  ArtifactOutdated: 'ArtifactOutdated',
  FetchFailed: 'FetchFailed',
  IncludeUnavailable: 'IncludeUnavailable',
  SourceVerified: 'SourceVerified',
  StorageOperationFailed: 'StorageOperationFailed',
} as const;

export const SourceReason = {
  ArchiveOperationFailed: 'ArchiveOperationFailed',
  ArtifactUpToDate: 'ArtifactUpToDate',
  ArtifactVerificationFailed: 'ArtifactVerificationFailed',
  AuthenticationFailed: 'AuthenticationFailed',
  CopyFailure: 'CopyFailure',
  DirectoryCreationFailed: 'DirectoryCreationFailed',
  EmptyGitRepository: 'EmptyGitRepository',
  GarbageCollectionFailed: 'GarbageCollectionFailed',
  GarbageCollectionSucceeded: 'GarbageCollectionSucceeded',
  GitOperationFailed: 'GitOperationFailed',
  GitOperationSucceeded: 'GitOperationSucceeded',
  IllegalPath: 'IllegalPath',
  IncludeChange: 'IncludeChange',
  InvalidProviderConfiguration: 'InvalidProviderConfiguration',
  NewArtifact: 'NewArtifact',
  NewRevision: 'NewRevision',
  NoArtifact: 'NoArtifact',
  NotFound: 'NotFound',
  PatchOperationFailed: 'PatchOperationFailed',
  SourceIgnoreError: 'SourceIgnoreError',
  Succeeded: 'Succeeded',
  URLInvalid: 'URLInvalid',
  /** The spec asks for something that this version does not do. */
  Unsupported: 'Unsupported',
} as const;
