import { GitRepositoryKind, parseDuration, type GitRepository } from '@gitops-toolkit/api';
import type { ControllerDefinition } from '@gitops-toolkit/runtime';
import { SourceCondition } from '../artifacts/conditions.ts';
import { removeArtifacts } from '../artifacts/storage.ts';
import { reconcileGitRepository } from './reconcile.ts';
import type { GitSettings } from './settings.ts';

const { StorageOperationFailed, FetchFailed, IncludeUnavailable, ArtifactOutdated, ArtifactInStorage, SourceVerified } =
  SourceCondition;

/** Publishes Git repositories as artifacts. */
export function gitRepositoryController(settings: GitSettings): ControllerDefinition<GitRepository> {
  return {
    kind: GitRepositoryKind,
    interval: ({ spec }) => parseDuration(spec.interval),
    conditions: {
      owned: [
        StorageOperationFailed,
        FetchFailed,
        IncludeUnavailable,
        ArtifactOutdated,
        ArtifactInStorage,
        SourceVerified,
      ],
      negative: [StorageOperationFailed, FetchFailed, IncludeUnavailable, ArtifactOutdated],
      // The order decides which of several bad conditions Ready speaks of (SRC-88).
      summary: [
        ...[StorageOperationFailed, FetchFailed, IncludeUnavailable, ArtifactOutdated],
        ...[ArtifactInStorage, SourceVerified, 'Stalled', 'Reconciling'],
      ],
      bipolar: [SourceVerified],
    },
    failureEvents: { waiting: 'Trace', plain: 'none' },
    reconcile: (ctx) => reconcileGitRepository(ctx, settings),
    finalize: (ctx) => removeArtifacts(ctx, settings),
  };
}
