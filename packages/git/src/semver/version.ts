/** Semantic versions as version tags are written: an optional `v`, and numbers that may have leading zeros. */

/** A parsed version. Numbers are bigint-free: parts beyond 2^53 are refused. */
export interface Version {
  major: number;
  minor: number;
  patch: number;
  /** Identifiers of the prerelease, empty for a release. */
  prerelease: readonly string[];
  /** Build metadata without `+`; it does not count in comparisons. */
  build: string;
  /** The text that was parsed. */
  original: string;
}

const shape =
  /^v?(\d{1,16})\.(\d{1,16})\.(\d{1,16})(?:-([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?(?:\+([0-9A-Za-z-]+(?:\.[0-9A-Za-z-]+)*))?$/;

/** Reads a complete version of three numbers; undefined for anything else, such as `v1.2` (SRC-269). */
export function parseVersion(text: string): Version | undefined {
  if (text.length > 256) return undefined;
  const found = shape.exec(text);
  if (found === null) return undefined;
  const [, major, minor, patch, prerelease, build = ''] = found;
  const identifiers = prerelease === undefined ? [] : prerelease.split('.');
  // Numeric identifiers of a prerelease have no leading zeros (semver.org, item 9).
  if (identifiers.some((identifier) => /^0\d+$/.test(identifier))) return undefined;
  const numbers = [Number(major), Number(minor), Number(patch)] as const;
  if (!numbers.every(Number.isSafeInteger)) return undefined;
  return { major: numbers[0], minor: numbers[1], patch: numbers[2], prerelease: identifiers, build, original: text };
}

/** Negative, zero or positive as `a` precedes, equals or follows `b`; build metadata is ignored. */
export function compareVersions(a: Version, b: Version): number {
  return a.major - b.major || a.minor - b.minor || a.patch - b.patch || comparePrereleases(a.prerelease, b.prerelease);
}

function comparePrereleases(a: readonly string[], b: readonly string[]): number {
  if (a.length === 0 || b.length === 0) return b.length - a.length;
  for (let i = 0; i < Math.min(a.length, b.length); i++) {
    const order = compareIdentifiers(a[i]!, b[i]!);
    if (order !== 0) return order;
  }
  return a.length - b.length;
}

function compareIdentifiers(a: string, b: string): number {
  if (a === b) return 0;
  const [aIsNumber, bIsNumber] = [/^\d+$/.test(a), /^\d+$/.test(b)];
  if (aIsNumber !== bIsNumber) return aIsNumber ? -1 : 1;
  if (aIsNumber) return a.length - b.length || (a < b ? -1 : 1);
  return a < b ? -1 : 1;
}
