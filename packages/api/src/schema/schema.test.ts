import { applyDefaults, issueText, type JsonSchema, prune, validate } from './index.ts';

const texts = (schema: JsonSchema, value: unknown, old?: unknown) => validate(schema, value, { old }).map(issueText);

/** A schema with one field `spec` of the given properties. */
function specOf(properties: Record<string, JsonSchema>, extra: JsonSchema = {}): JsonSchema {
  return { type: 'object', properties: { spec: { type: 'object', properties, ...extra } } };
}

describe('validation in the words of the API server', () => {
  test.each<[string, JsonSchema, unknown, string[]]>([
    ['required', specOf({}, { required: ['url'] }), {}, ['spec.url: Required value']],
    [
      'enum',
      specOf({ k: { type: 'string', enum: ['a', 'b'] } }),
      { k: 'x' },
      ['spec.k: Unsupported value: "x": supported values: "a", "b"'],
    ],
    [
      'pattern',
      specOf({ k: { type: 'string', pattern: '^a$' } }),
      { k: '' },
      [`spec.k: Invalid value: "": spec.k in body should match '^a$'`],
    ],
    [
      'type',
      specOf({ n: { type: 'integer' } }),
      { n: 'x' },
      ['spec.n: Invalid value: "string": spec.n in body must be of type integer: "string"'],
    ],
    [
      'null',
      specOf({ n: { type: 'integer' } }),
      { n: null },
      ['spec.n: Invalid value: "null": spec.n in body must be of type integer: "null"'],
    ],
    ['nullable', specOf({ n: { type: 'integer', nullable: true } }), { n: null }, []],
    ['maxLength counts characters', specOf({ s: { type: 'string', maxLength: 1 } }), { s: '😀' }, []],
    [
      'maxLength',
      specOf({ s: { type: 'string', maxLength: 3 } }),
      { s: 'four' },
      ['spec.s: Too long: may not be more than 3 bytes'],
    ],
    [
      'minimum',
      specOf({ n: { type: 'integer', minimum: 1 } }),
      { n: 0 },
      ['spec.n: Invalid value: 0: spec.n in body should be greater than or equal to 1'],
    ],
    [
      'maxItems',
      specOf({ l: { type: 'array', maxItems: 1 } }),
      { l: [1, 2] },
      ['spec.l: Too many: 2: must have at most 1 item'],
    ],
    [
      'format',
      specOf({ u: { type: 'string', format: 'uri' } }),
      { u: 'no uri' },
      ['spec.u: Invalid value: "no uri": spec.u in body must be of type uri: "no uri"'],
    ],
    [
      'int-or-string',
      specOf({ p: { 'x-kubernetes-int-or-string': true, anyOf: [{ type: 'integer' }, { type: 'string' }] } }),
      { p: 'http' },
      [],
    ],
    [
      'oneOf',
      specOf({ o: { type: 'object', oneOf: [{ required: ['a'] }, { required: ['b'] }] } }),
      { o: { a: 1, b: 1 } },
      ['<nil>: Invalid value: "": "spec.o" must validate one and only one schema (oneOf). Found 2 valid alternatives'],
    ],
    [
      'set',
      specOf({ l: { type: 'array', 'x-kubernetes-list-type': 'set', items: { type: 'string' } } }),
      { l: ['a', 'b', 'a'] },
      ['spec.l[2]: Duplicate value: "a"'],
    ],
    [
      'map',
      specOf({
        l: {
          type: 'array',
          'x-kubernetes-list-type': 'map',
          'x-kubernetes-list-map-keys': ['name'],
          items: { type: 'object', properties: { name: { type: 'string' } } },
        },
      }),
      { l: [{ name: 'a' }, { name: 'a' }] },
      ['spec.l[1]: Duplicate value: {"name":"a"}'],
    ],
    [
      'embedded resource',
      specOf({
        t: { type: 'object', 'x-kubernetes-embedded-resource': true, 'x-kubernetes-preserve-unknown-fields': true },
      }),
      { t: { kind: 'A' } },
      ['spec.t.apiVersion: Required value'],
    ],
  ])('%s', (_, schema, spec, expected) => {
    expect(texts(schema, { spec })).toEqual(expected);
  });

  test('an unchanged part is not held against an update', () => {
    const schema = specOf({ k: { type: 'string', enum: ['a'] }, n: { type: 'integer' } });
    expect(texts(schema, { spec: { k: 'old', n: 2 } }, { spec: { k: 'old', n: 1 } })).toEqual([]);
  });
});

