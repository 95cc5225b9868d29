import { type ManagedFieldsEntry, type UnstructuredObject } from '@gitops-toolkit/api';
import { containsPath, unionFields } from './field-set.ts';
import { cleanupPatch, migrationPatch, standardCleanup } from './managers.ts';

const own = 'kustomize-controller';
const cleanup = standardCleanup(own);
const entry = (
  manager: string,
  operation: 'Apply' | 'Update',
  fieldsV1: object = {},
  subresource?: string,
): ManagedFieldsEntry => ({
  manager,
  operation,
  apiVersion: 'v1',
  fieldsType: 'FieldsV1',
  fieldsV1: fieldsV1 as Record<string, unknown>,
  ...(subresource && { subresource }),
});
const object = (managedFields: ManagedFieldsEntry[], metadata: object = {}): UnstructuredObject =>
  ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name: 'it', managedFields, ...metadata } }) as UnstructuredObject;
const after = (...entries: ManagedFieldsEntry[]) => cleanupPatch(object(entries).metadata, cleanup, own).at(0)?.value;

test('KUS-251: annotations and labels of earlier tools', () => {
  const annotations = {
    'kubectl.kubernetes.io/last-applied-configuration': '{}',
    'fluxcd.io/sync-checksum': 'x',
    mine: 'y',
  };
  const patch = cleanupPatch(
    object([], { annotations, labels: { 'fluxcd.io/sync-gc-mark': 'z' } }).metadata,
    cleanup,
    own,
  );
  expect(patch).toEqual([
    { op: 'remove', path: '/metadata/annotations/kubectl.kubernetes.io~1last-applied-configuration' },
    { op: 'remove', path: '/metadata/annotations/fluxcd.io~1sync-checksum' },
    { op: 'remove', path: '/metadata/labels/fluxcd.io~1sync-gc-mark' },
  ]);
});

test.each([
  ['kubectl-client-side-apply', 'Update'],
  ['kubectl', 'Apply'],
  ['before-first-apply', 'Update'],
  [own, 'Update'],
] as const)('KUS-252 KUS-253: %s (%s) is renamed when we own nothing', (manager, operation) => {
  const fields = { 'f:data': { 'f:a': {} } };
  expect(after(entry(manager, operation, fields))).toEqual([entry(own, 'Apply', fields)]);
});

test('KUS-253: their fields join ours, others stay', () => {
  const theirs = entry('kubectl-edit', 'Update', { 'f:data': { 'f:b': {} } });
  const more = entry('kubectl', 'Update', { 'f:metadata': { 'f:labels': { 'f:c': {} } } });
  const ours = entry(own, 'Apply', { 'f:data': { '.': {}, 'f:a': {} } });
  const other = entry('hpa', 'Update', { 'f:spec': {} });
  expect(after(theirs, ours, other, more)).toEqual([
    other,
    entry(own, 'Apply', { 'f:data': { '.': {}, 'f:a': {}, 'f:b': {} }, 'f:metadata': { 'f:labels': { 'f:c': {} } } }),
  ]);
});

test('KUS-252 KUS-254 KUS-255: subresources, before-first-apply by Apply, the preserved manager and others are let be', () => {
  const untouched = [
    entry('kubectl', 'Update', {}, 'status'),
    entry('before-first-apply', 'Apply'),
    entry('flux-client-side-apply', 'Update'),
    entry('hpa', 'Update'),
  ];
  expect(cleanupPatch(object(untouched).metadata, standardCleanup(own, ['flux']), own)).toEqual([]);
});

test('KUS-462: entries move to the version that is applied, those of subresources too', () => {
  const entries = [entry('a', 'Apply'), entry('b', 'Update', {}, 'status')];
  expect(migrationPatch(object(entries), 'v1')).toEqual([]);
  expect(migrationPatch(object(entries), 'v2')).toEqual([
    { op: 'replace', path: '/metadata/managedFields', value: entries.map((each) => ({ ...each, apiVersion: 'v2' })) },
  ]);
  expect(migrationPatch(object([]), 'v2')).toEqual([]);
});

test('union of field sets: a member beside its children is written as a dot', () => {
  const leaf = { 'f:a': {} };
  const tree = { 'f:a': { 'f:b': {} } };
  expect(unionFields(leaf, tree)).toEqual({ 'f:a': { '.': {}, 'f:b': {} } });
  expect(unionFields(undefined, tree)).toEqual(tree);
  expect(unionFields(leaf, leaf)).toEqual(leaf);
  expect(containsPath(tree, ['f:a', 'f:b'])).toBe(true);
  expect(containsPath(tree, ['f:a', 'f:c'])).toBe(false);
});
