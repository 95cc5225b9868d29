/**
 * The range dialect of version selectors: comparators joined by comma or blank (and), groups joined by `||` (or),
 * wildcards, hyphen ranges, `~` and `^` (SRC-619…633).
 */
import { compareVersions, parseVersion, type Version } from './version.ts';

/** A compiled range. */
export interface VersionConstraint {
  /** The text it was made from. */
  readonly original: string;
  /** Whether a version lies within the range. */
  matches(version: Version): boolean;
}

/** The text is not a range. */
export class ConstraintError extends Error {
  override readonly name = 'ConstraintError';
}

/** A version in a comparator, whose minor and patch may be missing or wildcards. */
interface PartialVersion {
  base: Version;
  anyMajor: boolean;
  anyMinor: boolean;
  anyPatch: boolean;
}

type Test = (version: Version) => boolean;

type Operator = '=>' | '>=' | '=<' | '<=' | '!=' | '~>' | '=' | '>' | '<' | '~' | '^' | '';

const part = String.raw`(?:\d{1,16}|[xX*])`;
const versionText = String.raw`v?${part}(?:\.${part})?(?:\.${part})?(?:-[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?(?:\+[0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*)?`;
const operatorText = String.raw`(?:=>|>=|=<|<=|!=|~>|[=<>~^])?`;
const comparatorAt = new RegExp(String.raw`(${operatorText})\s*(${versionText})(?=[\s,]|$)`, 'y');
const hyphenRange = new RegExp(String.raw`(^|[\s,])\s*(${versionText})\s+-\s+(${versionText})(?=[\s,]|$)`, 'g');

/**
 * Compiles a range.
 *
 * @throws ConstraintError `improper constraint: "…"`.
 */
export function parseConstraint(text: string): VersionConstraint {
  if (text.length > 4096) throw new ConstraintError('improper constraint: longer than 4096 characters');
  const groups = text.split('||').map((group) => parseGroup(group, text));
  return { original: text, matches: (version) => groups.some((group) => group(version)) };
}

function parseGroup(group: string, whole: string): Test {
  const rewritten = group.replace(hyphenRange, '$1>=$2,<=$3').trim();
  const tests: Test[] = [];
  let allowsPrereleases = false;
  for (let at = 0; at < rewritten.length || tests.length === 0;) {
    comparatorAt.lastIndex = at;
    const found = comparatorAt.exec(rewritten);
    if (found === null) throw new ConstraintError(`improper constraint: ${JSON.stringify(whole)}`);
    const version = parsePartial(found[2]!);
    allowsPrereleases ||= version.base.prerelease.length > 0;
    tests.push(comparator(found[1] as Operator, version));
    at = comparatorAt.lastIndex + /^\s*,?\s*/.exec(rewritten.slice(comparatorAt.lastIndex))![0].length;
    if (at >= rewritten.length && rewritten.endsWith(',')) {
      throw new ConstraintError(`improper constraint: ${JSON.stringify(whole)}`);
    }
  }
  // One comparator with a prerelease opens the whole group to prereleases, of any version (SRC-619).
  return (version) => (allowsPrereleases || version.prerelease.length === 0) && tests.every((test) => test(version));
}

function parsePartial(text: string): PartialVersion {
  const [, numbers = '', rest = ''] = /^v?([^-+]*)(.*)$/s.exec(text)!;
  const parts = numbers.split('.');
  const isWild = (index: number) => parts[index] === undefined || /^[xX*]$/.test(parts[index]);
  const anyMajor = isWild(0);
  const anyMinor = anyMajor || isWild(1);
  const anyPatch = anyMinor || isWild(2);
  const digits = [anyMajor ? '0' : parts[0], anyMinor ? '0' : parts[1], anyPatch ? '0' : parts[2]];
  const base = parseVersion(`${digits.join('.')}${rest}`);
  if (base === undefined) throw new ConstraintError(`improper constraint: ${JSON.stringify(text)}`);
  return { base, anyMajor, anyMinor, anyPatch };
}

function comparator(operator: Operator, partial: PartialVersion): Test {
  const { base, anyMajor, anyMinor, anyPatch } = partial;
  const order = (version: Version) => compareVersions(version, base);
  // Whether the numbers that are given agree; missing ones agree with everything.
  const within: Test = (version) =>
    anyMajor || (version.major === base.major && (anyMinor || version.minor === base.minor));
  switch (operator) {
    case '':
    case '=':
      return anyPatch ? tilde(partial) : (version) => order(version) === 0;
    case '!=':
      return anyPatch ? (version) => !within(version) : (version) => order(version) !== 0;
    case '>':
      if (!anyPatch) return (version) => order(version) > 0;
      // `>11` means the next major, `>11.1` the next minor.
      if (anyMajor) return () => false;
      return (version) =>
        version.major > base.major || (version.major === base.major && !anyMinor && version.minor > base.minor);
    case '<':
      return (version) => order(version) < 0;
    case '>=':
    case '=>':
      return (version) => order(version) >= 0;
    case '<=':
    case '=<':
      if (!anyPatch) return (version) => order(version) <= 0;
      return (version) => within(version) || order(version) < 0;
    case '~':
    case '~>':
      return tilde(partial);
    case '^':
      return caret(partial);
  }
}

/** `~1.2.3`: up to the next minor; `~1`: up to the next major. */
function tilde({ base, anyMajor, anyMinor }: PartialVersion): Test {
  return (version) =>
    compareVersions(version, base) >= 0 &&
    (anyMajor || (version.major === base.major && (anyMinor || version.minor === base.minor)));
}

/** `^1.2.3`: up to the next change of the leftmost number that is not zero. */
function caret({ base, anyMajor, anyMinor, anyPatch }: PartialVersion): Test {
  return (version) => {
    if (compareVersions(version, base) < 0) return false;
    if (anyMajor) return true;
    if (version.major !== base.major) return false;
    if (base.major > 0 || anyMinor) return true;
    if (version.minor !== base.minor) return false;
    return base.minor > 0 || anyPatch || version.patch === base.patch;
  };
}
