export {
  type ArchiveEntry,
  type DirectoryEntry,
  type FileEntry,
  type PathFilter,
  compareNames,
} from './archive/entry.ts';
export { packArchive, tarStream, type PackOptions, type Written } from './archive/pack.ts';
export { unpackArchive, type Unpacked, type UnpackOptions } from './archive/unpack.ts';
export { walkDirectory, type WalkOptions } from './archive/walk.ts';
export {
  createHasher,
  digestAlgorithms,
  digestOf,
  digestOfFile,
  isDigestAlgorithm,
  parseDigest,
  verifyDigest,
  type Digest,
  type DigestAlgorithm,
  type Hasher,
} from './digest/digest.ts';
export {
  ArchiveError,
  DigestError,
  SourceIgnoreError,
  StorageError,
  type ArchiveErrorReason,
  type DigestErrorReason,
  type StorageErrorReason,
} from './errors.ts';
export { loadSourceIgnoreFiles } from './ignore/load.ts';
export { ignoreFilter, parsePatterns, type IgnorePattern } from './ignore/pattern.ts';
export {
  defaultPatterns,
  sourceFilter,
  sourceIgnoreFileName,
  vcsPatterns,
  type SourceFilterOptions,
  type SourceIgnoreFile,
} from './ignore/rules.ts';
export { startFileServer, type FileServer, type FileServerOptions } from './server/server.ts';
export { advertisedAddress, artifactUrl, parseBindAddress } from './storage/address.ts';
export { type CollectionLimits, type Retention } from './storage/garbage.ts';
export { resolveInside } from './storage/path.ts';
export {
  openStorage,
  type Artifact,
  type ArtifactContent,
  type ArtifactOwner,
  type ArtifactStorage,
  type StorageOptions,
} from './storage/storage.ts';
