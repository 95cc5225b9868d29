import { compareKeys } from './order.ts';
import { toYaml } from './yaml.ts';

const value = (text: string) => toYaml([{ a: text }]).slice(3, -1);

test('KZE-930: documents are joined by a separator, nothing gives nothing', () => {
  expect(toYaml([])).toBe('');
  expect(toYaml([{ a: 1 }, { b: 2 }])).toBe('a: 1\n---\nb: 2\n');
});

test('KZE-931: block style, lists at the level of their key, empty collections', () => {
  expect(toYaml([{ l: ['a', ['b', 'c'], { d: 1, e: [] }], m: { x: {} }, n: null, t: true }])).toBe(
    'l:\n- a\n- - b\n  - c\n- d: 1\n  e: []\nm:\n  x: {}\n"n": null\nt: true\n',
  );
});

test('KZE-932: keys in natural order', () => {
  const keys = ['z10', 'z2', 'ab', 'aB', 'a.b', 'a-b', 'Z1', '10', '9', '_u', '-dash'];
  expect(keys.sort(compareKeys)).toEqual(['-dash', '_u', '9', '10', 'Z1', 'a-b', 'a.b', 'aB', 'ab', 'z2', 'z10']);
});

test.each([
  [1, '1'],
  [-0, '0'],
  [1e3, '1000'],
  [1234567.5, '1.2345675e+06'],
  [0.00001, '1e-05'],
  [0.0001, '0.0001'],
  [123456.5, '123456.5'],
  [1e20, '1e+20'],
  [1.2345678901234568e29, '1.2345678901234568e+29'],
  [2 ** 53, '9007199254740992'],
  [18446744073709551615n, '18446744073709551615'],
  [-9223372036854775808n, '-9223372036854775808'],
])('KZE-933: %p is written %s', (number, text) => {
  expect(toYaml([{ a: number }])).toBe(`a: ${text}\n`);
});

test.each([
  ...['y', 'NO', 'on', '0777', '0o17', '0x10', '1e5', '1_000', '+5', '2020-01-01', '', '~', '1:30', '12:30:45'].map(
    (text): [string, string] => [text, `"${text}"`],
  ),
  ...['0x', '1e', '1.2.3', '1:70', '=', '<<', '_1', '~x', '$(X)', '${X}:80', 'a#b', '-a', ':a', '?b'].map(
    (text): [string, string] => [text, text],
  ),
  ['{{ x }}', "'{{ x }}'"],
  ["it's: x", "'it''s: x'"],
  ['...', "'...'"],
  ['tab\there', '"tab\\there"'],
  ['\u{1f600}', '"\\U0001F600"'],
] satisfies [string, string][])('KZE-934, KZE-935, KZE-936, KZE-937, KZE-938: %j is written %s', (text, written) => {
  expect(value(text)).toBe(written);
});

test('KZE-940: headers of literal blocks', () => {
  expect(value('a\n')).toBe('|\n  a');
  expect(value('a\nb')).toBe('|-\n  a\n  b');
  expect(value('a\n\n')).toBe('|+\n  a\n');
  expect(value(' a\n')).toBe('|2\n   a');
  expect(value('\n')).toBe('|2+\n');
});

test('KZE-942: keys that are long or have several lines are explicit', () => {
  const long = 'k'.repeat(129);
  expect(toYaml([{ [long]: 1 }])).toBe(`? ${long}\n: 1\n`);
  expect(toYaml([{ ['k'.repeat(128)]: 1 }])).toBe(`${'k'.repeat(128)}: 1\n`);
});

test('KZE-943: lone surrogates become replacement characters', () => {
  expect(value('a\ud800b')).toBe('a\ufffdb');
});

test('KZE-977: keys like __proto__ are ordinary', () => {
  const object = JSON.parse('{"__proto__": {"a": 1}, "constructor": "x"}') as object;
  expect(toYaml([object])).toBe('__proto__:\n  a: 1\nconstructor: x\n');
});
