/** Go durations, as flags and API fields write them. */

/** Thrown by `parseDuration` for text that is no Go duration. */
export class DurationError extends Error {
  override readonly name = 'DurationError';
  readonly text: string;

  constructor(text: string) {
    super(`"${text}" is not a duration: expected numbers with a unit (ns, us, ms, s, m, h), such as 1m30s`);
    this.text = text;
  }
}

const unitMs: Record<string, number> = {
  ns: 1e-6,
  us: 1e-3,
  µs: 1e-3,
  μs: 1e-3,
  ms: 1,
  s: 1_000,
  m: 60_000,
  h: 3_600_000,
};
const durationForm = /^([+-]?)((?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/;
const partForm = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/g;
/** Longer texts are no durations anybody writes; the limit keeps hostile input out of the patterns. */
const maxLength = 256;

/**
 * Milliseconds of a Go duration: `1m30s`, `1.5h`, `-2s`, `0`. Units are ns, us (µs), ms, s, m and h; fractions are
 * allowed, and below a millisecond the result has a fraction.
 *
 * @throws DurationError for anything else.
 */
export function parseDuration(text: string): number {
  if (text === '0' || text === '+0' || text === '-0') return 0;
  const match = text.length <= maxLength ? durationForm.exec(text) : null;
  if (!match) throw new DurationError(text.slice(0, maxLength));
  // Summed in nanoseconds, where the usual values are whole, so that 1.1s + 100ms is exact.
  let ns = 0;
  for (const [, amount, unit] of match[2]!.matchAll(partForm)) ns += Math.round(Number(amount) * unitMs[unit!]! * 1e6);
  // Longer than Go can represent (292 years).
  if (ns > 2 ** 63) throw new DurationError(text);
  return ((match[1] === '-' ? -1 : 1) * ns) / 1e6;
}

/** Go's notation of a number of milliseconds: `1h0m0s`, `1m30s`, `1.5s`, `250ms`, `0s`. Precise to a nanosecond. */
export function formatDuration(ms: number): string {
  if (!Number.isFinite(ms)) throw new RangeError(`${ms} milliseconds cannot be written as a duration`);
  const ns = Math.round(Math.abs(ms) * 1e6);
  const sign = ms < 0 && ns > 0 ? '-' : '';
  if (ns === 0) return '0s';
  if (ns < 1e3) return `${sign}${ns}ns`;
  if (ns < 1e6) return `${sign}${decimal(ns, 3)}µs`;
  if (ns < 1e9) return `${sign}${decimal(ns, 6)}ms`;
  const minutes = Math.floor(ns / 60e9);
  const seconds = `${decimal(ns - minutes * 60e9, 9)}s`;
  if (minutes === 0) return `${sign}${seconds}`;
  const hours = Math.floor(minutes / 60);
  return hours === 0 ? `${sign}${minutes}m${seconds}` : `${sign}${hours}h${minutes % 60}m${seconds}`;
}

/** `value / 10^digits`, without trailing zeros. */
function decimal(value: number, digits: number): string {
  const unit = 10 ** digits;
  const fraction = String(value % unit)
    .padStart(digits, '0')
    .replace(/0+$/, '');
  const whole = String(Math.floor(value / unit));
  return fraction === '' ? whole : `${whole}.${fraction}`;
}
