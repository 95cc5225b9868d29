import { SubstitutionError } from './errors.ts';
import { substitute, type SubstituteOptions } from './substitute.ts';

const v = (value: string) => ({ v: value });

function failure(text: string, variables: Record<string, string> = {}, options?: SubstituteOptions): SubstitutionError {
  try {
    substitute(text, variables, options);
  } catch (error) {
    if (error instanceof SubstitutionError) return error;
    throw error;
  }
  throw new Error(`no error for ${text}`);
}

describe('text level', () => {
  test.each([
    ['$$', '$'],
    ['$$$$', '$$'],
    ['$$$', '$$'],
    ['$${x}', '${x}'],
    ['$x', '$x'],
    ['$(x)', '$(x)'],
    ['a $ b', 'a $ b'],
    ['end$', 'end$'],
    ['\\${x}', '\\1'],
    ['$$$$${x}', '$$1'],
  ])('%s → %s', (input, output) => {
    expect(substitute(input, { x: '1' })).toBe(output);
  });

  test('KUS-158: a dollar made of two never starts an expression', () => {
    expect(substitute('$$$${x}', { x: '1' })).toBe('$${x}');
    expect(substitute('$$$$x', { x: '1' })).toBe('$$x');
  });

  test('KUS-151: values are not expanded again', () => {
    expect(substitute('${a}', { a: '${b}', b: '1' })).toBe('${b}');
  });

  test('KUS-156 KUS-425: shell text only changes $$', () => {
    const script = `a=$(cmd); b=$HOME; awk '{print $1}'; c=$$(cmd)`;
    expect(substitute(script, {})).toBe(`a=$(cmd); b=$HOME; awk '{print $1}'; c=$(cmd)`);
  });
});

describe('KUS-175: the pinned examples', () => {
  test.each([
    ['abcdef', '${v:2}', 'cdef'],
    ['abcdef', '${v:1:3}', 'bcd'],
    ['abcdef', '${v#a*}', 'bcdef'],
    ['abcdef', '${v##a*}', ''],
    ['abcdef', '${v%f}', 'abcde'],
    ['abcdef', '${v/c/X}', 'abXdef'],
    ['abcdef', '${#v}', '6'],
    ['abcdef', '${v^}', 'Abcdef'],
    ['a/b/c', '${v##*/}', 'c'],
    ['a/b/c', '${v%/*}', 'a/b'],
    ['a/b/c', '${v//\\//-}', 'a-b-c'],
    ['a/b/c', '${v/\\//$$}', 'a$b/c'],
  ])('%s in %s → %s', (value, input, output) => {
    expect(substitute(input, v(value))).toBe(output);
  });
});

describe('functions', () => {
  test.each([
    ['ABC', '${v,}', 'aBC'],
    ['ABC', '${v,,}', 'abc'],
    ['abc', '${v^^}', 'ABC'],
    ['ß', '${v^^}', 'ß'],
    ['é', '${#v}', '2'],
    ['é', '${v^}', 'É'],
  ])('case and length: %s in %s → %s', (value, input, output) => {
    expect(substitute(input, v(value))).toBe(output);
  });

  test('KUS-171: combinations of case marks without a meaning leave the value', () => {
    expect(substitute('${v,^}', v('Ab'))).toBe('Ab');
  });

  test.each([
    ['${v:6}', ''],
    ['${v:9}', ''],
    ['${v:4:99}', 'ef'],
    ['${v: -3}', 'abcdef'],
    ['${v:x}', 'abcdef'],
    ['${v:1:x}', 'abcdef'],
    ['${v:${n}}', 'def'],
    ['${v:${far}}', 'abcdef'],
  ])('KUS-159: %s → %s', (input, output) => {
    expect(substitute(input, { v: 'abcdef', n: '-3', far: '-99' })).toBe(output);
  });

  test('KUS-159: a negative length is an error', () => {
    expect(failure('${v:1:-1}', v('abc')).code).toBe('negative-length');
  });

  test.each(['${v:}', '${v:2:}', '${v#}', '${v%}'])('KUS-160: %s', (input) => {
    expect(failure(input, v('abc')).message).toContain('unable to parse substitution within function');
  });

  test.each([
    ['aaab', '${v#a}', 'aab'],
    ['abcabc', '${v#*}', 'bcabc'],
    ['abcabc', '${v##*b}', 'c'],
    ['xyz', '${v#[a-z]}', 'yz'],
    ['xyz', '${v#[^a]}', 'yz'],
    ['!yz', '${v#[!]}', 'yz'],
    ['xyz', '${v#[!x]}', 'yz'],
    ['*yz', '${v#\\*}', 'yz'],
    ['xyz', '${v#\\*}', 'xyz'],
    ['xyz', '${v#?}', 'yz'],
    ['xyz', '${v#[a-}', 'xyz'],
    ['a/b/c', '${v##*/}', 'c'],
    ['xyz', '${v#y}', 'xyz'],
  ])('KUS-161: %s in %s → %s', (value, input, output) => {
    expect(substitute(input, v(value))).toBe(output);
  });

  test.each([
    ['a.tar.gz', '${v%.*}', 'a.tar'],
    ['a.tar.gz', '${v%%.*}', 'a'],
    ['abc', '${v%?}', 'ab'],
    ['abc', '${v%x}', 'abc'],
  ])('KUS-162: %s in %s → %s', (value, input, output) => {
    expect(substitute(input, v(value))).toBe(output);
  });

  test.each([
    ['a.b.c', '${v/./-}', 'a-b.c'],
    ['a.b.c', '${v//./-}', 'a-b-c'],
    ['a/b', '${v/\\//\\\\}', 'a\\b'],
    ['aXb', '${v/X/$$}', 'a$b'],
    ['abab', '${v/b/}', 'aab'],
    ['abab', '${v//b/}', 'aa'],
    ['abab', '${v/#a/}', 'abab'],
    ['abab', '${v/%b/}', 'abab'],
    ['abab', '${v/#a/X}', 'Xbab'],
    ['abab', '${v/%b/X}', 'abaX'],
    ['abab', '${v/%a/X}', 'abab'],
    ['a*b', '${v/*/+}', 'a+b'],
  ])('KUS-163: %s in %s → %s', (value, input, output) => {
    expect(substitute(input, v(value))).toBe(output);
  });

  test('KUS-163: a missing second slash', () => {
    expect(failure('${v/b}', v('abc')).message).toContain('bad substitution');
  });

  test('KUS-164: repeated delimiters are one', () => {
    expect(substitute('${v/b//X}', v('abc'))).toBe('aXc');
    expect(substitute('${v:2::3}', v('abcdef'))).toBe('cde');
  });

  test('KUS-165: an argument is text or one expression, not both', () => {
    expect(substitute('${v#${a}}', { v: 'abc', a: 'ab' })).toBe('c');
    expect(failure('${v#1${a}}', { v: 'abc', a: 'ab' }).message).toContain('bad substitution');
  });
});

