import { behaviourAnnotation, startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, configMap, type Tenant } from '../testing/tenant.ts';
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

type Behaviour = 'succeed' | 'hang' | 'fail';
type Spec = Parameters<Tenant['apply']>[0];

function deployment(
  name: string,
  behaviour: Behaviour = 'succeed',
  annotations: Record<string, string> = {},
  image = 'app:1',
): string {
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name, annotations: { [behaviourAnnotation]: behaviour, ...annotations } },
    spec: {
      progressDeadlineSeconds: 600,
      selector: { matchLabels: { app: name } },
      template: { metadata: { labels: { app: name } }, spec: { containers: [{ name: 'c', image }] } },
    },
  });
}

async function start(files: Record<string, string>, spec: Spec) {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, ...spec });
  return tenant;
}
const reasons = (tenant: Tenant) => tenant.events().map(({ reason, message }) => `${reason}: ${message.split(' ')[0]}`);

test('KUS-48, KUS-58, KUS-59, KUS-284, KUS-295, KUS-382, KUS-383: a wait that ends well', async () => {
  const tenant = await start({ 'a.yaml': deployment('a'), 'cm.yaml': configMap('cm', {}) }, { wait: true });
  const object = await tenant.ready('r1');
  expect(conditions(object)).toEqual(['Ready=True ReconciliationSucceeded', 'Healthy=True Succeeded']);
  expect(condition(object, 'Healthy')!.message).toMatch(/^Health check passed in .*s$/);
  await tenant.event(({ reason }) => reason === 'ReconciliationSucceeded');
  const { namespace } = tenant;
  expect(reasons(tenant)).toEqual([
    `Progressing: ConfigMap/${namespace}/cm`,
    'Progressing: Health',
    'ReconciliationSucceeded: Reconciliation',
  ]);
  const shown = world.states(namespace, 'app').find((state) => condition(state, 'Healthy')?.status === 'Unknown')!;
  const message = 'Running health checks for revision r1 with a timeout of 59m30s';
  expect(condition(shown, 'Healthy')).toMatchObject({ reason: 'Progressing', message });
  expect(condition(shown, 'Reconciling')).toMatchObject({ reason: 'Progressing', message });
  expect(condition(shown, 'Ready')).toMatchObject({ status: 'Unknown', reason: 'Progressing' });

  await tenant.push({ 'a.yaml': deployment('a'), 'cm.yaml': configMap('cm', {}) }, 'r2');
  await tenant.ready('r2');
  await tenant.push({ 'a.yaml': deployment('a', 'succeed', { some: 'thing' }), 'cm.yaml': configMap('cm', {}) }, 'r3');
  await tenant.ready('r3');
  await tenant.event(() => tenant.events().filter(({ reason }) => reason === 'ReconciliationSucceeded').length >= 3);
  expect(reasons(tenant).slice(3)).toEqual([
    'ReconciliationSucceeded: Reconciliation',
    `Progressing: Deployment/${namespace}/a`,
    'Progressing: Health',
    'ReconciliationSucceeded: Reconciliation',
  ]);
});

test('KUS-34, KUS-289, KUS-292, KUS-294, KUS-381, KUS-382, KUS-484: a failure ends the wait at once', async () => {
  const files = { 'a.yaml': deployment('a', 'fail'), 'b.yaml': deployment('b', 'hang') };
  const tenant = await start(files, { wait: true });
  let object = await tenant.failed('HealthCheckFailed');
  const raw = `failed early due to stalled resources: [Deployment/${tenant.namespace}/a status: 'Failed'`;
  expect(condition(object, 'Healthy')!.message).toContain(raw);
  expect(condition(object, 'Healthy')).toMatchObject({ status: 'False', reason: 'HealthCheckFailed' });
  const { message } = condition(object, 'Ready')!;
  expect(message).toMatch(/^health check failed after .*s: failed early/);
  expect(condition(object, 'Reconciling')).toMatchObject({
    reason: 'ProgressingWithRetry',
    message: expect.stringMatching(/^Running health checks for revision r1/),
  });
  expect(object.status).toMatchObject({ lastAttemptedRevision: 'r1', observedGeneration: -1 });
  expect(object.status).not.toHaveProperty('lastAppliedRevision');
  expect(object.status!.inventory!.entries).toHaveLength(2);
  expect(object.status!.history).toMatchObject([{ lastReconciledStatus: 'HealthCheckFailed' }]);
  expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({
    reason: 'HealthCheckFailed',
    message,
  });

  const [a, b] = ['a', 'b'].map((name) => deployment(name, 'succeed', {}, 'app:2'));
  await tenant.push({ 'a.yaml': a!, 'b.yaml': b! }, 'r2');
  object = await tenant.ready('r2');
  expect(condition(object, 'Healthy')).toMatchObject({ status: 'True', reason: 'Succeeded' });
  const passed = await tenant.event(({ message }) => message.startsWith('Health check passed'));
  expect(passed).toMatchObject({
    reason: 'Progressing',
    metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'r2' },
  });
});

