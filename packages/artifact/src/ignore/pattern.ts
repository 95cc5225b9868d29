import { type PathFilter } from '../archive/entry.ts';
import { compileElement, matchesElement, type ElementGlob } from './glob.ts';

/** One line of an ignore file, compiled. */
export interface IgnorePattern {
  /** Directory that the pattern is relative to and applies below; empty for the root. */
  base: readonly string[];
  /** The line began with `!`: what it matches is kept. */
  includes: boolean;
  /** The line ended with `/`: the last element must be a directory. */
  directoryOnly: boolean;
  /** The pattern has a `/` and so is matched from its base; otherwise it is compared with every path element. */
  anchored: boolean;
  elements: readonly PatternElement[];
}

/** An element of a pattern: a glob, `**` (any number of directories), or empty (skipped). */
type PatternElement =
  | { kind: 'glob'; glob: ElementGlob }
  | { kind: 'directories' }
  | { kind: 'empty' }
  /** `**` among other characters in an anchored pattern. */
  | { kind: 'never' };

/** Compiles the lines of an ignore file, or a list of patterns, that apply below `base` (SRC-408). */
export function parsePatterns(lines: string | readonly string[], base = ''): IgnorePattern[] {
  const folders = base === '' ? [] : base.split('/');
  const list = typeof lines === 'string' ? lines.split('\n').map((line) => line.replace(/\r$/, '')) : lines;
  return list.filter((line) => !line.startsWith('#') && line.trim() !== '').map((line) => parsePattern(line, folders));
}

function parsePattern(line: string, base: readonly string[]): IgnorePattern {
  let rest = line;
  const includes = rest.startsWith('!');
  if (includes) rest = rest.slice(1);
  if (!rest.endsWith('\\ ')) rest = trimEndSpaces(rest);
  const directoryOnly = rest.endsWith('/');
  if (directoryOnly) rest = rest.slice(0, -1);
  const anchored = rest.includes('/');
  const elements = rest.split('/').map((text): PatternElement => {
    if (anchored && text === '') return { kind: 'empty' };
    if (anchored && text === '**') return { kind: 'directories' };
    if (anchored && text.includes('**')) return { kind: 'never' };
    return { kind: 'glob', glob: compileElement(text) };
  });
  return { base, includes, directoryOnly, anchored, elements };
}

function trimEndSpaces(text: string): string {
  let end = text.length;
  while (text[end - 1] === ' ') end -= 1;
  return text.slice(0, end);
}

/** Decides by the last pattern that matches; what none matches is kept (SRC-409). */
export function ignoreFilter(patterns: readonly IgnorePattern[]): PathFilter {
  return {
    prunes: !patterns.some((pattern) => pattern.includes),
    ignores(path, isDirectory) {
      const elements = path.split('/');
      for (let i = patterns.length - 1; i >= 0; i--) {
        const pattern = patterns[i]!;
        if (matches(pattern, elements, isDirectory)) return !pattern.includes;
      }
      return false;
    },
  };
}

function matches(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const { base } = pattern;
  if (path.length <= base.length || base.some((name, i) => path[i] !== name)) return false;
  return pattern.anchored ? matchesAnchored(pattern, path, isDirectory) : matchesAnyElement(pattern, path, isDirectory);
}

/** SRC-410. */
function matchesAnyElement(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const element = pattern.elements[0];
  if (element?.kind !== 'glob') return false;
  for (let i = pattern.base.length; i < path.length; i++) {
    if (!matchesElement(element.glob, path[i]!)) continue;
    return !(pattern.directoryOnly && !isDirectory && i === path.length - 1);
  }
  return false;
}

/** SRC-411. What `**` spans is decided greedily by the first element that fits, without going back. */
function matchesAnchored(pattern: IgnorePattern, path: readonly string[], isDirectory: boolean): boolean {
  const { elements } = pattern;
  let at = pattern.base.length;
  let matched = false;
  let spanning = false;
  for (const [i, element] of elements.entries()) {
    if (element.kind === 'never') return false;
    if (element.kind === 'empty') {
      spanning = false;
    } else if (element.kind === 'directories') {
      if (i === elements.length - 1) break;
      spanning = true;
    } else {
      if (at === path.length) return false;
      if (spanning) {
        spanning = false;
        while (at < path.length) {
          if (matchesElement(element.glob, path[at++]!)) {
            matched = true;
            break;
          }
          if (at === path.length) matched = false;
        }
      } else if (matchesElement(element.glob, path[at]!)) {
        matched = true;
        at += 1;
      } else {
        return false;
      }
    }
  }
  return matched && !(pattern.directoryOnly && !isDirectory && at === path.length);
}
