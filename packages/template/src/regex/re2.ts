import { RE2JS, RE2JSSyntaxException } from 're2js';

/** Longest pattern that is compiled, in UTF-16 units. */
const maxPatternLength = 10_000;
/** How many compiled patterns are kept. */
const cacheSize = 500;

/** A pattern that RE2 does not accept; the message says where and why. */
export class RegexError extends Error {
  override readonly name = 'RegexError';
  readonly pattern: string;

  constructor(pattern: string, message: string, cause?: unknown) {
    super(message, { cause });
    this.pattern = pattern;
  }
}

/** A compiled pattern. Matching takes time linear in the input. */
export interface Regex {
  readonly source: string;
  /** True when the pattern matches somewhere in `input`. */
  test(input: string): boolean;
  /** True when the pattern matches the whole of `input`. */
  matches(input: string): boolean;
  /** The first match: its text, offset, groups by number (0 is the whole) and by name; undefined without a match. */
  exec(input: string): RegexMatch | undefined;
  /** Replaces every match; `$1` and `${name}` in `replacement` name groups, `$$` is a dollar. */
  replaceAll(input: string, replacement: string | ((match: RegexMatch) => string)): string;
}

export interface RegexMatch {
  text: string;
  index: number;
  groups: (string | undefined)[];
  named: Record<string, string | undefined>;
}

const cache = new Map<string, Regex>();

/**
 * Compiles a pattern in RE2 syntax; the same pattern is compiled once.
 *
 * @throws RegexError when the syntax is wrong or the pattern is longer than 10,000 characters.
 */
export function compileRegex(pattern: string): Regex {
  const known = cache.get(pattern);
  if (known !== undefined) {
    cache.delete(pattern);
    cache.set(pattern, known);
    return known;
  }
  if (pattern.length > maxPatternLength)
    throw new RegexError(pattern, `regular expression is longer than ${maxPatternLength} characters`);
  let compiled: RE2JS;
  try {
    compiled = RE2JS.compile(pattern);
  } catch (error) {
    if (!(error instanceof RE2JSSyntaxException)) throw error;
    throw new RegexError(pattern, error.message, error);
  }
  const regex = wrap(pattern, compiled);
  cache.set(pattern, regex);
  if (cache.size > cacheSize) cache.delete(cache.keys().next().value!);
  return regex;
}

function wrap(source: string, compiled: RE2JS): Regex {
  const names = Object.entries(compiled.namedGroups() as Record<string, number>);
  const read = (matcher: ReturnType<RE2JS['matcher']>): RegexMatch => {
    const groups = Array.from({ length: matcher.groupCount() + 1 }, (_, group) => matcher.group(group) ?? undefined);
    return {
      text: groups[0] ?? '',
      index: matcher.start(0),
      groups,
      named: Object.fromEntries(names.map(([name, group]) => [name, groups[group]])),
    };
  };
  return {
    source,
    test: (input) => compiled.matcher(input).find(),
    matches: (input) => compiled.matcher(input).matches(),
    exec(input) {
      const matcher = compiled.matcher(input);
      return matcher.find() ? read(matcher) : undefined;
    },
    replaceAll(input, replacement) {
      const render = typeof replacement === 'string' ? (match: RegexMatch) => expand(replacement, match) : replacement;
      const matcher = compiled.matcher(input);
      const parts: string[] = [];
      let end = 0;
      while (matcher.find()) {
        const match = read(matcher);
        parts.push(input.slice(end, match.index), render(match));
        end = match.index + match.text.length;
      }
      parts.push(input.slice(end));
      return parts.join('');
    },
  };
}

function expand(replacement: string, match: RegexMatch): string {
  return replacement.replace(/\$(?:\$|(\w+)|\{(\w+)\})/g, (_, plain?: string, braced?: string) => {
    const name = plain ?? braced;
    if (name === undefined) return '$';
    return (/^\d+$/.test(name) ? match.groups[Number(name)] : match.named[name]) ?? '';
  });
}
