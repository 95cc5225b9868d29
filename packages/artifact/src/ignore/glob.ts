/**
 * Wildcards within one path element (SRC-412): `*`, `?`, classes and backslash escapes. Matching takes time
 * proportional to pattern × name at worst, so no pattern can hang the process.
 */

/** A compiled element; `undefined` stands for a malformed one, which never matches. */
export type ElementGlob = Step[] | undefined;

type Step =
  | { kind: 'star' }
  | { kind: 'any' }
  | { kind: 'literal'; char: string }
  | { kind: 'class'; negated: boolean; ranges: [from: string, to: string][] };

/** Compiles one element of a pattern. */
export function compileElement(pattern: string): ElementGlob {
  const chars = [...pattern];
  const steps: Step[] = [];
  for (let i = 0; i < chars.length; i++) {
    const char = chars[i]!;
    if (char === '*') {
      if (steps.at(-1)?.kind !== 'star') steps.push({ kind: 'star' });
    } else if (char === '?') {
      steps.push({ kind: 'any' });
    } else if (char === '\\') {
      i += 1;
      if (i === chars.length) return undefined;
      steps.push({ kind: 'literal', char: chars[i]! });
    } else if (char === '[') {
      const parsed = parseClass(chars, i + 1);
      if (parsed === undefined) return undefined;
      steps.push(parsed.step);
      i = parsed.end;
    } else {
      steps.push({ kind: 'literal', char });
    }
  }
  return steps;
}

/** Reads a class from behind its `[`; `end` is the index of its `]`. */
function parseClass(chars: string[], start: number): { step: Step; end: number } | undefined {
  let i = start;
  const negated = chars[i] === '^';
  if (negated) i += 1;
  const ranges: [string, string][] = [];
  const bound = (): string | undefined => {
    if (chars[i] === '-' || chars[i] === ']') return undefined;
    if (chars[i] === '\\') i += 1;
    return chars[i++];
  };
  while (chars[i] !== ']' || ranges.length === 0) {
    const from = bound();
    if (from === undefined) return undefined;
    let to: string | undefined = from;
    if (chars[i] === '-') {
      i += 1;
      to = bound();
      if (to === undefined) return undefined;
    }
    ranges.push([from, to]);
    if (i >= chars.length) return undefined;
  }
  return { step: { kind: 'class', negated, ranges }, end: i };
}

/** Whether a whole path element matches. */
export function matchesElement(glob: ElementGlob, name: string): boolean {
  if (glob === undefined) return false;
  const chars = [...name];
  let step = 0;
  let at = 0;
  // Where to continue when a later step fails: behind the last star, one character further.
  let star = -1;
  let resume = 0;
  while (at < chars.length) {
    const current = glob[step];
    if (current?.kind === 'star') {
      star = step++;
      resume = at;
    } else if (current !== undefined && matchesChar(current, chars[at]!)) {
      step += 1;
      at += 1;
    } else if (star !== -1) {
      step = star + 1;
      at = ++resume;
    } else {
      return false;
    }
  }
  while (glob[step]?.kind === 'star') step += 1;
  return step === glob.length;
}

function matchesChar(step: Step, char: string): boolean {
  if (step.kind === 'any') return true;
  if (step.kind === 'literal') return step.char === char;
  if (step.kind === 'star') return false;
  const code = char.codePointAt(0)!;
  const within = step.ranges.some(([from, to]) => from.codePointAt(0)! <= code && code <= to.codePointAt(0)!);
  return within !== step.negated;
}
