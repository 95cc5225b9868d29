import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap, inventory, type Tenant } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let controller: Controller;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
  controller = await world.controller();
});
afterAll(async () => {
  await controller?.stop();
  await world?.close();
});

const group = 'kustomize.toolkit.fluxcd.io';
const both = { 'a.yaml': configMap('a', {}), 'b.yaml': configMap('b', {}) };
const one = { 'a.yaml': configMap('a', {}) };
type Spec = Parameters<Tenant['apply']>[0];

async function applied(spec: Spec = {}, files: Record<string, string> = both) {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, ...spec });
  await tenant.ready('r1');
  return tenant;
}
const exists = async (tenant: Tenant, name: string) => (await tenant.find('ConfigMap', name)) !== undefined;
const annotate = (tenant: Tenant, name: string, key: string, value: string) =>
  tenant.edit('ConfigMap', name, { metadata: { annotations: { [`${group}/${key}`]: value } } });

describe('objects that leave the source', () => {
  test('KUS-273, KUS-281, KUS-471: are deleted, and told about', async () => {
    const tenant = await applied();
    await tenant.push(one, 'r2');
    expect(inventory(await tenant.ready('r2'))).toEqual([`${tenant.namespace}_a__ConfigMap`]);
    expect(await exists(tenant, 'b')).toBe(false);
    const event = await tenant.event(({ message }) => message.endsWith('deleted'));
    expect(event).toMatchObject({
      severity: 'info',
      reason: 'Progressing',
      message: `ConfigMap/${tenant.namespace}/b deleted`,
      metadata: { [`${group}/revision`]: 'r2' },
    });
  });

  test('KUS-274: are orphaned without prune', async () => {
    const tenant = await applied({ prune: false });
    await tenant.push(one, 'r2');
    expect(inventory(await tenant.ready('r2'))).toEqual([`${tenant.namespace}_a__ConfigMap`]);
    expect((await tenant.find('ConfigMap', 'b'))!.metadata.labels).toHaveProperty([`${group}/name`], 'app');
  });

  test('KUS-275, KUS-276, KUS-281, KUS-471, KUS-474, KUS-475: stay when they are marked or another’s', async () => {
    const files = Object.fromEntries(['a', 'b', 'c', 'd', 'e'].map((name) => [`${name}.yaml`, configMap(name, {})]));
    const tenant = await applied({}, files);
    await annotate(tenant, 'b', 'prune', 'disabled');
    await annotate(tenant, 'c', 'ssa', 'Ignore');
    await annotate(tenant, 'd', 'reconcile', 'disabled');
    await tenant.edit('ConfigMap', 'e', { metadata: { labels: { [`${group}/name`]: 'another' } } });
    await tenant.push(one, 'r2');
    expect(inventory(await tenant.ready('r2'))).toHaveLength(1);
    const event = await tenant.event(({ message }) => message.endsWith('skipped'));
    expect(event.message.split('\n').sort()).toEqual(
      ['b', 'c', 'd', 'e'].map((name) => `ConfigMap/${tenant.namespace}/${name} skipped`),
    );
    for (const name of ['b', 'c', 'd', 'e']) expect(await exists(tenant, name)).toBe(true);
  });

  test('KUS-279, KUS-473: count as deleted although a finalizer holds them', async () => {
    const tenant = await applied();
    await tenant.edit('ConfigMap', 'b', { metadata: { finalizers: ['example.org/hold'] } });
    await tenant.push(one, 'r2');
    expect(inventory(await tenant.ready('r2'))).toHaveLength(1);
    expect((await tenant.find('ConfigMap', 'b'))!.metadata.deletionTimestamp).toBeDefined();
    await tenant.edit('ConfigMap', 'b', { metadata: { finalizers: null } });
  });

  test('KUS-282, KUS-283: move to another Kustomization without being deleted', async () => {
    const tenant = await world.tenant();
    await tenant.push({ 'x/a.yaml': configMap('a', {}), 'y/b.yaml': configMap('b', {}) }, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace, path: 'x' }, { name: 'x' });
    await tenant.apply({ targetNamespace: tenant.namespace, path: 'y' }, { name: 'y' });
    await tenant.ready('r1', 'x');
    await tenant.ready('r1', 'y');
    await tenant.patch({ spec: { suspend: true } }, 'x');
    await tenant.push(
      { 'x/kustomization.yaml': '', 'y/a.yaml': configMap('a', {}), 'y/b.yaml': configMap('b', {}) },
      'r2',
    );
    await tenant.ready('r2', 'y');
    await tenant.patch({ spec: { suspend: false } }, 'x');
    await tenant.ready('r2', 'x');
    expect((await tenant.find('ConfigMap', 'a'))!.metadata.labels).toHaveProperty([`${group}/name`], 'y');
    expect(await tenant.event(({ message }) => message.endsWith('skipped'), 'x')).toBeDefined();
  });

  test('KUS-23, KUS-28, KUS-64, KUS-278, KUS-280: stay in the inventory when they cannot be deleted', async () => {
    const tenant = await applied({ retryInterval: '200ms' });
    const gone = { id: `${tenant.namespace}_it_example.org_Gone`, v: 'v1' };
    const { entries } = (await tenant.ready('r1')).status!.inventory!;
    const body = { status: { inventory: { entries: [...entries, gone] } } };
    const type = { group, version: 'v1', kind: 'Kustomization' };
    const key = { namespace: tenant.namespace, name: 'app' };
    await world.client.patch(type, key, { type: 'merge', body }, { subresource: 'status' });
    await tenant.push(one, 'r2');
    const object = await tenant.until(({ status }) => (status?.history?.[0]?.totalReconciliations ?? 0) >= 3);
    const ready = condition(object, 'Ready')!;
    expect(object.status!.history![0]).toMatchObject({ lastReconciledStatus: 'PruneFailed' });
    expect(inventory(object)).toEqual([`${tenant.namespace}_a__ConfigMap`, gone.id]);
    expect(await exists(tenant, 'b')).toBe(false);
    expect(object.status!.lastAppliedRevision).toBe('r1');
    const event = await tenant.event(({ severity }) => severity === 'error');
    expect(event.reason).toBe('PruneFailed');
    expect(event.message).toMatch(/^delete failed, errors: Gone\/.*\/it query failed: .*;$/);
    expect(ready.status).not.toBe('True');
    expect(tenant.events().filter(({ message }) => message.endsWith('deleted'))).toEqual([]);
  });
});

