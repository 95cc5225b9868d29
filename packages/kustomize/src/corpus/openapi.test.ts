import { matchesReference } from './check.ts';

describe('openapi', () => {
  test('KZE-872, KZE-873: rows derived from type maps', () => matchesReference('openapi/crds'));
  test('KZE-880, KZE-881, KZE-1080, KZE-883: merge keys of a custom schema', () => matchesReference('openapi/custom'));
  test('KZE-369, KZE-880: a schema version that is not there', () => matchesReference('openapi/unknown-version'));
  test('KZE-369: a version and a path', () => matchesReference('openapi/both'));
  test('KZE-882: the first setting counts', () => matchesReference('openapi/from-base'));
});
