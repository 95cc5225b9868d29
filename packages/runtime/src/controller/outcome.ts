import type { EventInput } from '../events/types.ts';

/**
 * What a run that went well asks for. Everything is optional: `return {}` means "all is as wanted, see you at the next
 * interval".
 */
export interface Outcome {
  /**
   * Reason and message of Ready True. Needed where Ready comes from the outcome; where Ready is a summary of other
   * conditions it is ignored. Default `Succeeded`, "reconciliation succeeded" (RTM-117).
   */
  ready?: { reason: string; message: string };
  /** Emitted after the status is stored. */
  event?: EventInput;
  /**
   * When to run again: milliseconds (taken exactly), `now` (through the rate limiter; the generation is not recorded
   * as observed, RTM-122) or `never`. Default: the definition's interval with jitter (RTM-204).
   */
  requeue?: number | 'now' | 'never';
}

/** What follows a failed step; each has its own defaults for events and log lines (RTM-160…164, SRC-195…201). */
export type FailureClass =
  /** Only a change of the spec or a new trigger helps: Stalled, no requeue. */
  | 'stalling'
  /** Something else has to happen first: fixed delay, informational. */
  | 'waiting'
  /** Failed; tried again after a fixed delay, without growing back-off. */
  | 'retry'
  /** Failed; tried again with per-object exponential back-off. */
  | 'backoff'
  /** Not a failure in the end: nothing to do until the next interval. */
  | 'ignored';

/** How a {@link ReconcileError} is shown, beyond reason and message. */
export interface FailureOptions {
  cause?: unknown;
  /**
   * A further condition that carries the failure, for instance `FetchFailed`: set True when the definition lists the
   * type as negative, otherwise False. With an object its message may differ from that of Ready.
   */
  condition?: string | { type: string; message?: string; reason?: string };
  /** Overrides the event of the class; `none` for none. Reason and message default to those of the error. */
  event?: 'none' | Partial<EventInput>;
  /**
   * Stalling errors: whether `status.observedGeneration` is written. Default true; false leaves generic status readers
   * with "in progress" (KUS-83).
   */
  observed?: boolean;
}

/**
 * Why a step could not do its work. Thrown by steps, understood by the runtime, which turns it into conditions, an
 * event, a log line and a requeue. Use the factories {@link stalling}, {@link waiting}, {@link retry},
 * {@link failing} and {@link ignored}.
 */
export class ReconcileError extends Error {
  readonly class: FailureClass;
  /** CamelCase condition reason. */
  readonly reason: string;
  /** Milliseconds until the next run, for `waiting` and `retry`. */
  readonly delayMs: number | undefined;
  readonly options: FailureOptions;

  constructor(kind: FailureClass, reason: string, message: string, delayMs?: number, options: FailureOptions = {}) {
    super(message, options.cause === undefined ? undefined : { cause: options.cause });
    this.name = 'ReconcileError';
    this.class = kind;
    this.reason = reason;
    this.delayMs = delayMs;
    this.options = options;
  }
}

/** Only a change of the spec (or of something it refers to, by a trigger) helps. Default event: Warning. */
export function stalling(reason: string, message: string, options?: FailureOptions): ReconcileError {
  return new ReconcileError('stalling', reason, message, undefined, options);
}

/**
 * Something else must happen first; run again after `delayMs` exactly (0: at once). Without a delay the normal interval
 * applies (RTM-122). Default event: Normal.
 */
export function waiting(reason: string, message: string, delayMs?: number, options?: FailureOptions): ReconcileError {
  return new ReconcileError('waiting', reason, message, delayMs, options);
}

/** Failed; run again after `delayMs` exactly, however often it fails. Default event: Warning. */
export function retry(reason: string, message: string, delayMs: number, options?: FailureOptions): ReconcileError {
  return new ReconcileError('retry', reason, message, delayMs, options);
}

/** Failed; run again with exponential back-off. Default event: Warning. */
export function failing(reason: string, message: string, options?: FailureOptions): ReconcileError {
  return new ReconcileError('backoff', reason, message, undefined, options);
}

/** Ends the run early although nothing is wrong; counts as observed, runs again at the interval. Default event: Trace. */
export function ignored(reason: string, message: string, options?: FailureOptions): ReconcileError {
  return new ReconcileError('ignored', reason, message, undefined, options);
}

/**
 * The reason with which the signal of an interruptible wait aborts when the object was enqueued again by a watch
 * (RTM-236…238).
 */
export class Interrupted extends Error {
  /** `<Kind>/<ns>/<name>` of the object whose change enqueued the key first. */
  readonly trigger: string;

  constructor(trigger: string) {
    super(`interrupted: new reconciliation triggered by ${trigger}`);
    this.name = 'Interrupted';
    this.trigger = trigger;
  }
}
