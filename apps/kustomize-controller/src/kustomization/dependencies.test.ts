import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, configMap } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let controller: Controller;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
  controller = await world.controller('--requeue-dependency=1h');
});
afterAll(async () => {
  await controller?.stop();
  await world?.close();
});

const files = { 'a/cm.yaml': configMap('a', {}), 'b/cm.yaml': configMap('b', {}), 'c/cm.yaml': configMap('c', {}) };

test('KUS-49, KUS-92, KUS-97, KUS-99, KUS-102, KUS-387: a dependency that is missing, not ready, ready', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  await tenant.push(files, 'r1');
  await tenant.emptySource('empty');
  await tenant.apply({ targetNamespace: namespace, path: 'b', dependsOn: [{ name: 'a' }] }, { name: 'b' });
  let object = await tenant.failed('DependencyNotReady', 'b');
  expect(condition(object, 'Ready')!.message).toContain(`dependency '${namespace}/a' not found: `);
  expect(conditions(object)).toEqual(['Ready=False DependencyNotReady']);
  expect(await tenant.event(() => true, 'b')).toMatchObject({
    severity: 'info',
    reason: 'DependencyNotReady',
    message: 'Dependencies do not meet ready condition, retrying in 1h0m0s',
  });

  const sourceRef = { kind: 'GitRepository' as const, name: 'empty' };
  await tenant.apply({ targetNamespace: namespace, path: 'a', sourceRef }, { name: 'a' });
  await tenant.failed('ArtifactFailed', 'a');
  await tenant.request('b');
  object = await tenant.failed('DependencyNotReady', 'b');
  expect(condition(object, 'Ready')!.message).toBe(`dependency '${namespace}/a' is not ready`);

  await tenant.push(files, 'r9', { name: 'empty' });
  await tenant.ready('r9', 'a');
  await tenant.ready('r1', 'b');
  const states = world.states(namespace, 'b').filter((state) => condition(state, 'Ready')?.status === 'Unknown');
  expect(states.every((state) => condition(state, 'Reconciling'))).toBe(true);
});

test('KUS-68, KUS-98: with the same source, a dependency has to be at the same revision', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: namespace, path: 'a' }, { name: 'a' });
  await tenant.apply({ targetNamespace: namespace, path: 'b', dependsOn: [{ name: 'a' }] }, { name: 'b' });
  await tenant.ready('r1', 'b');
  await tenant.patch({ spec: { suspend: true } }, 'a');
  await tenant.until(({ status }) => status?.observedGeneration === 2, 'a');
  await tenant.push(files, 'r2');
  const object = await tenant.failed('DependencyNotReady', 'b');
  expect(condition(object, 'Ready')!.message).toBe(`dependency '${namespace}/a' revision is not up to date`);
  await tenant.patch({ spec: { suspend: false } }, 'a');
  await tenant.ready('r2', 'a');
  await tenant.ready('r2', 'b');
});

test('KUS-68: a source event runs dependencies first', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  await tenant.push(files, 'r1');
  const dependsOn = (...names: string[]) => names.map((name) => ({ name }));
  await tenant.apply({ targetNamespace: namespace, path: 'c', dependsOn: dependsOn('b') }, { name: 'c' });
  await tenant.apply({ targetNamespace: namespace, path: 'b', dependsOn: dependsOn('a') }, { name: 'b' });
  await tenant.apply({ targetNamespace: namespace, path: 'a' }, { name: 'a' });
  await tenant.ready('r1', 'c');
  await tenant.push(files, 'r2');
  await tenant.ready('r2', 'c');
  const since = (name: string) =>
    world.states(namespace, name).find(({ status }) => status?.lastAppliedRevision === 'r2')!.metadata.resourceVersion!;
  expect(Number(since('a'))).toBeLessThan(Number(since('b')));
  expect(Number(since('b'))).toBeLessThan(Number(since('c')));
});

test('KUS-68: dependencies that have another source run as well', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  await tenant.push(files, 'r1');
  await tenant.push(files, 'r1', { name: 'other' });
  const sourceRef = { kind: 'GitRepository' as const, name: 'other' };
  await tenant.apply({ targetNamespace: namespace, path: 'a', sourceRef }, { name: 'a' });
  await tenant.apply({ targetNamespace: namespace, path: 'b', dependsOn: [{ name: 'a' }] }, { name: 'b' });
  await tenant.ready('r1', 'b');
  await tenant.edit('ConfigMap', 'a', { metadata: { labels: { 'kustomize.toolkit.fluxcd.io/name': 'lost' } } });
  await tenant.push(files, 'r2');
  await tenant.ready('r2', 'b');
  const event = await tenant.event(({ message }) => message.endsWith('configured'), 'a');
  expect(event.message).toBe(`ConfigMap/${namespace}/a configured`);
});

