import { matchesReference } from './check.ts';

describe('references', () => {
  test('KZE-770, KZE-771, KZE-778, KZE-779, KZE-780, KZE-1033: references of many kinds', () =>
    matchesReference('references/kinds'));
  test('KZE-781, KZE-1009, KZE-775, KZE-776: one base under two prefixes', () =>
    matchesReference('references/two-prefixes'));
  test('KZE-772, KZE-774, KZE-1016: references stay in their namespace', () =>
    matchesReference('references/two-namespaces'));
  test('KZE-364, KZE-777, KZE-1018: an ambiguous reference is an error', () =>
    matchesReference('references/ambiguous'));
  test('KZE-1018a: a subject with a null namespace is an error', () =>
    matchesReference('references/blank-subject-namespace'));
  test('KZE-1019, KZE-774: roleRef chooses by kind', () => matchesReference('references/role-ref'));
  test('KZE-1010, KZE-508, KZE-303: the same base twice unchanged is an error', () =>
    matchesReference('references/diamond'));
  test('KZE-782, KZE-783: an object may refer to itself, empty names refer to nothing', () =>
    matchesReference('references/self-and-empty'));
  test('KZE-1017, KZE-1031, KZE-1032: webhooks of two namespaces', () => matchesReference('references/webhooks'));
  test('KZE-363: a reference map without a name', () => matchesReference('references/no-name-field'));
});
