import { matchesReference } from './check.ts';

describe('generators', () => {
  test('KZE-580, KZE-581, KZE-582, KZE-583, KZE-586, KZE-589, KZE-584: a ConfigMap from all kinds of sources', () =>
    matchesReference('generators/config-map'));
  test('KZE-580, KZE-587, KZE-588: a Secret in base64, long values in lines', () =>
    matchesReference('generators/secret'));
  test('KZE-610, KZE-612, KZE-615, KZE-616: content hashes', () => matchesReference('generators/hash'));
  test('KZE-590, KZE-591: generator options', () => matchesReference('generators/options'));
  test('KZE-593, KZE-595, KZE-1007: merging into a generated object', () => matchesReference('generators/merge'));
  test('KZE-594, KZE-596: replacing a plain object means no hash', () => matchesReference('generators/replace'));
  test('KZE-357, KZE-592: merge without a base object is an error', () =>
    matchesReference('generators/merge-needs-base'));
  test('KZE-358: creating an existing object is an error', () => matchesReference('generators/create-twice'));
  test('KZE-352: a generator needs a name', () => matchesReference('generators/no-name'));
  test('KZE-353: a key may come once', () => matchesReference('generators/repeated-key'));
  test('KZE-354: a literal needs a key and an equals sign', () => matchesReference('generators/bad-literal'));
  test('KZE-355: a missing file of a generator', () => matchesReference('generators/bad-file'));
  test('KZE-355, KZE-583: more than one equals sign in a file source', () =>
    matchesReference('generators/bad-file-key'));
  test('KZE-771, KZE-597: references follow the hashed names', () => matchesReference('generators/name-references'));
  test('KZE-586, KZE-1005: a file that is not UTF-8 goes to binaryData', () => matchesReference('generators/binary'));
  test('KZE-1062, KZE-527: CRLF of a file is kept', () => matchesReference('generators/crlf'));
  test("KZE-1015, KZE-593: an overlay's namespace and a merge into a base's object", () =>
    matchesReference('generators/across-layers'));
  test('KZE-1059, KZE-1006: keys of files, quotes of literals', () =>
    matchesReference('generators/sub-directory-file'));
  test('KZE-598: YAML 1.1 applies to generator fields', () => matchesReference('generators/boolean-name'));
  test('KZE-359: a merge that fits several objects', () => matchesReference('generators/several-candidates'));
  test('KZE-356: a missing env file', () => matchesReference('generators/env-missing'));
});