test('KUS-69: a circle is logged, and its batch does not run', async () => {
  const tenant = await world.tenant();
  const { namespace } = tenant;
  await tenant.apply({ path: 'a', dependsOn: [{ name: 'b' }] }, { name: 'a' });
  await tenant.apply({ path: 'b', dependsOn: [{ name: 'a' }] }, { name: 'b' });
  await tenant.failed('ArtifactFailed', 'a');
  await tenant.failed('ArtifactFailed', 'b');
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: namespace, path: 'c' }, { name: 'c' });
  await tenant.ready('r1', 'c');
  const line = controller.logs.find(({ msg }) => msg.includes('circular dependency detected'))!;
  expect(line.msg).toContain(`${namespace}/a -> ${namespace}/b -> ${namespace}/a`);
  for (const name of ['a', 'b']) await tenant.failed('ArtifactFailed', name);
});

test('KUS-100: dependencies in other namespaces', async () => {
  const [tenant, other] = [await world.tenant(), await world.tenant()];
  await tenant.push(files, 'r1');
  await other.push(files, 'o1');
  const dependsOn = [{ name: 'a', namespace: other.namespace }];
  await tenant.apply({ targetNamespace: tenant.namespace, path: 'b', dependsOn }, { name: 'b' });
  await tenant.failed('DependencyNotReady', 'b');
  await other.apply({ targetNamespace: other.namespace, path: 'a' }, { name: 'a' });
  await tenant.ready('r1', 'b');
});

describe('readyExpr', () => {
  test('KUS-93, KUS-96, KUS-388: a true expression is enough, even of a suspended dependency', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    const labels = { app: 'shop' };
    await tenant.apply({ suspend: true }, { name: 'a', metadata: { labels } });
    const readyExpr = "dep.metadata.labels['app'] == self.metadata.labels['app'] && dep.spec.suspend == true";
    const dependsOn = [{ name: 'a', readyExpr }];
    await tenant.apply(
      { targetNamespace: tenant.namespace, dependsOn, path: 'b' },
      { name: 'b', metadata: { labels } },
    );
    await tenant.ready('r1', 'b');
  });

  test.each([
    ["dep.metadata.labels['app'] == 'shop'", /is not ready according to readyExpr eval$/],
    ["dep.metadata.labels['absent'] == 'shop'", /failed to evaluate dependency/],
  ])('KUS-95: %s', async (readyExpr, message) => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ suspend: true }, { name: 'a', metadata: { labels: { app: 'blog' } } });
    await tenant.apply({ dependsOn: [{ name: 'a', readyExpr }] }, { name: 'b' });
    const object = await tenant.failed('DependencyNotReady', 'b');
    expect(condition(object, 'Ready')!.message).toMatch(message);
    expect(condition(object, 'Ready')!.message).toContain(`'${tenant.namespace}/a'`);
    expect(condition(object, 'Stalled')).toBeUndefined();
  });

  test.each(['dep.status.flag', 'dep.metadata.name ==', 'unknown.field == 1', '"text"'])(
    'KUS-32, KUS-94, KUS-389, KUS-390: %s stalls, and does not keep the object',
    async (readyExpr) => {
      const tenant = await world.tenant();
      await tenant.push(files, 'r1');
      await tenant.apply({ suspend: true }, { name: 'a' });
      await tenant.apply({ dependsOn: [{ name: 'a', readyExpr }] }, { name: 'b' });
      const object = await tenant.until(({ status }) => status?.observedGeneration === 1, 'b');
      expect(conditions(object)).toEqual(['Stalled=True InvalidCELExpression', 'Ready=False InvalidCELExpression']);
      const { message } = condition(object, 'Ready')!;
      expect(message).toContain('Reconciliation failed terminally due to configuration error: ');
      expect(message).toContain('failed to evaluate dependency a: ');
      expect(condition(object, 'Stalled')!.message).toBe(message);
      expect(await tenant.event(() => true, 'b')).toMatchObject({ severity: 'error', reason: 'InvalidCELExpression' });
      await tenant.patch({ spec: { dependsOn: null, targetNamespace: tenant.namespace, path: 'b' } }, 'b');
      expect(conditions(await tenant.ready('r1', 'b'))).toEqual(['Ready=True ReconciliationSucceeded']);
      await tenant.patch({ spec: { dependsOn: [{ name: 'a', readyExpr }] } }, 'b');
      await tenant.until((changed) => condition(changed, 'Stalled') !== undefined, 'b');
      await tenant.remove('b');
      await tenant.gone('b');
      expect(await tenant.find('ConfigMap', 'b')).toBeUndefined();
    },
  );
});
