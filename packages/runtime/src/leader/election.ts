import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import type { KubeObject } from '@gitops-toolkit/api';
import { isAlreadyExists, isConflict, isNotFound, type KubeClient } from '@gitops-toolkit/kube';
import type { Logger } from '../log/logger.ts';
import { sleep, systemClock, type Clock } from '../time/clock.ts';

const leaseType = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', plural: 'leases', namespaced: true };

/** What an attempt to renew gets at least, in milliseconds, even when the process was too busy to make it in time. */
const minRenewalMs = 1000;

/** How long it is tried to release a lease when the server fails, and the pause between two attempts, in milliseconds. */
const releaseLimitMs = 5000;
const releasePauseMs = 100;

/** The lease went to somebody else, or could not be renewed in time: this process must not go on (RTM-260). */
export class LeadershipLostError extends Error {
  constructor(lease: string, options?: ErrorOptions) {
    super(`lost the lease '${lease}'`, options);
    this.name = 'LeadershipLostError';
  }
}

export interface LeaderElectionOptions {
  client: KubeClient;
  namespace: string;
  /** See `leaseName`. */
  name: string;
  log: Logger;
  /** Milliseconds; defaults 35 s, 30 s, 5 s (RTM-258). */
  leaseDurationMs?: number;
  renewDeadlineMs?: number;
  retryPeriodMs?: number;
  /** Default `<hostname>_<uuid>` (RTM-257). */
  identity?: string;
  clock?: Clock;
}

/** One candidate for one Lease. */
export interface LeaderElection {
  readonly identity: string;
  /** Resolves when the lease is ours; rejects only when the signal aborts. */
  acquire(signal: AbortSignal): Promise<void>;
  /** Renews until the signal aborts, then resolves. @throws LeadershipLostError */
  keep(signal: AbortSignal): Promise<void>;
  /** Empties the holder, so that the next candidate need not wait (RTM-261). Never rejects. */
  release(): Promise<void>;
}

interface LeaseSpec {
  holderIdentity?: string;
  leaseDurationSeconds?: number;
  acquireTime?: string;
  renewTime?: string;
  leaseTransitions?: number;
}

type Lease = KubeObject & { spec?: LeaseSpec };

