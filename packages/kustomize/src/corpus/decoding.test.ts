import { matchesReference } from './check.ts';

describe('decoding', () => {
  test('KZE-500: a resource comes out with sorted keys', () => matchesReference('decoding/minimal'));
  test('KZE-103: field names match whatever their case', () => matchesReference('decoding/case-insensitive'));
  test('KZE-101: a kustomization may be JSON', () => matchesReference('decoding/json-file'));
  test('KZE-102: of repeated keys the last one counts', () => matchesReference('decoding/duplicate-keys-last-wins'));
  test('KZE-101: anchors and merge keys work in a kustomization', () => matchesReference('decoding/anchors'));
  test('KZE-107: null counts as absent', () => matchesReference('decoding/null-fields'));
  test('KZE-101: only the first document of a kustomization counts', () =>
    matchesReference('decoding/second-document-ignored'));
  test('KZE-104: an unknown field is an error', () => matchesReference('decoding/unknown-field'));
  test('KZE-104: an unknown field below the top is an error', () => matchesReference('decoding/unknown-nested-field'));
  test('KZE-105: a number where a text is needed is an error', () => matchesReference('decoding/wrong-type'));
  test('KZE-1063, KZE-105: YAML 1.1 booleans are no texts', () => matchesReference('decoding/boolean-annotation'));
  test('KZE-106: a list is no kustomization', () => matchesReference('decoding/top-level-list'));
  test('KZE-106: malformed YAML is named as such', () => matchesReference('decoding/malformed'));
  test('KZE-109: a kustomization without a field is an error', () => matchesReference('decoding/empty'));
  test('KZE-109: an empty list counts as set', () => matchesReference('decoding/empty-list'));
  test('KZE-110: another kind is an error', () => matchesReference('decoding/wrong-kind'));
  test('KZE-110: another apiVersion is an error', () => matchesReference('decoding/wrong-api-version'));
  test('KZE-100: two kustomization files are an error', () => matchesReference('decoding/two-files'));
  test('KZE-1039: metadata of a kustomization is ignored', () => matchesReference('decoding/metadata'));
  test('KZE-130: bases come after resources, imageTags after images, env after envs', () =>
    matchesReference('decoding/bases'));
  test('KZE-111: a component can be built on its own', () => matchesReference('decoding/component-as-target'));
});
