import { matchesReference } from './check.ts';

describe('configurations', () => {
  test('KZE-870, KZE-871, KZE-663, KZE-1034, KZE-501: configurations extend the tables and reach overlays', () =>
    matchesReference('configurations/extra-specs'));
  test('KZE-370: unknown keys of a configuration are an error', () => matchesReference('configurations/unknown-key'));
  test('KZE-634, KZE-370: two rows that disagree on create', () => matchesReference('configurations/conflict'));
});
