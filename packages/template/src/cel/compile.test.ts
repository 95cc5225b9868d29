import { compileCel, parseCel } from './compile.ts';
import { CelError } from './errors.ts';

function failure(body: () => unknown): CelError {
  try {
    body();
  } catch (error) {
    if (error instanceof CelError) return error;
    throw error;
  }
  throw new Error('no error');
}

const object = {
  metadata: { name: 'web', generation: 2 },
  spec: { replicas: 3, ratio: 1.5, constructor: 'x' },
  status: {
    conditions: [
      { type: 'Ready', status: 'True' },
      { type: 'Synced', status: 'False' },
    ],
    names: ['b', 'a'],
    empty: [],
    since: '2026-01-01T10:00:00Z',
    uid: 'aks2j23-x',
  },
};

const yes = (expression: string) =>
  expect([expression, parseCel(expression).evaluateBoolean(object)]).toEqual([expression, true]);

describe('RTM-227 KUS-319: dialect', () => {
  test.each([
    `has(status.conditions) && !has(status.phase)`,
    `status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')`,
    `status.empty.all(e, false)`,
    `status.conditions.exists(e, e.type == 'Synced' && e.status == 'False')`,
    `status.conditions.exists_one(e, e.type == 'Ready')`,
    `status.conditions.map(e, e.type) == ['Ready', 'Synced']`,
    `'a' in status.names`,
    `spec.replicas > 2.5 && spec.replicas == 3.0 && 3 == 3.0 && spec.ratio < 2`,
    `spec.replicas / 2 == 1`,
    `spec.constructor == 'x'`,
    `status.?phase.orValue('none') == 'none'`,
    `status[?'phase'].hasValue() == false`,
    `status.?uid.optMap(u, u + '!').orValue('') == 'aks2j23-x!'`,
    `status.?phase.optMap(u, u + '!').orValue('none') == 'none'`,
    `status.?uid.optFlatMap(u, optional.of(u)).hasValue()`,
    `status.names.first().value() == 'b' && status.names.last().value() == 'a'`,
    `sets.contains(status.names, ['a']) && sets.equivalent(status.names, ['a', 'b', 'a'])`,
    `sets.intersects(['z', 'a'], status.names) && !sets.intersects([1], [2])`,
    `base64.encode(b'hi') == 'aGk=' && string(base64.decode('aGk=')) == 'hi'`,
    `timestamp(status.since).getHours() == 10`,
    `timestamp(status.since) < timestamp('2026-01-01T12:00:00+01:00')`,
    `'%s has %d of %.1f'.format([metadata.name, 3, 1.26]) == 'web has 3 of 1.3'`,
    `'hello'.charAt(1) == 'e' && 'a-b-c'.replace('-', '+', 1) == 'a+b-c' && 'abc'.reverse() == 'cba'`,
    `strings.quote('a"b') == '"a\\\\"b"'`,
    `' x '.trim().upperAscii() == 'X' && 'abc'.substring(1) == 'bc' && 'abc'.indexOf('c') == 2`,
    `'web-1'.matches('^web-[0-9]+$') && matches('web', 'w.b')`,
    `{'a': 1} == {'a': 1}`,
  ])('%s', yes);

  test.each([`[1, 'a']`, `{'a': 1, 'b': 'x'}`, `{'a': 1, 2: 1}`])('aggregates are homogeneous: %s', (expression) => {
    expect(failure(() => compileCel(expression, { variables: [] })).phase).toBe('check');
  });

  test('a field of unknown type goes beside a literal', () => {
    const expression = compileCel(`'a' in [self.x, 'a']`, { variables: ['self'], outputType: 'bool' });
    expect(expression.evaluateBoolean({ self: { x: 1 } })).toBe(true);
  });
});

