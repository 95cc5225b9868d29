import { matchesReference } from './check.ts';

describe('components', () => {
  test("KZE-860, KZE-861, KZE-863, KZE-1052: components see the parent's objects and run before its transformers", () =>
    matchesReference('components/order'));
  test('KZE-862: components nest and may use kustomizations', () => matchesReference('components/nested'));
  test('KZE-336: a kustomization is no component', () => matchesReference('components/not-a-component'));
  test('KZE-304, KZE-524: a missing component', () => matchesReference('components/missing'));
  test('KZE-1053: a component that adds an existing id', () => matchesReference('components/twice'));
});
