import { matchesReference } from './check.ts';

describe('vars', () => {
  test('KZE-840, KZE-841, KZE-843, KZE-844, KZE-845, KZE-846, KZE-1046: vars', () => matchesReference('vars/basic'));
  test('KZE-842, KZE-367, KZE-1045: a var may be declared once', () => matchesReference('vars/twice'));
  test('KZE-367, KZE-841: a var without an object', () => matchesReference('vars/unbound'));
  test('KZE-367: a var whose field is not there', () => matchesReference('vars/field-missing'));
  test('KZE-501, KZE-864: vars of bases and components reach the whole tree', () =>
    matchesReference('vars/propagation'));
});
