import { assertVariableName, isSubstitutionDisabled, mergeVariables } from './variables.ts';

const object = (metadata: object) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'x', ...metadata } });
const key = 'kustomize.toolkit.fluxcd.io/substitute';

test('KUS-142 KUS-143 KUS-424: later sets override, line feeds go', () => {
  expect({ ...mergeVariables({ a: '1', b: '1' }, { b: '2\n3' }, { c: '\n' }) }).toEqual({ a: '1', b: '23', c: '' });
});

test('KUS-146: names', () => {
  for (const name of ['a', '_', 'A1_b']) expect(() => assertVariableName(name)).not.toThrow();
  for (const name of ['1a', 'my-key', 'config.yaml', '', 'é', 'a\n']) {
    expect(() => assertVariableName(name)).toThrow(`'${name}' var name is invalid, must match`);
  }
  expect(() => mergeVariables({ 'my-key': '1' })).toThrow('var name is invalid');
});

test('KUS-147: label or annotation, exact value', () => {
  expect(isSubstitutionDisabled(object({ labels: { [key]: 'disabled' } }))).toBe(true);
  expect(isSubstitutionDisabled(object({ annotations: { [key]: 'disabled' } }))).toBe(true);
  expect(isSubstitutionDisabled(object({ annotations: { [key]: 'Disabled' } }))).toBe(false);
  expect(isSubstitutionDisabled(object({}))).toBe(false);
});
