import { compileRegex, RegexError } from './re2.ts';

test('matches anywhere, and in full', () => {
  const regex = compileRegex('b+');
  expect(regex.test('abbc')).toBe(true);
  expect(regex.matches('abbc')).toBe(false);
  expect(regex.matches('bb')).toBe(true);
  expect(compileRegex('b+')).toBe(regex);
});

test('groups by number and by name', () => {
  expect(compileRegex('(?P<key>\\w+)=(\\d+)?').exec('x a=1')).toEqual({
    text: 'a=1',
    index: 2,
    groups: ['a=1', 'a', '1'],
    named: { key: 'a' },
  });
  expect(compileRegex('x').exec('y')).toBeUndefined();
});

test('replacement by template and by function', () => {
  const regex = compileRegex('(?P<n>\\d+)');
  expect(regex.replaceAll('a1b22', '<$1|${n}|$$>')).toBe('a<1|1|$>b<22|22|$>');
  expect(regex.replaceAll('a1b22', (match) => String(match.text.length))).toBe('a1b2');
});

test('a pattern that would hang a backtracking engine answers', () => {
  expect(compileRegex('^(a+)+$').test(`${'a'.repeat(5000)}b`)).toBe(false);
});

test('bad and oversized patterns are typed errors', () => {
  expect(() => compileRegex('(')).toThrow(RegexError);
  expect(() => compileRegex('(?=a)')).toThrow(RegexError);
  expect(() => compileRegex('a'.repeat(10_001))).toThrow('longer than 10000');
});
