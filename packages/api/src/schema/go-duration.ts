/** Go durations: a possibly signed sequence of decimal numbers with units, such as `300ms`, `-1.5h` or `2h45m`. */

const unitNanoseconds: Record<string, number> = {
  ns: 1,
  us: 1e3,
  µs: 1e3,
  μs: 1e3,
  ms: 1e6,
  s: 1e9,
  m: 60e9,
  h: 3600e9,
};

const part = /(\d+\.?\d*|\.\d+)(ns|us|µs|μs|ms|s|m|h)/y;

/** The duration in nanoseconds, or undefined when `text` is none. `0` needs no unit. */
export function goDuration(text: string): number | undefined {
  const negative = text.startsWith('-');
  const start = negative || text.startsWith('+') ? 1 : 0;
  if (text.slice(start) === '0') return 0;
  if (text.length === start) return undefined;
  let nanoseconds = 0;
  part.lastIndex = start;
  while (part.lastIndex < text.length) {
    const match = part.exec(text);
    if (match === null) return undefined;
    nanoseconds += Number(match[1]) * unitNanoseconds[match[2]!]!;
  }
  if (nanoseconds > 2 ** 63) return undefined;
  return negative ? -nanoseconds : nanoseconds;
}
