import { behaviourAnnotation, startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, configMap } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let controller: Controller | undefined;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
});
afterEach(async () => {
  await controller?.stop();
  controller = undefined;
});
afterAll(() => world?.close());

const files = { 'cm.yaml': configMap('settings', { value: '1' }) };
const sourceRef = { kind: 'ExternalArtifact' as const, name: 'repo' };

test('KUS-54, KUS-83: workload identity for decryption needs its gate', async () => {
  controller = await world.controller();
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ decryption: { provider: 'sops', serviceAccountName: 'kms' } });
  const object = await tenant.until((found) => condition(found, 'Stalled') !== undefined);
  expect(conditions(object)).toEqual(['Stalled=True FeatureGateDisabled', 'Ready=False FeatureGateDisabled']);
  const message =
    'to use spec.decryption.serviceAccountName for decryption authentication please enable the ' +
    'ObjectLevelWorkloadIdentity feature gate in the controller';
  expect(condition(object, 'Ready')!.message).toBe(message);
  expect(object.status!.observedGeneration).toBe(-1);
  const event = await tenant.event(() => true);
  expect(event).toMatchObject({ severity: 'error', reason: 'FeatureGateDisabled', message });
  expect(event.metadata).toBeUndefined();
});

test('KUS-86, KUS-91, KUS-373, KUS-400: ExternalArtifact needs its gate', async () => {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1', { kind: 'ExternalArtifact' });
  await tenant.apply({ targetNamespace: tenant.namespace, sourceRef });
  world.kube.resetStats();
  controller = await world.controller();
  let object = await tenant.until((found) => condition(found, 'Stalled') !== undefined);
  expect(conditions(object)).toEqual(['Stalled=True AccessDenied', 'Ready=False AccessDenied']);
  const message = `can't access 'ExternalArtifact/${tenant.namespace}/repo', ExternalArtifact feature gate is disabled`;
  expect(condition(object, 'Ready')!.message).toBe(message);
  expect(await tenant.event(() => true)).toMatchObject({ severity: 'error', reason: 'AccessDenied', message });
  expect(world.kube.stats().filter(({ resource }) => resource === 'externalartifacts')).toEqual([]);
  await controller.stop();

  controller = await world.controller('--feature-gates=ExternalArtifact=true');
  await tenant.ready('r1');
  await tenant.push(files, 'r2', { kind: 'ExternalArtifact' });
  await tenant.ready('r2');
  await controller.stop();

  controller = await world.controller();
  object = await tenant.until((found) => condition(found, 'Stalled') !== undefined);
  expect(condition(object, 'Ready')!.message).toBe(message);
});

test('KUS-85, KUS-100, KUS-343, KUS-397: sources of other namespaces can be forbidden, dependencies cannot', async () => {
  const [tenant, other] = [await world.tenant(), await world.tenant()];
  await other.push(files, 'r1');
  const foreign = { kind: 'GitRepository' as const, name: 'repo', namespace: other.namespace };
  await tenant.apply({ targetNamespace: tenant.namespace, sourceRef: foreign });
  controller = await world.controller();
  await tenant.ready('r1');
  await controller.stop();

  controller = await world.controller('--no-cross-namespace-refs');
  const object = await tenant.until((found) => condition(found, 'Stalled') !== undefined);
  expect(conditions(object)).toEqual(['Stalled=True AccessDenied', 'Ready=False AccessDenied']);
  const message = `can't access 'GitRepository/${other.namespace}/repo', cross-namespace references have been blocked`;
  expect(condition(object, 'Ready')!.message).toBe(message);
  expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({ reason: 'AccessDenied', message });
  expect(await tenant.find('ConfigMap', 'settings')).toBeDefined();

  await other.apply({ targetNamespace: other.namespace }, { name: 'first' });
  await tenant.push(files, 'r1');
  const dependsOn = [{ name: 'first', namespace: other.namespace }];
  await tenant.apply({ targetNamespace: tenant.namespace, dependsOn }, { name: 'second' });
  await tenant.ready('r1', 'second');
});

test('KUS-90: sources are read from the cache, or with the gate from the API server', async () => {
  const reads = () =>
    world.kube
      .stats()
      .filter(({ verb, resource, client }) => [verb, resource].join() === 'get,gitrepositories' && /^kust/.test(client))
      .reduce((sum, { count }) => sum + count, 0);
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  controller = await world.controller();
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  world.kube.resetStats();
  await tenant.request();
  expect(reads()).toBe(0);
  await controller.stop();
  controller = await world.controller('--feature-gates=DirectSourceFetch=true');
  await tenant.request();
  expect(reads()).toBeGreaterThan(0);
});