describe('RTM-228: compiled', () => {
  const compile = (expression: string, outputType?: 'bool' | 'string' | 'list') =>
    compileCel(expression, { variables: ['self', 'dep'], outputType });

  test('RTM-522: undeclared references and type errors are found up front', () => {
    expect(failure(() => compile('other.x == 1')).message).toMatch(/'other.x == 1'.*undeclared reference to 'other'/);
    expect(failure(() => compile(`1 + 'a'`)).phase).toBe('check');
    expect(failure(() => compile(`self == 'bar'`)).phase).toBe('check');
  });

  test('RTM-523: the declared output type', () => {
    expect(failure(() => compile(`'foo'`, 'bool')).message).toMatch(/expected bool, got string/);
  });

  test('KUS-94 RTM-524: a type that only evaluation can tell is not bool, comparing with true is', () => {
    expect(failure(() => compile('dep.status.flag', 'bool')).message).toContain(
      'output type mismatch: expected bool, got dyn',
    );
    expect(compile('dep.status.flag == true', 'bool').evaluateBoolean({ dep: { status: { flag: true } } })).toBe(true);
  });

  test('KUS-93: variables are whole objects', () => {
    const expression = compile(`self.metadata.labels['tier'] == dep.metadata.labels['tier']`, 'bool');
    const labelled = { metadata: { labels: { tier: 'a' } } };
    expect(expression.evaluateBoolean({ self: labelled, dep: labelled })).toBe(true);
    expect(expression.evaluateBoolean({ self: labelled, dep: { metadata: { labels: { tier: 'b' } } } })).toBe(false);
  });

  test('RTM-526: string helpers', () => {
    const data = {
      self: { bar: 'some-value', items: ['one', 'two', 'three'], value: 'a,b', mixed: ['a', 1], none: [] },
    };
    expect(compile(`self.bar.split('-')[0].upperAscii()`).evaluateString(data)).toBe('SOME');
    expect(compile(`self.bar.split('-').first().value()`).evaluateString(data)).toBe('some');
    expect(compile(`self.bar.split('-').last().value()`).evaluateString(data)).toBe('value');
    expect(failure(() => compile(`self.bar.split('-').first()`).evaluateString(data)).message).toContain('as string');
    expect(compile(`self.items.map(i, i.upperAscii())`).evaluateStrings(data)).toEqual(['ONE', 'TWO', 'THREE']);
    expect(compile(`self.items.filter(i, i.startsWith('t'))`).evaluateStrings(data)).toEqual(['two', 'three']);
    expect(compile(`self.value.split(',')`).evaluateStrings(data)).toEqual(['a', 'b']);
    expect(failure(() => compile(`self.mixed`).evaluateStrings(data)).message).toContain('as list of strings');
    expect(compile(`self.none`).evaluateStrings(data)).toEqual([]);
  });
});

describe('RTM-228: parse only', () => {
  test('KUS-81: only syntax is checked up front, and the error shows the position', () => {
    const error = failure(() => parseCel('data.'));
    expect(error.message).toMatch(/failed to parse the CEL expression 'data\.'[^]*\^/);
    expect(() => parseCel(`1 + 'a' + undeclared`)).not.toThrow();
  });

  test('KUS-316 RTM-525: missing fields are errors, has() guards them', () => {
    const missing = (expression: string) => failure(() => parseCel(expression).evaluate(object)).message;
    expect(missing('data.foo.bar')).toBe(
      "failed to evaluate the CEL expression 'data.foo.bar': no such attribute(s): data.foo.bar",
    );
    expect(missing(`data.conditions.filter(e, e.type == 'x')`)).toContain('no such attribute(s): data.conditions');
    expect(missing('status.phase')).toContain('no such key: phase');
    expect(missing('toString')).toContain('no such attribute(s): toString');
    expect(missing('has(data.x)')).toContain('no such attribute(s): data.x');
    expect(parseCel('has(status.phase)').evaluateBoolean(object)).toBe(false);
  });

  test('KUS-318 RTM-229: a result that is not boolean names the expression', () => {
    expect(failure(() => parseCel('metadata.name').evaluateBoolean(object)).message).toBe(
      "failed to evaluate CEL expression as boolean: 'metadata.name'",
    );
  });

  test('one expression serves objects of different shapes', () => {
    const expression = parseCel('spec.value == 1');
    expect(expression.evaluateBoolean({ spec: { value: 1 } })).toBe(true);
    expect(expression.evaluateBoolean({ spec: { value: 'x' } })).toBe(false);
    expect(expression.evaluateBoolean({ spec: { value: [1] } })).toBe(false);
  });

  test('RTM-230: results as plain data', () => {
    expect(parseCel('{"a": [metadata.generation]}').evaluate(object)).toEqual({ a: [2] });
    expect(parseCel('status.?phase').evaluate(object)).toBeUndefined();
  });
});

describe('limits', () => {
  const list = Array.from({ length: 1000 }, (_, index) => index);

  test('nested loops end at the step limit', () => {
    const error = failure(() => parseCel('l.all(a, l.all(b, l.all(c, a + b + c >= 0)))').evaluate({ l: list }));
    expect(error).toMatchObject({ phase: 'limit' });
    expect(error.message).toContain('too many steps');
    expect(parseCel('l.all(a, a >= 0)').evaluateBoolean({ l: list })).toBe(true);
  });

  test('values that double end at the step limit', () => {
    const doubling = `optional.of('ab')${'.optMap(x, x + x)'.repeat(60)}.value()`;
    expect(failure(() => parseCel(doubling).evaluate({})).phase).toBe('limit');
  });

  test('patterns run on RE2', () => {
    expect(parseCel(`t.matches('^(a+)+$')`).evaluateBoolean({ t: `${'a'.repeat(5000)}b` })).toBe(false);
    expect(failure(() => parseCel(`t.matches('(?=a)')`).evaluate({ t: 'a' })).message).toContain('invalid regular');
  });

  test('length and nesting are bounded', () => {
    expect(failure(() => parseCel('1+'.repeat(10_000) + '1')).message).toContain('longer than');
    expect(failure(() => parseCel('('.repeat(500) + '1' + ')'.repeat(500))).phase).toBe('parse');
  });
});
