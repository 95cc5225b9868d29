import type { GitRepository } from '@gitops-toolkit/api';
import { stalling } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';

/**
 * Refuses what this version cannot do, before anything is fetched: other credentials than those
 * asked for would be worse than none.
 */
export function refuseUnsupported({ spec }: GitRepository): void {
  const asked = [
    spec.provider !== undefined && spec.provider !== 'generic' && `spec.provider '${spec.provider}'`,
  ].filter((field) => field !== false);
  if (asked.length === 0) return;
  const message = `this version of the source controller does not support ${asked.join(', ')}; change the spec to do without`;
  throw stalling(SourceReason.Unsupported, message, { condition: SourceCondition.FetchFailed });
}
