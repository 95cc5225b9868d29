import { matchesReference } from './check.ts';

describe('scalars', () => {
  test('KZE-561, KZE-562: how plain scalars are read', () => matchesReference('scalars/kinds'));
  test('KZE-563: tags of scalars', () => matchesReference('scalars/tags'));
  test('KZE-934, KZE-935, KZE-936, KZE-937: strings that need quotes get them', () =>
    matchesReference('scalars/strings-out'));
  test('KZE-939, KZE-940: texts of several lines', () => matchesReference('scalars/multi-line'));
  test('KZE-941, KZE-942: long texts are folded at single blanks', () => matchesReference('scalars/folding'));
  test('KZE-932: keys are in natural order', () => matchesReference('scalars/key-order'));
  test('KZE-931: empty collections and nested lists', () => matchesReference('scalars/empty-collections'));
  test('KZE-204: annotation values come out as texts, label values keep their type', () =>
    matchesReference('scalars/annotations-become-strings'));
  test('KZE-202, KZE-203, KZE-205: bookkeeping annotations are removed', () =>
    matchesReference('scalars/internal-annotations'));
});