describe('CEL rules', () => {
  const rules = (rules: JsonSchema['x-kubernetes-validations'], properties: Record<string, JsonSchema> = {}) =>
    specOf({ n: { type: 'integer' }, s: { type: 'string' }, ...properties }, { 'x-kubernetes-validations': rules });

  test('message, fieldPath and reason', () => {
    const schema = rules([
      { rule: 'self.n > 5', message: 'n is small', fieldPath: '.n' },
      { rule: 'self.s != "x"', message: 'no x', reason: 'FieldValueForbidden' },
      { rule: 'self.n % 2 == 0' },
    ]);
    expect(texts(schema, { spec: { n: 3, s: 'x' } })).toEqual([
      'spec.n: Invalid value: n is small',
      'spec: Forbidden: no x',
      'spec: Invalid value: failed rule: self.n % 2 == 0',
    ]);
  });

  test('messageExpression', () => {
    const schema = rules([{ rule: 'self.n > 5', messageExpression: '"got %d".format([self.n])' }]);
    expect(texts(schema, { spec: { n: 3 } })).toEqual(['spec: Invalid value: got 3']);
  });

  test('transition rules run only on update; optionalOldSelf also on create', () => {
    const immutable = rules([{ rule: 'self.s == oldSelf.s', message: 'immutable' }]);
    expect(texts(immutable, { spec: { s: 'a' } })).toEqual([]);
    expect(texts(immutable, { spec: { s: 'a' } }, { spec: { s: 'b' } })).toEqual(['spec: Invalid value: immutable']);
    const optional = rules([
      { rule: 'oldSelf.hasValue() || self.s == "first"', optionalOldSelf: true, message: 'start with first' },
    ]);
    expect(texts(optional, { spec: { s: 'x' } })).toEqual(['spec: Invalid value: start with first']);
    expect(texts(optional, { spec: { s: 'x' } }, { spec: { s: 'first' } })).toEqual([]);
  });

  test('an evaluation error is reported with the rule', () => {
    expect(texts(rules([{ rule: 'self.n > 1', message: 'm' }]), { spec: {} })[0]).toMatch(
      /^spec: Invalid value: "object": .* evaluating rule: m$/,
    );
  });

  test('rules wait until the structure is right', () => {
    const found = texts(rules([{ rule: 'self.n > 1' }]), { spec: { n: 'x' } });
    expect(found).toHaveLength(2);
    expect(found[1]).toMatch(/^<nil>: Invalid value: null: some validation rules were not checked/);
  });

  test.each([
    'self.s.matches("^(a+)+$")',
    'isURL("https://h:8443/p?q=1") && url("https://h:8443/p").getPort() == "8443"',
    'duration("1h30m") > duration("89m")',
    'quantity("1Gi").compareTo(quantity("1024Mi")) == 0',
    '[1, 2, 3].isSorted() && [1, 2].sum() == 3',
    'sets.contains([1, 2], [2])',
    '"a-b".replace("-", "_") == "a_b"',
    'isIP("::1") && isCIDR("10.0.0.0/8")',
    'self.__if__ == 1 && self.a__dash__b == "c"',
    'self.when < timestamp("2030-01-01T00:00:00Z")',
    '["x"].exists(v, self.s.startsWith(v)) || self.s.size() == 3',
  ])('%s', (rule) => {
    const properties: Record<string, JsonSchema> = {
      if: { type: 'integer' },
      'a-b': { type: 'string' },
      when: { type: 'string', format: 'date-time' },
    };
    const spec = { n: 1, s: 'aaa', if: 1, 'a-b': 'c', when: '2026-01-01T00:00:00Z' };
    expect(texts(rules([{ rule }], properties), { spec })).toEqual([]);
  });

  test('patterns cannot run away', () => {
    const schema = specOf({ s: { type: 'string', pattern: '^(a+)+$' } });
    expect(texts(schema, { spec: { s: 'a'.repeat(5000) + '!' } })).toHaveLength(1);
  });
});

describe('defaults', () => {
  const schema = specOf({
    a: { type: 'string', default: 'x' },
    o: { type: 'object', default: {}, properties: { b: { type: 'integer', default: 1 } } },
    p: { type: 'object', properties: { c: { type: 'integer', default: 2 } } },
  });

  test('fill objects that are present, and nested defaults', () => {
    expect(applyDefaults(schema, { spec: {} })).toEqual({ spec: { a: 'x', o: { b: 1 } } });
    expect(applyDefaults(schema, {})).toEqual({});
  });

  test('a null in a field that is not nullable gives way', () => {
    expect(applyDefaults(schema, { spec: { a: null, p: null } })).toEqual({ spec: { a: 'x', o: { b: 1 } } });
  });

  test('are copies', () => {
    const first = applyDefaults(schema, { spec: {} }) as { spec: { o?: object } };
    const second = applyDefaults(schema, { spec: {} }) as { spec: { o?: object } };
    expect(first.spec.o).not.toBe(second.spec.o);
  });
});

describe('pruning', () => {
  test('drops what is not specified and says where', () => {
    const schema = specOf({
      l: { type: 'array', items: { type: 'object', properties: { a: { type: 'string' } } } },
      keep: { type: 'object', 'x-kubernetes-preserve-unknown-fields': true },
    });
    const value = {
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'n' },
      spec: { typo: 1, l: [{ a: 'x', b: 1 }], keep: { any: { thing: 1 } } },
    };
    expect(prune(schema, value)).toEqual(['spec.typo', 'spec.l[0].b']);
    expect(value).toEqual({
      apiVersion: 'v1',
      kind: 'K',
      metadata: { name: 'n' },
      spec: { l: [{ a: 'x' }], keep: { any: { thing: 1 } } },
    });
  });
});