describe('defaults', () => {
  test.each(['=', ':=', ':-', ':+', ':?'])('KUS-167: %s yields the value, or the word when empty', (operator) => {
    expect(substitute(`\${v${operator}w}`, v('x'))).toBe('x');
    expect(substitute(`\${v${operator}w}`, v(''))).toBe('w');
    expect(substitute(`\${v${operator}w}`, {})).toBe('w');
  });

  test('KUS-166: words mix text and expressions, without escapes', () => {
    expect(substitute('${v:-a ${b:-c} $$ "d"}', {})).toBe('a c $$ "d"');
    expect(substitute('${v:-a}}', {})).toBe('a}');
  });

  test('KUS-169: an empty word makes a variable optional', () => {
    for (const text of ['${v:-}', '${v:=}', '${v=}']) expect(substitute(text, {})).toBe('');
  });

  test.each(['${v-w}', '${v+w}', '${v?w}'])('KUS-168: %s', (input) => {
    expect(failure(input, v('x')).message).toContain('missing closing brace');
  });
});

describe('strict mode', () => {
  test('KUS-154 KUS-422: an undefined variable fails, one defined as empty does not', () => {
    const error = failure('a\n${b}', {});
    expect(error.message).toContain('variable not set (strict mode): "b"');
    expect(error).toMatchObject({ code: 'variable-not-set', variable: 'b', line: 2 });
    expect(substitute('[${b}]', { b: '' })).toBe('[]');
  });

  test('KUS-155: without it undefined variables are empty', () => {
    expect(substitute('[${b}][${b^}]', {}, { strict: false })).toBe('[][]');
  });

  test('KUS-170: a digit may lead a name', () => {
    expect(substitute('[${1}]', {}, { strict: false })).toBe('[]');
    expect(failure('${1}').message).toContain('strict mode');
  });

  test('KUS-172: arguments are evaluated although unused', () => {
    expect(failure('${a:-${b}}', { a: '1' }).variable).toBe('b');
  });

  test.each(['${v^}', '${v/a/b}', '${#v}', '${v:1}', '${v#a}'])('KUS-173: %s needs its variable', (input) => {
    expect(failure(input).code).toBe('variable-not-set');
  });

  test('names inherited from the host are not variables', () => {
    expect(failure('${constructor}').code).toBe('variable-not-set');
  });
});

describe('KUS-174: syntax errors', () => {
  test.each(['${}', '${!x}', '${ x}', '${'])('%s', (input) => {
    expect(failure(input).message).toContain('unable to parse variable name');
  });
  test.each(['${x', '${x y}', '${x }', '${a.b}', '${a-b}'])('%s', (input) => {
    expect(failure(input, { x: '1', a: '1' }).message).toContain('missing closing brace');
  });
  test('no text of the template in the message', () => {
    expect(failure('password: hunter2 ${x', { x: 'hunter3' }).message).not.toMatch(/hunter/);
  });
});

describe('limits', () => {
  test('output that grows past the limit is refused', () => {
    const text = '${v//a/${w}}';
    const variables = { v: 'a'.repeat(10_000), w: 'b'.repeat(10_000) };
    expect(failure(text, variables).code).toBe('too-large');
    expect(failure('${v}${v}', variables, { maxOutputLength: 15_000 }).code).toBe('too-large');
  });

  test('a pattern of many stars over a long value is refused or answered, never hung on', () => {
    expect(substitute('${v##*a*a*a*a*a*b}', v('a'.repeat(20_000)))).toHaveLength(20_000);
    expect(failure('${v##${p}}', { v: 'a'.repeat(100_000), p: '?*'.repeat(1000) }).code).toBe('too-large');
  });

  test('nesting past the limit is refused', () => {
    expect(failure('${a:-'.repeat(1000) + '}'.repeat(1000)).code).toBe('bad-substitution');
  });
});
