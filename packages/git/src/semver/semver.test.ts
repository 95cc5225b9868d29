import { ConstraintError, parseConstraint } from './constraint.ts';
import { compareVersions, parseVersion } from './version.ts';

const matches = (range: string, text: string) => parseConstraint(range).matches(parseVersion(text)!);

describe('version ranges', () => {
  const vectors: [name: string, range: string, within: string[], outside: string[]][] = [
    ['SRC-620', '*', ['1.0.0'], ['1.0.0-rc.1']],
    ['SRC-620', 'x', ['1.0.0'], ['1.0.0-rc.1']],
    ['SRC-621', '*-0', ['1.0.0', '1.0.0-rc1'], []],
    ['SRC-622', '>=1.0.0-0', ['1.0.0-rc.1', '2.0.0-alpha', '1.0.0'], []],
    ['SRC-619, SRC-623', '>=1.0.0-0 <1.1.0', ['1.0.5-rc.1', '1.1.0-rc.1'], ['1.1.0']],
    ['SRC-624', '>=1.0.0-0 <1.1.0-0', ['1.0.0-alpha', '1.0.5-rc.1'], ['1.1.0-0', '1.1.0-rc.1']],
    ['SRC-625', '^1.2.3-beta.2', ['1.2.3-beta.4', '1.2.4-beta.2', '1.5.0-rc.1'], ['2.0.0-rc.1']],
    ['SRC-626', '~1.2', ['1.2.9'], ['1.3.0']],
    ['SRC-626', '~1.2.3', ['1.2.9'], ['1.3.0']],
    ['SRC-626', '1.x', ['1.9.9'], ['2.0.0']],
    ['SRC-626', '^0.2.3', ['0.2.9'], ['0.3.0']],
    ['SRC-626', '^0.0.3', ['0.0.3'], ['0.0.4']],
    ['SRC-626', '^0.0', ['0.0.9'], ['0.1.0']],
    ['SRC-627', '1.2 - 1.4.5', ['1.2.0', '1.4.5'], ['1.4.6']],
    ['SRC-628', '1.2.3 || >=2', ['1.2.3', '2.5.0'], ['1.9.0']],
    ['SRC-629', '!=1.2.3', ['1.2.4'], ['1.2.3', '1.2.4-rc1']],
    ['SRC-630', '=1.2.3', ['v1.2.3', '1.2.3+b1'], []],
    ['SRC-631', '>1.2.3', ['1.2.4'], ['1.2.3+build']],
    ['SRC-632', '>= 2025.01.01', ['v2025.07.03'], []],
    ['SRC-619: one prerelease opens its own group only', '>=1.0.0-0 <1.1.0 || 3.x', ['1.0.1-a', '3.1.0'], ['3.1.0-a']],
    ['comma and blank both mean and', '>1.0.0, <2.0.0 !=1.5.0', ['1.4.0'], ['1.5.0', '2.0.0']],
    ['partial versions', '>1.2', ['1.3.0', '2.0.0'], ['1.2.9']],
    ['partial versions', '<=1.2', ['1.2.9', '1.0.0'], ['1.3.0']],
    ['spellings of operators', '=>1.0 =<2.0.0 ~>1.5', ['1.5.9'], ['1.6.0']],
  ];
  for (const [name, range, within, outside] of vectors) {
    test(`${name}: ${range}`, () => {
      expect(within.filter((version) => !matches(range, version))).toEqual([]);
      expect(outside.filter((version) => matches(range, version))).toEqual([]);
    });
  }

  test.each(['', 'latest', '1.2.3 latest', '>', '1.2.3,', '1.2.3.4', '||'])('SRC-633: %j is refused', (range) => {
    expect(() => parseConstraint(range)).toThrow(ConstraintError);
    expect(() => parseConstraint(range)).toThrow(`improper constraint: ${JSON.stringify(range)}`);
  });

  test('a long range is refused or decided at once', () => {
    expect(() => parseConstraint('1'.repeat(100_000))).toThrow(ConstraintError);
    expect(() => parseConstraint(`${' '.repeat(4000)}-`)).toThrow(ConstraintError);
    expect(() => parseConstraint(`1.0.0${' '.repeat(4000)}-`)).toThrow(ConstraintError);
  });
});

describe('versions', () => {
  test('SRC-269: what counts as a version', () => {
    for (const text of ['1.2.3', 'v1.2.3', 'v2025.07.03', '1.0.0-alpha.1+b']) expect(parseVersion(text)).toBeDefined();
    for (const text of ['v1.2', 'v1', '1.2.3.4', 'x', '', 'V1.2.3', '1.2.3-'])
      expect(parseVersion(text)).toBeUndefined();
  });

  test('precedence: prereleases before releases, numbers before names, build ignored', () => {
    const ordered = ['1.0.0-1', '1.0.0-2', '1.0.0-11', '1.0.0-alpha', '1.0.0-alpha.1', '1.0.0-beta', '1.0.0', '1.0.1'];
    const shuffled = [...ordered].reverse().map((text) => parseVersion(text)!);
    expect(shuffled.sort(compareVersions).map((version) => version.original)).toEqual(ordered);
    expect(compareVersions(parseVersion('1.0.0+a')!, parseVersion('1.0.0+b')!)).toBe(0);
  });
});
