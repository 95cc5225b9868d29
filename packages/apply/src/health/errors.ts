import { type ObjectRef, refText } from '../object/object.ts';
import { type StatusName } from './status.ts';

/** An object that is not Current, and why. */
export interface HealthFinding {
  ref: ObjectRef;
  /** Undefined when it was never read. */
  status: StatusName | undefined;
  /** Empty when there is nothing to say beyond the status. */
  message: string;
}

/**
 * Objects did not become healthy: `failed` when some are Failed, `timeout` when time was up, `invalid` when one cannot
 * be looked up as it is given. The message lists every object that is to blame (KUS-292).
 */
export class HealthError extends Error {
  override readonly name = 'HealthError';
  readonly outcome: 'failed' | 'timeout' | 'invalid';
  readonly findings: readonly HealthFinding[];

  constructor(outcome: 'failed' | 'timeout' | 'invalid', findings: readonly HealthFinding[]) {
    super(describe(outcome, findings));
    this.outcome = outcome;
    this.findings = findings;
  }
}

/** Longest list of objects in a message. */
const maxListed = 100;

function describe(outcome: HealthError['outcome'], findings: readonly HealthFinding[]): string {
  if (outcome === 'invalid') return findings.map(({ message }) => message).join('; ');
  const lines = findings.slice(0, maxListed).map(describeOne);
  if (findings.length > maxListed) lines.push(`and ${findings.length - maxListed} more`);
  const reason = outcome === 'timeout' ? 'timeout waiting for' : 'failed early due to stalled resources';
  return `${reason}: [${lines.join(', ')}]`;
}

function describeOne({ ref, status, message }: HealthFinding): string {
  if (status === undefined) return `can't determine status for ${refText(ref)}`;
  return `${refText(ref)} status: '${status}'${message ? `: ${message}` : ''}`;
}
