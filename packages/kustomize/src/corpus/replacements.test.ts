import { matchesReference } from './check.ts';

describe('replacements', () => {
  test('KZE-800, KZE-802, KZE-803, KZE-804, KZE-808: values copied between objects', () =>
    matchesReference('replacements/basic'));
  test('KZE-809, KZE-811, KZE-812: missing fields are created, text takes the place of text', () =>
    matchesReference('replacements/create'));
  test('KZE-810: index below zero or beyond the end', () => matchesReference('replacements/append'));
  test('KZE-805, KZE-806, KZE-1055, KZE-1056: which objects are targets', () =>
    matchesReference('replacements/select-and-reject'));
  test('KZE-808: list elements are chosen by an unanchored expression', () =>
    matchesReference('replacements/list-regex'));
  test('KZE-800: replacements from a file', () => matchesReference('replacements/path-file'));
  test('KZE-813, KZE-814, KZE-1054: a value inside JSON text', () => matchesReference('replacements/structured-json'));
  test('KZE-802, KZE-506: sources by earlier names, values with prefixes but without hashes', () =>
    matchesReference('replacements/original-names'));
  test('KZE-366, KZE-801: a replacement needs a source', () => matchesReference('replacements/no-source'));
  test('KZE-366, KZE-1057: an unknown source', () => matchesReference('replacements/source-not-found'));
  test('KZE-366: an unknown source field', () => matchesReference('replacements/source-field-missing'));
  test('KZE-366, KZE-809: an unknown target field', () => matchesReference('replacements/target-field-missing'));
  test('KZE-366, KZE-804: a source index out of bounds', () => matchesReference('replacements/index-out-of-bounds'));
  test('KZE-366, KZE-801: a source or a value, not both', () => matchesReference('replacements/both-sources'));
  test('KZE-366, KZE-802: a source that fits several objects', () => matchesReference('replacements/several-sources'));
  test('KZE-366: a target without select', () => matchesReference('replacements/no-select'));
  test('KZE-366, KZE-800: a file or inline fields, not both', () => matchesReference('replacements/path-and-inline'));
  test('KZE-366, KZE-803: no wildcard in a source', () => matchesReference('replacements/wildcard-source'));
  test('KZE-366, KZE-810: a delimiter needs text', () => matchesReference('replacements/delimiter-on-map'));
  test('KZE-1058, KZE-808: appending far beyond the end', () => matchesReference('replacements/index-beyond'));
  test('KZE-816: replacing a name leaves references alone', () => matchesReference('replacements/name-target'));
});
