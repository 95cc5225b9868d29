import { compareIds, compress, statementsIn, statementsNamed } from './statements.ts';

const prefixes = new Set(['RTM', 'SRC', 'KZE']);

describe('statements of a specification', () => {
  test.each([
    ['- **SRC-1** API group', 'SRC-1'],
    ['  - **SRC-2** nested', 'SRC-2'],
    ['1. **RTM-181** Conditions', 'RTM-181'],
    ['| RTM-1 | GitRepository |', 'RTM-1'],
    ['| **RTM-2** | bold |', 'RTM-2'],
    ['| KZE-1018a | added later |', 'KZE-1018a'],
    ['**SRC-3** paragraph', 'SRC-3'],
  ])('%s', (line, id) => expect(statementsIn(line)).toEqual([id]));

  test('references make no statement, also where a wrapped line begins with one', () => {
    expect(statementsIn('- **SRC-1** like RTM-5\n  SRC-2 says\n| a | RTM-7 |')).toEqual(['SRC-1']);
  });
});

describe('statements that a test names', () => {
  test.each([
    ['SRC-1: one', ['SRC-1']],
    ['RTM-16, RTM-17: two', ['RTM-16', 'RTM-17']],
    ['RTM-16, 17 and 19: three', ['RTM-16', 'RTM-17', 'RTM-19']],
    ['RTM-16…18: a range', ['RTM-16', 'RTM-17', 'RTM-18']],
    ['RTM-16…RTM-18, SRC-4: a range and one', ['RTM-16', 'RTM-17', 'RTM-18', 'SRC-4']],
    ['RTM-16–18, 20: a range with a dash and one', ['RTM-16', 'RTM-17', 'RTM-18', 'RTM-20']],
    ['RTM-16-18: with a hyphen', ['RTM-16', 'RTM-17', 'RTM-18']],
    ['RTM-16..18 elsewhere', ['RTM-16', 'RTM-17', 'RTM-18']],
    ['SRC-4/6: two', ['SRC-4', 'SRC-6']],
    ['KZE-1018a: with a letter', ['KZE-1018a']],
    ['a sentence (SRC-12, SRC-13)', ['SRC-12', 'SRC-13']],
    ['SRC-12 answers 404, 500 and 3 others', ['SRC-12']],
    ['SRC-12, 404 is an answer', ['SRC-12']],
    ['SHA-256 and UTF-8', []],
  ])('%s', (name, ids) => expect(statementsNamed(name, prefixes)).toEqual(ids));
});

test('missing numbers are shown as runs, which unused numbers do not interrupt', () => {
  const all = ['KZE-1', 'KZE-2', 'KZE-5', 'KZE-6', 'KZE-7', 'KZE-7a', 'KZE-9'];
  expect(compress(['KZE-1', 'KZE-2', 'KZE-5', 'KZE-7', 'KZE-9'], all)).toBe('1–5, 7, 9');
  expect(compress(['KZE-9', 'KZE-7a'], all)).toBe('7a, 9');
  expect([...all].reverse().sort(compareIds)).toEqual(all);
});
