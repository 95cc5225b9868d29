import { matchesReference } from './check.ts';

describe('resources', () => {
  test('KZE-1000: a file of comments only adds nothing', () => matchesReference('resources/comment-only'));
  test('KZE-560, KZE-1060: documents are split at separators, comments behind them allowed', () =>
    matchesReference('resources/documents'));
  test('KZE-331: text behind a separator is an error', () => matchesReference('resources/bad-separator'));
  test('KZE-566, KZE-1001, KZE-1002: lists are expanded, empty ones vanish, kinds that end in List pass', () =>
    matchesReference('resources/lists'));
  test('KZE-207, KZE-1003, KZE-1004: nulls and empty collections survive', () =>
    matchesReference('resources/nulls-and-empties'));
  test('KZE-505, KZE-1043: local configuration is not printed', () => matchesReference('resources/local-config'));
  test('KZE-320, KZE-300: a missing entry says why it is neither a file nor a directory', () =>
    matchesReference('resources/missing-file'));
  test('KZE-322: a directory without a kustomization file is an error', () =>
    matchesReference('resources/directory-without-kustomization'));
  test('KZE-301: malformed YAML names the file', () => matchesReference('resources/malformed-yaml'));
  test('KZE-333, KZE-1042: a repeated key in a resource is an error', () =>
    matchesReference('resources/duplicate-key'));
  test('KZE-328: an object without kind is an error', () => matchesReference('resources/no-kind'));
  test('KZE-329: an object without name is an error', () => matchesReference('resources/no-name'));
  test('KZE-330: a scalar is no object', () => matchesReference('resources/scalar-document'));
  test('KZE-327, KZE-545: two objects with one id are an error', () => matchesReference('resources/same-id-twice'));
  test('KZE-326, KZE-521: a base above is a cycle', () => matchesReference('resources/cycle'));
  test("KZE-1037, KZE-521: a directory whose name begins with another's is no cycle", () =>
    matchesReference('resources/similar-directory-names'));
  test('KZE-323, KZE-523: files outside the root are refused', () => matchesReference('resources/outside-root'));
  test('KZE-523: without restriction files outside the root are fine', () =>
    matchesReference('resources/outside-root-allowed'));
  test('KZE-335: a component is no resource', () => matchesReference('resources/component-as-resource'));
  test('KZE-567, KZE-1084: apiVersion may be missing', () => matchesReference('resources/api-version-optional'));
  test('KZE-1061, KZE-527: CRLF line ends are like LF', () => matchesReference('resources/crlf'));
  test('KZE-564, KZE-1041, KZE-1083: anchors are expanded and merge keys applied', () =>
    matchesReference('resources/anchors'));
  test('KZE-520: a file listed twice is loaded twice', () => matchesReference('resources/listed-twice'));
  test('KZE-520, KZE-522, KZE-528: odd but good paths', () => matchesReference('resources/paths'));
  test('KZE-324: an absolute directory is refused', () => matchesReference('resources/absolute-directory'));
  test('KZE-325: an empty entry is refused', () => matchesReference('resources/empty-entry'));
  test('KZE-332: items that are no list', () => matchesReference('resources/items-no-list'));
  test('KZE-334: a key that is no text', () => matchesReference('resources/non-string-key'));
  test('KZE-334: a number that JSON cannot hold', () => matchesReference('resources/not-a-number'));
  test('KZE-206: an object without metadata leaves with an empty one', () =>
    matchesReference('resources/no-annotations'));
  test('KZE-568: nulls within lists are kept', () => matchesReference('resources/list-nulls'));
  test('KZE-321: a missing file without load restriction', () =>
    matchesReference('resources/missing-file-unrestricted'));
});
