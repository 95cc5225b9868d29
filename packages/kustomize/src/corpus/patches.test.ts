import { matchesReference } from './check.ts';

describe('patches', () => {
  test("KZE-694, KZE-711, KZE-712, KZE-713, KZE-717, KZE-720: merging into the object with the patch's id", () =>
    matchesReference('patches/strategic-merge'));
  test('KZE-719, KZE-721, KZE-1022: patch directives', () => matchesReference('patches/directives'));
  test('KZE-346: an unknown directive is an error', () => matchesReference('patches/unknown-directive'));
  test('KZE-347, KZE-710: a list over a map is an error', () => matchesReference('patches/shapes-differ'));
  test('KZE-722, KZE-723, KZE-714: nulls of patches and targets', () => matchesReference('patches/nulls'));
  test('KZE-570: the quoting of the old value stays', () => matchesReference('patches/style'));
  test('KZE-547, KZE-548, KZE-695, KZE-1048, KZE-551: patches by target', () => matchesReference('patches/target'));
  test('KZE-750, KZE-751, KZE-753, KZE-754, KZE-756: JSON patches', () => matchesReference('patches/json'));
  test('KZE-350, KZE-752: replacing what is not there is an error', () => matchesReference('patches/json-missing'));
  test('KZE-752: replacing a missing key of an existing map sets it', () =>
    matchesReference('patches/json-replace-adds'));
  test('KZE-754: inline text that begins with a bracket is JSON, not YAML', () =>
    matchesReference('patches/json-inline-must-be-json'));
  test('KZE-350: removing what is not there is an error', () => matchesReference('patches/json-remove-missing'));
  test('KZE-350: an index beyond the end is an error', () => matchesReference('patches/json-bad-index'));
  test('KZE-350: a failing test is an error', () => matchesReference('patches/json-test-fails'));
  test('KZE-341, KZE-699: a JSON patch needs a target', () => matchesReference('patches/json-no-target'));
  test('KZE-338: a text that is no patch', () => matchesReference('patches/neither'));
  test('KZE-337, KZE-690, KZE-305: a patch has one source', () => matchesReference('patches/path-and-patch'));
  test('KZE-337: a patch needs a source', () => matchesReference('patches/no-source'));
  test('KZE-340: a missing patch file', () => matchesReference('patches/missing-file'));
  test('KZE-343: a patch without an object is an error', () => matchesReference('patches/unmatched'));
  test('KZE-342, KZE-1025: several patches in one entry work only without a target', () =>
    matchesReference('patches/two-with-target'));
  test('KZE-348: a bad expression in a target', () => matchesReference('patches/bad-regex'));
  test('KZE-349, KZE-550: a bad label selector', () => matchesReference('patches/bad-selector'));
  test('KZE-692: an empty patch file does nothing', () => matchesReference('patches/empty-file'));
  test('KZE-696, KZE-697, KZE-1020, KZE-1021: changed names and kinds', () =>
    matchesReference('patches/name-and-kind-change'));
  test('KZE-700, KZE-701, KZE-502: the deprecated patch fields and when they run', () =>
    matchesReference('patches/deprecated-fields'));
  test('KZE-351: patchesJson6902 needs a target name', () => matchesReference('patches/json6902-no-name'));
  test('KZE-1011, KZE-1012, KZE-1014, KZE-1085, KZE-546: patches by original and by intermediate names', () =>
    matchesReference('patches/by-original-name'));
  test('KZE-735, KZE-1027, KZE-1028: lists with two keys', () => matchesReference('patches/ports'));
  test('KZE-736, KZE-718, KZE-726, KZE-1026, KZE-1068: lists that are not as they should be', () =>
    matchesReference('patches/odd-lists'));
  test('KZE-714, KZE-715, KZE-1047, KZE-1077, KZE-1078, KZE-1079, KZE-1030: lists of types without schema are replaced', () =>
    matchesReference('patches/no-schema'));
  test('KZE-695: with a target, a null label of a patch is the text of the null', () =>
    matchesReference('patches/null-label-with-target'));
  test('KZE-713: without a target, a null label of a patch removes it', () =>
    matchesReference('patches/null-label-without-target'));
  test('KZE-699: a JSON patch finds annotations even where the object has none', () =>
    matchesReference('patches/json-annotations-exist'));
  test('KZE-701: throwing the annotations away makes an object forget its earlier names', () =>
    matchesReference('patches/annotations-replaced'));
  test('KZE-1023, KZE-1024, KZE-1029, KZE-1076: maps merge, explicit nulls remove', () =>
    matchesReference('patches/value-from'));
  test('KZE-344, KZE-1013: a name that two objects have or had', () => matchesReference('patches/ambiguous-name'));
  test('KZE-1086, KZE-547: targets see the first and the present namespace, not those between', () =>
    matchesReference('patches/middle-namespace'));
  test('KZE-1067, KZE-507: an object without a name at the end', () => matchesReference('patches/json-removes-name'));
  test('KZE-1066, KZE-507: two objects with one id at the end', () =>
    matchesReference('patches/json-renames-onto-another'));
  test('KZE-1035, KZE-702: patches run before images and before names change', () =>
    matchesReference('patches/then-images'));
  test('KZE-1038: a patch file outside the root is refused', () => matchesReference('patches/shared-file'));
  test('KZE-716, KZE-724, KZE-725, KZE-1100: strategies without effect', () =>
    matchesReference('patches/not-implemented'));
  test('KZE-757, KZE-350: an unknown operation is an error', () => matchesReference('patches/unknown-operation'));
  test('KZE-345: a deprecated patch without an object', () => matchesReference('patches/strategic-unmatched'));
});
