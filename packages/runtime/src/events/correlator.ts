import { LruMap } from './lru.ts';

/** Different messages of one reason before they are told as one (client-go: 10 within 10 minutes). */
const similarLimit = 10;
const similarWindowMs = 600_000;
/** Events of one object in a row, refilled one per five minutes (client-go). */
const burst = 25;
const refillMs = 300_000;
/** Objects and series remembered. */
const memory = 4096;

/** What identifies a kind of event; times are milliseconds since the epoch. */
export interface CorrelatorInput {
  /** The involved object. */
  object: string;
  type: string;
  reason: string;
  message: string;
}

/** What to do with an event. */
export type Correlation =
  | { kind: 'drop' }
  | { kind: 'create'; series: Series; message: string }
  /** It was told before: raise the count of the event that told it. */
  | { kind: 'count'; series: Series; message: string };

/** Equal events seen so far; the recorder keeps the name of the stored event here. */
export interface Series {
  count: number;
  firstAt: number;
  name?: string;
}

/**
 * Decides what becomes of an event the way Kubernetes clients do: equal events are counted, many similar ones are
 * combined, and an object that talks too much is silenced for a while. Memory is bounded.
 */
export function createCorrelator(): (input: CorrelatorInput, now: number) => Correlation {
  const similar = new LruMap<string, { messages: Set<string>; since: number }>(memory);
  const series = new LruMap<string, Series>(memory);
  const buckets = new LruMap<string, { tokens: number; at: number }>(memory);

  function spends(object: string, now: number): boolean {
    const bucket = buckets.get(object) ?? { tokens: burst, at: now };
    bucket.tokens = Math.min(burst, bucket.tokens + (now - bucket.at) / refillMs);
    bucket.at = now;
    buckets.set(object, bucket);
    if (bucket.tokens < 1) return false;
    bucket.tokens--;
    return true;
  }

  return ({ object, type, reason, message }, now) => {
    const group = JSON.stringify([object, type, reason]);
    let record = similar.get(group);
    if (!record || now - record.since > similarWindowMs) record = { messages: new Set(), since: now };
    record.since = now;
    if (record.messages.size <= similarLimit) record.messages.add(message);
    similar.set(group, record);
    const combined = record.messages.size > similarLimit;
    const text = combined ? `(combined from similar events): ${message}` : message;

    const key = combined ? group : JSON.stringify([object, type, reason, message]);
    const known = series.get(key);
    const current = known ?? { count: 0, firstAt: now };
    current.count++;
    series.set(key, current);
    if (!spends(object, now)) return { kind: 'drop' };
    return { kind: known ? 'count' : 'create', series: current, message: text };
  };
}
