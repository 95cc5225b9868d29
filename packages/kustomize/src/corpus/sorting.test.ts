import { matchesReference } from './check.ts';

describe('sorting', () => {
  test('KZE-920, KZE-921, KZE-922, KZE-923: the legacy order', () => matchesReference('sorting/legacy'));
  test('KZE-921: a custom order', () => matchesReference('sorting/custom'));
  test('KZE-920, KZE-1044: accumulation order, whatever a base says', () => matchesReference('sorting/fifo'));
  test('KZE-368: an unknown order is an error', () => matchesReference('sorting/bad-order'));
  test('KZE-368: legacy options need the legacy order', () => matchesReference('sorting/fifo-with-legacy-options'));
});
