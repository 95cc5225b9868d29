import { parseDocument } from '../yaml/parse.ts';
import { contentHash, jsonText } from './hash.ts';
import { base64 } from './generator.ts';

const hash = (text: string) => contentHash(parseDocument(text)!);

test('KZE-616: check values of the content hash', () => {
  expect(hash('{kind: ConfigMap, data: {a: b}}')).toBe('4h2mbtbbt6');
  expect(hash('{kind: ConfigMap}')).toBe('6ct58987ht');
  expect(hash('{kind: Secret, type: Opaque, data: {}}')).toBe('46f8b28mk5');
  expect(hash('{kind: Secret, type: Opaque, data: {a: Yg==}}')).toBe('k695gkmbtk');
});

test('KZE-612: name, namespace, labels, annotations and immutable do not count', () => {
  const other = '{kind: ConfigMap, metadata: {name: n, namespace: s, labels: {a: b}}, immutable: true, data: {a: b}}';
  expect(hash(other)).toBe('4h2mbtbbt6');
});

test('KZE-613: escapes of the hashed text', () => {
  expect(jsonText({ b: '<&>\u2028"\\\n\u0001\u007fé', a: [1, null, true] })).toBe(
    '{"a":[1,null,true],"b":"\\u003c\\u0026\\u003e\\u2028\\"\\\\\\n\\u0001\u007fé"}',
  );
});

test('KZE-617: other kinds have no content hash', () => {
  expect(hash('{kind: Deployment}')).toBeUndefined();
});

test('KZE-588: base64 of 70 characters and more comes in lines, each with its newline', () => {
  expect(base64(new Uint8Array(51))).toBe('A'.repeat(68));
  expect(base64(new Uint8Array(54))).toBe(`${'A'.repeat(70)}\n${'A'.repeat(2)}\n`);
});