describe('deletion of the Kustomization', () => {
  test.each([
    ['KUS-13, KUS-323, KUS-328', {}, false],
    ['KUS-13', { prune: false }, true],
    ['KUS-477', { prune: false, deletionPolicy: 'Delete' }, false],
    ['KUS-477', { deletionPolicy: 'Orphan' }, true],
    ['KUS-322, KUS-393', { suspend: true }, true],
  ] as [string, Spec, boolean][])('%s: %j', async (_numbers, spec, remains) => {
    const { suspend, ...rest } = { suspend: false, ...spec };
    const tenant = await applied(rest);
    if (suspend) await tenant.patch({ spec: { suspend } });
    await tenant.remove();
    await tenant.gone();
    expect([await exists(tenant, 'a'), await exists(tenant, 'b')]).toEqual([remains, remains]);
    const lines = ['b', 'a'].map((name) => `ConfigMap/${tenant.namespace}/${name} deleted`);
    if (!remains) {
      const event = await tenant.event(({ message }) => message.includes('deleted'));
      expect(event).toMatchObject({
        message: lines.join('\n'),
        severity: 'info',
        reason: 'ReconciliationSucceeded',
        metadata: { [`${group}/revision`]: 'r1' },
      });
    }
  });

  test('KUS-330, KUS-476: what is marked survives, what was only created when absent does not', async () => {
    const ifNotPresent = { annotations: { [`${group}/ssa`]: 'IfNotPresent' } };
    const tenant = await applied({}, { ...both, 'c.yaml': configMap('c', {}, ifNotPresent) });
    await tenant.request();
    await annotate(tenant, 'b', 'prune', 'Disabled');
    await tenant.remove();
    await tenant.gone();
    expect(await Promise.all(['a', 'b', 'c'].map((name) => exists(tenant, name)))).toEqual([false, true, false]);
    const event = await tenant.event(({ message }) => message.includes('deleted'));
    expect(event.message).toContain(`ConfigMap/${tenant.namespace}/b skipped`);
  });

  test('KUS-101, KUS-324, KUS-333: nothing that is broken gets in its way', async () => {
    const tenant = await applied();
    await tenant.patch({ spec: { dependsOn: [{ name: 'absent' }], sourceRef: { name: 'absent' } } });
    await tenant.failed('ArtifactFailed');
    await tenant.remove();
    await tenant.gone();
    expect(await exists(tenant, 'a')).toBe(false);
  });

  test('KUS-332: another finalizer remains, and ours does not come back', async () => {
    const tenant = await world.tenant();
    await tenant.push(both, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace }, { metadata: { finalizers: ['example.org/hold'] } });
    await tenant.ready('r1');
    await tenant.remove();
    const object = await tenant.until(({ metadata }) => !metadata.finalizers?.includes('finalizers.fluxcd.io'));
    expect(object.metadata.finalizers).toEqual(['example.org/hold']);
    await tenant.patch({ metadata: { annotations: { 'reconcile.fluxcd.io/requestedAt': 'now' } } });
    // Another object's whole run later, this one has had its own.
    await applied();
    expect(world.find(tenant.namespace, 'app')!.metadata.finalizers).toEqual(['example.org/hold']);
    expect(
      controller.logs.filter(({ level, namespace }) => level === 'error' && namespace === tenant.namespace),
    ).toEqual([]);
    await tenant.patch({ metadata: { finalizers: null } });
    await tenant.gone();
  });

  test('KUS-329: WaitForTermination waits until the objects are gone', async () => {
    const tenant = await applied({ deletionPolicy: 'WaitForTermination' });
    await tenant.edit('ConfigMap', 'a', { metadata: { finalizers: ['example.org/hold'] } });
    await tenant.remove();
    await tenant.event(({ message }) => message.includes('deleted'));
    expect((await tenant.find('ConfigMap', 'a'))!.metadata.deletionTimestamp).toBeDefined();
    expect(world.find(tenant.namespace, 'app')).toBeDefined();
    await tenant.edit('ConfigMap', 'a', { metadata: { finalizers: null } });
    await tenant.gone();
    expect(tenant.events().filter(({ severity }) => severity === 'error')).toEqual([]);
  });
});
