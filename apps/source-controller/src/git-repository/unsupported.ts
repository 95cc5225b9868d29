import type { GitRepository } from '@gitops-toolkit/api';
import { stalling } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';

/**
 * Refuses what this version cannot do, before anything is fetched: other credentials than those asked for would be
 * worse than none.
 */
export function refuseUnsupported({ spec: { provider = 'generic' } }: GitRepository): void {
  if (provider === 'generic') return;
  const message = `this version of the source controller does not support spec.provider '${provider}'; change the spec to do without`;
  throw stalling(SourceReason.Unsupported, message, { condition: SourceCondition.FetchFailed });
}
