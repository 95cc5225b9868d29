import { matchesReference } from './check.ts';

describe('simple', () => {
  test('KZE-660, KZE-662: prefixes and suffixes nest, some kinds keep their names', () =>
    matchesReference('simple/prefix-suffix'));
  test('KZE-571, KZE-1064: names that look like numbers', () => matchesReference('simple/numeric-names'));
  test('KZE-650, KZE-651, KZE-652, KZE-653, KZE-656: who gets a namespace', () => matchesReference('simple/namespace'));
  test('KZE-360, KZE-654, KZE-1065: a namespace that makes two ids equal', () =>
    matchesReference('simple/namespace-conflict'));
  test('KZE-572: a namespace stays a text', () => matchesReference('simple/namespace-numeric'));
  test('KZE-667, KZE-668, KZE-670, KZE-1008, KZE-1070, KZE-1071, KZE-1072: common labels reach selectors and templates', () =>
    matchesReference('simple/common-labels'));
  test('KZE-665, KZE-666, KZE-1069, KZE-1073: labels with selectable reach', () => matchesReference('simple/labels'));
  test('KZE-668: a label that one step wrote to several fields changes with each of them', () =>
    matchesReference('simple/labels-shared'));
  test('KZE-669, KZE-670: common annotations', () => matchesReference('simple/annotations'));
  test('KZE-675, KZE-676, KZE-677, KZE-678, KZE-679, KZE-680, KZE-1049, KZE-1050: images', () =>
    matchesReference('simple/images'));
  test('KZE-685: replicas by name', () => matchesReference('simple/replicas'));
  test('KZE-365, KZE-1051: replicas for nothing is an error', () => matchesReference('simple/replicas-unmatched'));
  test('KZE-362: a path that leads through a scalar is an error', () =>
    matchesReference('simple/field-spec-through-scalar'));
  test('KZE-361: a namespace row that hits a map', () => matchesReference('simple/namespace-over-collection'));
  test('KZE-632, KZE-1036: a field known to be a list is not created', () => matchesReference('simple/list-hint'));
  test('KZE-631: an escaped slash is part of a field name', () => matchesReference('simple/escaped-path'));
  test('KZE-633: a null on the way becomes what is to be there', () => matchesReference('simple/create-over-null'));
  test('KZE-573, KZE-572: texts that look like something else are quoted', () =>
    matchesReference('simple/quoted-values'));
  test('KZE-680, KZE-681: images that match again', () => matchesReference('simple/suffix-matching-twice'));
});