/** A candidate; nothing happens until `acquire`. */
export function createLeaderElection(options: LeaderElectionOptions): LeaderElection {
  const { client, namespace, name, log, clock = systemClock } = options;
  const { leaseDurationMs = 35_000, renewDeadlineMs = 30_000, retryPeriodMs = 5_000 } = options;
  const identity = options.identity ?? `${process.env.HOSTNAME || hostname()}_${randomUUID()}`;
  const key = { namespace, name };
  /** The holder's last sign of life and when we saw it; neither other machines' clocks nor the time of day are trusted. */
  let seen: { renewTime: string | undefined; holder: string | undefined; at: number } | undefined;
  let held: Lease | undefined;
  let renewedAt = 0;

  /** For one attempt to renew: what is left of the deadline, so that we give up before others may take over. */
  const renewalLeft = () => Math.min(10_000, Math.max(minRenewalMs, renewedAt + renewDeadlineMs - clock.elapsed()));

  /** True when the lease is ours now. */
  async function tryAcquire(signal: AbortSignal): Promise<boolean> {
    const timeoutMs = Math.min(renewDeadlineMs, 10_000);
    const lease = await client.find<Lease>(leaseType, key, { signal, timeoutMs });
    const startedAt = clock.elapsed();
    if (!lease) {
      held = await client.create(newLease(), { signal, timeoutMs });
      renewedAt = startedAt;
      return true;
    }
    const spec = lease.spec ?? {};
    if (!seen || seen.renewTime !== spec.renewTime || seen.holder !== spec.holderIdentity)
      seen = { renewTime: spec.renewTime, holder: spec.holderIdentity, at: startedAt };
    const isFree = !spec.holderIdentity || spec.holderIdentity === identity;
    if (!isFree && startedAt < seen.at + leaseDurationMs) return false;
    const transitions = (spec.leaseTransitions ?? 0) + (spec.holderIdentity === identity ? 0 : 1);
    held = await client.update<Lease>({ ...lease, spec: { ...spec, ...newSpec(transitions) } }, { signal, timeoutMs });
    renewedAt = startedAt;
    return true;
  }

  async function renew(signal: AbortSignal): Promise<void> {
    const startedAt = clock.elapsed();
    const renewTime = microTime(clock.now());
    try {
      const spec = { ...held!.spec, renewTime };
      held = await client.update<Lease>({ ...held!, spec }, { signal, timeoutMs: renewalLeft() });
    } catch (error) {
      if (isNotFound(error)) {
        // Whoever deletes a Lease does not depose its holder, unless another candidate is faster.
        held = await client.create(newLease(), { signal, timeoutMs: renewalLeft() });
        renewedAt = startedAt;
        return;
      }
      if (!isConflict(error)) throw error;
      // Somebody edited the Lease; as long as the holder is us, it is ours.
      const current = await client.get<Lease>(leaseType, key, { signal, timeoutMs: renewalLeft() });
      if (current.spec?.holderIdentity !== identity)
        throw new LeadershipLostError(name, { cause: new Error(`it is held by '${current.spec?.holderIdentity}'`) });
      held = await client.update<Lease>(
        { ...current, spec: { ...current.spec, renewTime } },
        { signal, timeoutMs: renewalLeft() },
      );
    }
    renewedAt = startedAt;
  }

  async function releaseOnce(): Promise<void> {
    const current = await client.find<Lease>(leaseType, key, { timeoutMs: releaseLimitMs });
    if (current?.spec?.holderIdentity !== identity) return;
    const now = microTime(clock.now());
    const spec = { ...current.spec, holderIdentity: '', leaseDurationSeconds: 1, renewTime: now, acquireTime: now };
    await client.update<Lease>({ ...current, spec }, { timeoutMs: releaseLimitMs });
  }

  const newLease = (): Lease => ({
    apiVersion: 'coordination.k8s.io/v1',
    kind: 'Lease',
    metadata: key,
    spec: newSpec(0),
  });

  function newSpec(leaseTransitions: number): LeaseSpec {
    const now = microTime(clock.now());
    return {
      holderIdentity: identity,
      leaseDurationSeconds: Math.max(1, Math.round(leaseDurationMs / 1000)),
      acquireTime: now,
      renewTime: now,
      leaseTransitions,
    };
  }

  return {
    identity,
    async acquire(signal) {
      log.info({ lease: `${namespace}/${name}`, identity }, 'attempting to acquire leader lease');
      for (;;) {
        signal.throwIfAborted();
        try {
          if (await tryAcquire(signal)) break;
        } catch (error) {
          signal.throwIfAborted();
          // Losing a race is part of the game.
          if (!isConflict(error) && !isAlreadyExists(error))
            log.error({ err: error }, `cannot read or write the lease ${namespace}/${name}`);
        }
        await sleep(retryPeriodMs * (1 + 0.2 * Math.random()), signal, clock);
      }
      log.info({ lease: `${namespace}/${name}`, identity }, 'successfully acquired lease');
    },
    async keep(signal) {
      for (;;) {
        try {
          await sleep(Math.min(retryPeriodMs, renewalLeft()), signal, clock);
          await renew(signal);
        } catch (error) {
          if (signal.aborted) return;
          if (error instanceof LeadershipLostError) throw error;
          // Judged after an attempt, so that a busy event loop alone never costs the lease.
          if (clock.elapsed() - renewedAt >= renewDeadlineMs) throw new LeadershipLostError(name, { cause: error });
          log.error({ err: error }, `cannot renew the lease ${namespace}/${name}`);
        }
      }
    },
    async release() {
      if (!held) return;
      const giveUpAt = clock.elapsed() + releaseLimitMs;
      for (;;) {
        try {
          // A renewal that was cut off may have reached the server all the same, so what we hold may be outdated.
          await releaseOnce();
          held = undefined;
          return;
        } catch (error) {
          // A lease that stays behind costs the next holder half a minute, so one failure is no reason to leave it.
          if (clock.elapsed() >= giveUpAt) {
            log.error({ err: error }, `cannot release the lease ${namespace}/${name}`);
            return;
          }
          await sleep(releasePauseMs, undefined, clock);
        }
      }
    },
  };
}

/** `metav1.MicroTime`. */
function microTime(ms: number): string {
  return new Date(ms).toISOString().replace('Z', '000Z');
}
