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
  DirectoryCreationFailed: 'DirectoryCreationFailed',
  EmptyGitRepository: 'EmptyGitRepository',
  FeatureGateDisabled: 'FeatureGateDisabled',
  GarbageCollectionFailed: 'GarbageCollectionFailed',
  GarbageCollectionSucceeded: 'GarbageCollectionSucceeded',
  GitOperationFailed: 'GitOperationFailed',
  GitOperationSucceeded: 'GitOperationSucceeded',
  InvalidProviderConfiguration: 'InvalidProviderConfiguration',
  NewArtifact: 'NewArtifact',
  NewRevision: 'NewRevision',
  Progressing: 'Progressing',
  Succeeded: 'Succeeded',
  URLInvalid: 'URLInvalid',
  /** The spec asks for something that this version does not do. */
  Unsupported: 'Unsupported',
} as const;