test('KUS-240, KUS-285, KUS-481: what is skipped is not waited for', async () => {
  const skipped = { 'kustomize.toolkit.fluxcd.io/reconcile': 'disabled' };
  const tenant = await start({ 'a.yaml': deployment('a', 'fail', skipped) }, { wait: true });
  expect(conditions(await tenant.ready('r1'))).toEqual(['Ready=True ReconciliationSucceeded']);
});

test('KUS-51: earlier failures leave the last result alone; without checks it goes', async () => {
  const tenant = await start({ 'a.yaml': deployment('a') }, { wait: true });
  await tenant.ready('r1');
  await tenant.push({ 'kustomization.yaml': 'resources: [absent.yaml]\n' }, 'r2');
  const failed = await tenant.failed('BuildFailed');
  expect(condition(failed, 'Healthy')).toMatchObject({ status: 'True', reason: 'Succeeded' });
  await tenant.push({ 'a.yaml': deployment('a') }, 'r3');
  await tenant.ready('r3');
  await tenant.patch({ spec: { wait: false } });
  expect(conditions(await tenant.ready('r3'))).toEqual(['Ready=True ReconciliationSucceeded']);
});

test('KUS-287, KUS-488: objects of others, found when they appear', async () => {
  const tenant = await world.tenant();
  await tenant.push({ 'cm.yaml': configMap('cm', {}) }, 'r1');
  const { namespace } = tenant;
  await tenant.apply({ targetNamespace: namespace, healthChecks: [{ kind: 'Deployment', name: 'late', namespace }] });
  await tenant.until((object) => condition(object, 'Healthy')?.status === 'Unknown');
  await tenant.create(JSON.parse(deployment('late')) as never);
  await tenant.ready('r1');
});

test('KUS-296: a check that names no namespace', async () => {
  const tenant = await start({ 'a.yaml': deployment('a') }, { healthChecks: [{ kind: 'Deployment', name: 'a' }] });
  const { message } = condition(await tenant.failed('HealthCheckFailed'), 'Ready')!;
  expect(message).toContain('resource Deployment.apps a is namespace scoped, but namespace is not set');
});

test('KUS-286: a Kustomization does not wait for itself', async () => {
  const tenant = await world.tenant();
  const own = { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', name: 'app' };
  await tenant.push({ 'cm.yaml': configMap('cm', {}) }, 'r1');
  await tenant.apply({
    targetNamespace: tenant.namespace,
    healthChecks: [{ ...own, namespace: tenant.namespace }],
  });
  expect(conditions(await tenant.ready('r1'))).toEqual(['Ready=True ReconciliationSucceeded']);
});

test('KUS-311, KUS-315, KUS-321, KUS-482: expressions tell the health of kinds', async () => {
  const healthCheckExprs = [
    { apiVersion: 'v1', kind: 'ConfigMap', current: 'data.state == "good"', failed: 'data.state == "bad"' },
  ];
  const tenant = await start({ 'cm.yaml': configMap('cm', { state: 'good' }) }, { wait: true, healthCheckExprs });
  await tenant.ready('r1');
  await tenant.push({ 'cm.yaml': configMap('cm', { state: 'bad' }) }, 'r2');
  const { message } = condition(await tenant.failed('HealthCheckFailed'), 'Ready')!;
  expect(message).toContain(`ConfigMap/${tenant.namespace}/cm status: 'Failed'`);
});

describe('mistakes in expressions', () => {
  const expression = { apiVersion: 'example.org/v1', kind: 'Thing', current: 'status.ok == true' };
  test.each([
    [
      'KUS-80',
      [{ ...expression, current: 'status.ok ==' }],
      ['healthchecks[0]', 'failed to parse the expression Current'],
    ],
    ['KUS-81', [{ ...expression, inProgress: '((' }], ['failed to parse the expression InProgress']],
    ['KUS-81', [{ ...expression, failed: '1 +' }], ['failed to parse the expression Failed']],
    [
      'KUS-82',
      [expression, { ...expression, apiVersion: 'example.org/v2' }],
      ['duplicate custom health check for GroupKind', 'at healthchecks[1]'],
    ],
  ])('%s: %j', async (_number, healthCheckExprs, texts) => {
    const tenant = await start({ 'cm.yaml': configMap('cm', {}) }, { healthCheckExprs });
    const object = await tenant.until(({ status }) => status?.observedGeneration === 1);
    expect(conditions(object)).toEqual(['Stalled=True InvalidCELExpression', 'Ready=False InvalidCELExpression']);
    const { message } = condition(object, 'Ready')!;
    expect(message).toMatch(/^Reconciliation failed terminally due to configuration error: /);
    for (const text of texts) expect(message).toContain(text);
    const event = await tenant.event(() => true);
    expect(event).toMatchObject({ severity: 'error', reason: 'InvalidCELExpression', message });
    expect(event.metadata).toBeUndefined();
    await tenant.patch({ spec: { healthCheckExprs: null } });
    await tenant.ready('r1');
  });
});
