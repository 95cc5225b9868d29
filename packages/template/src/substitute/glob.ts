/**
 * Glob patterns of the `#`, `##`, `%` and `%%` forms (KUS-161): `*`, `?`, `[a-z]`, `[^a]` and `\c`, where `*` also
 * spans slashes. The matcher walks value and pattern together, so that its cost is their product whatever they hold.
 */

type Token = { kind: 'star' } | { kind: 'set'; negated: boolean; ranges: [number, number][] };

/** A parsed pattern; `undefined` from `parseGlob` stands for an invalid one. */
export type Glob = Token[];

/** Parses a pattern; answers undefined for an invalid one (unclosed set, empty set, trailing backslash). */
export function parseGlob(pattern: string): Glob | undefined {
  const runes = Array.from(pattern, (rune) => rune.codePointAt(0)!);
  const tokens: Glob = [];
  let at = 0;

  const literal = (): number | undefined => {
    if (runes[at] === BACKSLASH) at++;
    return runes[at++];
  };
  const bound = (): number | undefined => (runes[at] === DASH || runes[at] === CLOSE ? undefined : literal());

  while (at < runes.length) {
    const rune = runes[at];
    if (rune === STAR) {
      at++;
      if (tokens.at(-1)?.kind !== 'star') tokens.push({ kind: 'star' });
    } else if (rune === QUESTION) {
      at++;
      tokens.push({ kind: 'set', negated: true, ranges: [] });
    } else if (rune === OPEN) {
      at++;
      const negated = runes[at] === CARET;
      if (negated) at++;
      const ranges: [number, number][] = [];
      while (ranges.length === 0 || runes[at] !== CLOSE) {
        const low = bound();
        if (low === undefined) return undefined;
        let high: number | undefined = low;
        if (runes[at] === DASH) {
          at++;
          high = bound();
          if (high === undefined) return undefined;
        }
        ranges.push([low, high]);
        if (at >= runes.length) return undefined;
      }
      at++;
      tokens.push({ kind: 'set', negated, ranges });
    } else {
      const value = literal();
      if (value === undefined) return undefined;
      tokens.push({ kind: 'set', negated: false, ranges: [[value, value]] });
    }
  }
  return tokens;
}

/**
 * Lengths, in runes, of the shortest and of the longest non-empty prefix of `runes` that `glob` matches; undefined
 * when it matches none. For suffixes pass both reversed.
 */
export function prefixMatches(glob: Glob, runes: readonly string[]): { shortest: number; longest: number } | undefined {
  let shortest: number | undefined;
  let longest = 0;
  let active = closure(glob, new Uint8Array(glob.length + 1).fill(1, 0, 1));
  for (let length = 1; length <= runes.length; length++) {
    const rune = runes[length - 1]!.codePointAt(0)!;
    const next = new Uint8Array(glob.length + 1);
    let alive = false;
    for (let state = 0; state < glob.length; state++) {
      if (active[state] === 0) continue;
      const token = glob[state]!;
      if (token.kind === 'star') next[state] = 1;
      else if (accepts(token, rune)) next[state + 1] = 1;
      else continue;
      alive = true;
    }
    if (!alive) break;
    active = closure(glob, next);
    if (active[glob.length] === 1) {
      shortest ??= length;
      longest = length;
    }
  }
  return shortest === undefined ? undefined : { shortest, longest };
}

/** Adds the states reachable without reading: a star may match nothing. */
function closure(glob: Glob, states: Uint8Array): Uint8Array {
  for (let state = 0; state < glob.length; state++) {
    if (states[state] === 1 && glob[state]!.kind === 'star') states[state + 1] = 1;
  }
  return states;
}

function accepts(token: Token & { kind: 'set' }, rune: number): boolean {
  return token.ranges.some(([low, high]) => low <= rune && rune <= high) !== token.negated;
}

const [STAR, QUESTION, OPEN, CLOSE, CARET, DASH, BACKSLASH] = Array.from('*?[]^-\\', (c) => c.charCodeAt(0)) as [
  number,
  number,
  number,
  number,
  number,
  number,
  number,
];
