import { anchored } from './selector.ts';
import { parseLabelSelector } from './label-selector.ts';

const labels = new Map([
  ['app', 'web'],
  ['tier', ''],
  ['n', '5'],
  ['x.io/y', 'z'],
]);

test.each([
  ['', true],
  ['app', true],
  ['!app', false],
  ['none', false],
  ['!none', true],
  ['app=web', true],
  ['app==web', true],
  ['app = web , n', true],
  ['app!=web', false],
  ['none!=web', true],
  ['app in (a, web)', true],
  ['app in (a)', false],
  ['none notin (a)', true],
  ['app notin (web)', false],
  ['tier=', true],
  ['tier in (,a)', true],
  ['n>4', true],
  ['n<5', false],
  ['app>4', false],
  ['x.io/y=z', true],
  ['app=web,none', false],
])('KZE-550: selector %j is satisfied: %p', (selector, satisfied) => {
  expect(parseLabelSelector(selector).every((requirement) => requirement(labels))).toBe(satisfied);
});

test.each(['a=b=c', 'a,', '=b', 'a in b', 'a in (b', '-a', `a=${'x'.repeat(64)}`, 'a=b c', 'n>x', 'A_/b'])(
  'KZE-550, KZE-349: selector %j is refused',
  (selector) => {
    expect(() => parseLabelSelector(selector)).toThrow();
  },
);

test('KZE-548: expressions have to match as a whole, an empty one matches anything', () => {
  expect(anchored('a|b')('ab')).toBe(false);
  expect(anchored('a.*')('xa')).toBe(false);
  expect(anchored('')('anything')).toBe(true);
  expect(anchored('a.b')('axb')).toBe(true);
});

test('KZE-549: the dialect is RE2', () => {
  expect(anchored('(?i)ABC')('abc')).toBe(true);
  expect(anchored('(?P<n>a)[[:digit:]]')('a1')).toBe(true);
  expect(anchored('\\pL+')('é')).toBe(true);
  for (const pattern of ['(?<=a)b', '(a)\\1']) expect(() => anchored(pattern)).toThrow('error parsing regexp');
});
