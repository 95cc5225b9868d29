import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, configMap } from '../testing/tenant.ts';
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

const files = { 'cm.yaml': configMap('settings', { value: '1' }) };

test('KUS-14, KUS-60, KUS-84, KUS-386: a source that does not exist, until it does', async () => {
  const tenant = await world.tenant();
  await tenant.apply({ targetNamespace: tenant.namespace });
  const object = await tenant.failed('ArtifactFailed');
  expect(condition(object, 'Ready')!.message).toBe('gitrepositories.source.toolkit.fluxcd.io "repo" not found');
  expect(object.status!.observedGeneration).toBe(-1);
  const mine = controller.logs.filter(({ namespace }) => namespace === tenant.namespace);
  expect(mine.map(({ msg }) => msg)).toContain("Source 'GitRepository/repo' not found");
  await tenant.push(files, 'r1');
  await tenant.ready('r1');
  await tenant.event(({ reason }) => reason === 'ReconciliationSucceeded');
  expect(tenant.events().map(({ severity }) => severity)).not.toContain('error');
});

test('KUS-14, KUS-84: a source of another namespace, by the name that the spec gives', async () => {
  const [tenant, other] = [await world.tenant(), await world.tenant()];
  const sourceRef = { kind: 'GitRepository' as const, name: 'repo', namespace: other.namespace };
  await tenant.apply({ targetNamespace: tenant.namespace, sourceRef });
  await tenant.failed('ArtifactFailed');
  const mine = controller.logs.filter(({ namespace }) => namespace === tenant.namespace);
  expect(mine.map(({ msg }) => msg)).toContain(`Source 'GitRepository/${other.namespace}/repo' not found`);
  await other.push(files, 'r1');
  await tenant.ready('r1');
});

test('KUS-60, KUS-67, KUS-89: a source without an artifact', async () => {
  const tenant = await world.tenant();
  await tenant.emptySource();
  await tenant.apply({ targetNamespace: tenant.namespace });
  const object = await tenant.failed('ArtifactFailed');
  expect(condition(object, 'Ready')!.message).toBe('Source artifact not found, retrying in 300ms');
  expect(tenant.events()).toEqual([]);
  await tenant.push(files, 'r1');
  await tenant.ready('r1');
});

test('KUS-91: every kind of source', async () => {
  const tenant = await world.tenant();
  for (const kind of ['OCIRepository', 'Bucket'] as const) {
    const name = kind.toLowerCase();
    await tenant.push({ 'cm.yaml': configMap(name, {}) }, 'r1', { kind });
    await tenant.apply({ targetNamespace: tenant.namespace, sourceRef: { kind, name: 'repo' } }, { name });
    await tenant.ready('r1', name);
    await tenant.push({ 'cm.yaml': configMap(name, {}) }, 'r2', { kind });
    await tenant.ready('r2', name);
  }
});

test('KUS-67: a revision that was seen already makes nothing run', async () => {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  const { resourceVersion } = (await tenant.ready('r1')).metadata;
  const key = { namespace: tenant.namespace, name: 'repo' };
  await world.client.delete({ group: 'source.toolkit.fluxcd.io', version: 'v1', kind: 'GitRepository' }, key);
  await tenant.push(files, 'r1');
  await tenant.push(files, 'r2');
  const object = await tenant.ready('r2');
  const between = world
    .states(tenant.namespace, 'app')
    .filter(({ metadata }) => Number(metadata.resourceVersion) > Number(resourceVersion));
  expect(between.some((state) => condition(state, 'Ready')?.reason === 'ArtifactFailed')).toBe(false);
  expect(conditions(object)).toEqual(['Ready=True ReconciliationSucceeded']);
});

describe('artifacts', () => {
  test('KUS-60, KUS-105, KUS-391: a download that answers 404, until it does not', async () => {
    const tenant = await world.tenant();
    const { url } = await tenant.push({ 'cm.yaml': configMap('settings', { never: 'seen before' }) }, 'r1');
    world.artifacts.withdraw(url);
    await tenant.apply({ targetNamespace: tenant.namespace });
    const object = await tenant.failed('ArtifactFailed');
    expect(condition(object, 'Ready')!.message).toBe('Source is not ready, artifact not found, retrying in 300ms');
    expect(condition(object, 'Reconciling')).toMatchObject({ reason: 'ProgressingWithRetry' });
    expect(object.status).not.toHaveProperty('lastAttemptedRevision');
    expect(tenant.events()).toEqual([]);
    world.artifacts.restore(url);
    await tenant.ready('r1');
  });

  test('KUS-33, KUS-106, KUS-107, KUS-392: content that is not what the digest says', async () => {
    const tenant = await world.tenant();
    const digest = `sha256:${'0'.repeat(64)}`;
    await tenant.push(files, 'r1', { artifact: { digest } });
    await tenant.apply({ targetNamespace: tenant.namespace });
    const object = await tenant.failed('ArtifactFailed');
    expect(condition(object, 'Ready')!.message).toContain("computed digest doesn't match provided");
    expect(object.status).not.toHaveProperty('lastAttemptedRevision');
    expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({ reason: 'ArtifactFailed' });
    expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
  });

  test('an artifact is downloaded once for all that use it', async () => {
    const tenant = await world.tenant();
    const { url } = await tenant.push({ 'a/cm.yaml': configMap('a', {}), 'b/cm.yaml': configMap('b', {}) }, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace, path: 'a' }, { name: 'a' });
    await tenant.apply({ targetNamespace: tenant.namespace, path: 'b' }, { name: 'b' });
    await tenant.ready('r1', 'a');
    await tenant.ready('r1', 'b');
    expect(world.artifacts.downloads(url)).toBe(1);
  });
});

describe('paths', () => {
  test('KUS-33, KUS-111: a directory that the artifact does not have', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ path: './absent' });
    const object = await tenant.failed('ArtifactFailed');
    const message = 'kustomization path not found: stat absent: no such file or directory';
    expect(condition(object, 'Ready')!.message).toBe(message);
    expect(object.status).not.toHaveProperty('lastAttemptedRevision');
    expect(await tenant.event(() => true)).toMatchObject({ severity: 'error', reason: 'ArtifactFailed', message });
  });

  test.each(['./dir', 'dir', '/dir', 'dir/', '../../dir'])(
    'KUS-9, KUS-110: %s is inside the artifact',
    async (path) => {
      const tenant = await world.tenant();
      await tenant.push({ 'dir/cm.yaml': configMap('inside', {}), 'dir.yaml': configMap('outside', {}) }, 'r1');
      await tenant.apply({ targetNamespace: tenant.namespace, path });
      await tenant.ready('r1');
      expect(await tenant.find('ConfigMap', 'inside')).toBeDefined();
      expect(await tenant.find('ConfigMap', 'outside')).toBeUndefined();
    },
  );

  test('KUS-110: no way out of the artifact', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ path: '../../../../../../../../etc' });
    expect(condition(await tenant.failed('ArtifactFailed'), 'Ready')!.message).toContain('stat etc:');
  });
});
