import { matchesReference } from './check.ts';

describe('metadata', () => {
  test('KZE-910, KZE-915, KZE-913: origin annotations', () => matchesReference('metadata/origin'));
  test('KZE-911, KZE-914: transformation annotations', () => matchesReference('metadata/transformations'));
  test('KZE-912: the managed-by label', () => matchesReference('metadata/managed-by'));
});
