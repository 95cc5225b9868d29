import { inventoryEntry, inventoryId, InventoryError, parseInventoryEntry, staleEntries } from './inventory.ts';

const rbac = 'rbac.authorization.k8s.io';

test('KUS-15: ids', () => {
  const object = (apiVersion: string, kind: string, name: string, namespace?: string) =>
    inventoryEntry({ apiVersion, kind, metadata: { name, namespace } });
  expect(object('v1', 'Service', 'web', 'apps')).toEqual({ id: 'apps_web__Service', v: 'v1' });
  expect(object(`${rbac}/v1`, 'ClusterRole', 'edit')).toEqual({ id: `_edit_${rbac}_ClusterRole`, v: 'v1' });
  expect(object('v1', 'Namespace', 'apps')).toEqual({ id: '_apps__Namespace', v: 'v1' });
});

test('KUS-16: colons in names of RBAC kinds', () => {
  expect(inventoryId({ group: rbac, kind: 'ClusterRole' }, { name: 'system:a:b' })).toBe(
    `_system__a__b_${rbac}_ClusterRole`,
  );
  expect(inventoryId({ group: '', kind: 'Event' }, { name: 'a:b' })).toBe('_a:b__Event');
});

test.each([
  [
    { group: '', kind: 'Service' },
    { namespace: 'apps', name: 'web' },
  ],
  [
    { group: rbac, kind: 'RoleBinding' },
    { namespace: 'apps', name: 'system:web' },
  ],
  [
    { group: '', kind: 'ConfigMap' },
    { namespace: 'apps', name: 'a_b' },
  ],
  [{ group: '', kind: 'Namespace' }, { name: 'apps' }],
])('KUS-17 KUS-24: %j %j survives a round trip', (type, key) => {
  const ref = parseInventoryEntry({ id: inventoryId(type, key), v: 'v1' });
  expect(ref).toEqual({ type: { ...type, version: 'v1' }, key });
});

test.each(['', 'a', 'a_b', 'a_b_c'])('KUS-17: %j is no id', (id) => {
  expect(() => parseInventoryEntry({ id, v: 'v1' })).toThrow(InventoryError);
  expect(() => parseInventoryEntry({ id, v: 'v1' })).toThrow('unable to parse stored object metadata');
});

test('KUS-273: stale entries, whatever their version', () => {
  const before = [
    { id: 'a_b__C', v: 'v1' },
    { id: 'a_b__D', v: 'v1' },
  ];
  expect(staleEntries(before, [{ id: 'a_b__C', v: 'v2' }])).toEqual([{ id: 'a_b__D', v: 'v1' }]);
});