test('KUS-96, KUS-155: the gates of dependencies and of substitution', async () => {
  controller = await world.controller(
    '--feature-gates=AdditiveCELDependencyCheck=true,StrictPostBuildSubstitutions=false',
  );
  const tenant = await world.tenant();
  await tenant.push({ 'cm.yaml': configMap('settings', { value: 'x${absent}' }) }, 'r1');
  await tenant.apply({ suspend: true }, { name: 'a' });
  const dependsOn = [{ name: 'a', readyExpr: 'dep.spec.suspend == true || true' }];
  const postBuild = { substitute: { present: '1' } };
  await tenant.apply({ targetNamespace: tenant.namespace, dependsOn, postBuild }, { name: 'b' });
  const object = await tenant.failed('DependencyNotReady', 'b');
  expect(condition(object, 'Ready')!.message).toBe(`dependency '${tenant.namespace}/a' is not ready`);
  await tenant.patch({ spec: { suspend: false, targetNamespace: tenant.namespace } }, 'a');
  await tenant.ready('r1', 'b');
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: 'x' });
});

test('KUS-29, KUS-301, KUS-337, KUS-401, KUS-486: a new revision ends a wait', async () => {
  controller = await world.controller('--feature-gates=CancelHealthCheckOnNewRevision=true');
  const tenant = await world.tenant();
  const pod = (behaviour: string, name: string) =>
    JSON.stringify({
      apiVersion: 'v1',
      kind: 'Pod',
      metadata: { name, annotations: { [behaviourAnnotation]: behaviour } },
      spec: { containers: [{ name: 'c', image: 'app' }] },
    });
  await tenant.push({ 'pod.yaml': pod('hang', 'one') }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, wait: true });
  await tenant.until((object) => condition(object, 'Healthy')?.status === 'Unknown');
  await tenant.push({ 'pod.yaml': pod('succeed', 'two') }, 'r2');
  const { status } = await tenant.ready('r2');
  expect(status!.history!.map(({ metadata }) => metadata!.revision)).toEqual(['r2']);
  const trigger = `GitRepository/${tenant.namespace}/repo`;
  const event = await tenant.event(({ reason }) => reason === 'HealthCheckCanceled');
  expect(event).toMatchObject({
    severity: 'info',
    message: `Health checks canceled due to new reconciliation triggered by ${trigger}`,
  });
  const canceled = world
    .states(tenant.namespace, 'app')
    .find((state) => condition(state, 'Ready')?.reason === 'HealthCheckCanceled')!;
  expect(condition(canceled, 'Ready')!.message).toBe(`New reconciliation triggered by ${trigger}`);
  expect(condition(canceled, 'Healthy')!.status).toBe('Unknown');
  expect(tenant.events().filter(({ severity }) => severity === 'error')).toEqual([]);

  await tenant.push({ 'pod.yaml': pod('hang', 'three') }, 'r3');
  await tenant.until((object) => condition(object, 'Healthy')?.status === 'Unknown');
  await tenant.patch({ spec: { wait: false } });
  await tenant.ready('r3');
});

test('KUS-70: a shard sees its own objects; dependencies may live in another', async () => {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  const metadata = { labels: { 'sharding.fluxcd.io/key': 'one' } };
  await tenant.apply({ targetNamespace: tenant.namespace }, { name: 'main' });
  const dependsOn = [{ name: 'main' }];
  await tenant.apply({ targetNamespace: tenant.namespace, dependsOn }, { name: 'sharded', metadata });
  controller = await world.controller('--watch-label-selector=sharding.fluxcd.io/key=one');
  const waiting = await tenant.failed('DependencyNotReady', 'sharded');
  expect(condition(waiting, 'Ready')!.message).toBe(`dependency '${tenant.namespace}/main' is not ready`);
  expect(world.find(tenant.namespace, 'main')!.metadata.finalizers).toBeUndefined();
  await controller.stop();
  controller = await world.controller('--watch-label-selector=!sharding.fluxcd.io/key');
  await tenant.ready('r1', 'main');
  await controller.stop();
  controller = await world.controller('--watch-label-selector=sharding.fluxcd.io/key=one');
  await tenant.ready('r1', 'sharded');
});

test('KUS-71: only the own namespace, on request', async () => {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  controller = await world.controller('--watch-all-namespaces=false');
  const { client } = world;
  const sourceRef = { kind: 'GitRepository', name: 'repo', namespace: tenant.namespace };
  await client.create({
    apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
    kind: 'Kustomization',
    metadata: { namespace: 'default', name: 'own' },
    spec: { interval: '1h', prune: true, sourceRef, targetNamespace: 'default' },
  } as never);
  const own = await world.arrival('default', () => {
    const object = world.find('default', 'own');
    return object?.status?.lastAppliedRevision ? object : undefined;
  });
  expect(own.status!.lastAppliedRevision).toBe('r1');
  expect(world.find(tenant.namespace, 'app')!.metadata.finalizers).toBeUndefined();
});

test('KUS-376: an object that is deleted before it ever had our finalizer', async () => {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace }, { metadata: { finalizers: ['example.org/hold'] } });
  await tenant.remove();
  controller = await world.controller();
  await tenant.apply({ targetNamespace: tenant.namespace }, { name: 'other' });
  await tenant.ready('r1', 'other');
  expect(world.find(tenant.namespace, 'app')!.metadata.finalizers).toEqual(['example.org/hold']);
  await tenant.patch({ metadata: { finalizers: null } });
  await tenant.gone();
});
