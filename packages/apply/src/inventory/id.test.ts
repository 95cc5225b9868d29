import {
  entryApiVersion,
  entryOf,
  formatObjectId,
  idText,
  InventoryIdError,
  parseObjectId,
  staleEntries,
} from './id.ts';

describe('inventory ids', () => {
  test.each([
    ['apps_web__Service', { namespace: 'apps', name: 'web', group: '', kind: 'Service' }],
    [
      '_edit_rbac.authorization.k8s.io_ClusterRole',
      { namespace: '', name: 'edit', group: 'rbac.authorization.k8s.io', kind: 'ClusterRole' },
    ],
    ['_apps__Namespace', { namespace: '', name: 'apps', group: '', kind: 'Namespace' }],
  ])('KUS-15: %s', (id, object) => {
    expect(formatObjectId(object)).toBe(id);
    expect(parseObjectId(id)).toEqual(object);
  });

  test('KUS-15: an entry carries the version without group', () => {
    const service = { apiVersion: 'v1', kind: 'Service', metadata: { name: 'web', namespace: 'apps' } };
    expect(entryOf(service)).toEqual({ id: 'apps_web__Service', v: 'v1' });
    expect(entryApiVersion({ id: 'apps_web_apps_Deployment', v: 'v1' })).toBe('apps/v1');
  });

  test('KUS-16: colons in RBAC names become two underscores, and only there', () => {
    const name = 'system:node';
    for (const kind of ['Role', 'ClusterRole', 'RoleBinding', 'ClusterRoleBinding']) {
      const id = formatObjectId({ namespace: '', name, group: 'rbac.authorization.k8s.io', kind });
      expect(id).toBe(`_system__node_rbac.authorization.k8s.io_${kind}`);
      expect(parseObjectId(id).name).toBe(name);
    }
    expect(formatObjectId({ namespace: 'a', name, group: 'x.org', kind: 'Role' })).toBe('a_system:node_x.org_Role');
  });

  test('KUS-17: single underscores survive, double ones read as a colon, too few parts are refused', () => {
    const odd = { namespace: 'a', name: 'b_c_d', group: 'x.org', kind: 'Kind' };
    expect(parseObjectId(formatObjectId(odd))).toEqual(odd);
    expect(parseObjectId('a_b__c_x.org_Kind').name).toBe('b:c');
    for (const id of ['', 'a', 'a_b', 'a_b_c']) {
      expect(() => parseObjectId(id)).toThrow(InventoryIdError);
      expect(() => parseObjectId(id)).toThrow('unable to parse stored object metadata');
    }
  });

  test('KUS-273: stale is what left, whatever its version', () => {
    const before = [
      { id: 'a_x__Service', v: 'v1' },
      { id: 'a_y__Service', v: 'v1' },
    ];
    expect(staleEntries(before, [{ id: 'a_x__Service', v: 'v2' }])).toEqual([before[1]]);
  });

  test('an id is named like an object', () => {
    expect(idText(parseObjectId('apps_web__Service'))).toBe('Service/apps/web');
    expect(idText(parseObjectId('_apps__Namespace'))).toBe('Namespace/apps');
  });
});
