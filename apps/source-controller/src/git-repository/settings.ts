import type { ObjectCache, SshOptions } from '@gitops-toolkit/git';
import type { Limit } from '../artifacts/limit.ts';
import type { SourceSettings } from '../artifacts/settings.ts';

/** What the steps of a GitRepository need beside the object. */
export interface GitSettings extends SourceSettings {
  /** Git objects kept between fetches, so that a new commit costs what it changed. */
  objects: ObjectCache;
  /** Bounds how many remotes are asked at a time: asking holds no worker. */
  remoteChecks: Limit;
  /** What may be negotiated with SSH servers; empty: defaults (SRC-246, SRC-247). */
  sshAlgorithms: Pick<SshOptions, 'kexAlgorithms' | 'hostKeyAlgorithms'>;
}
