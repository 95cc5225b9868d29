import { behaviourAnnotation, startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap, type Tenant } from '../testing/tenant.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

/** The shortest timeout there is takes 30 s, so everything that runs into one does so at the same time. */
const minuteMs = 60_000;

let world: World;
let controller: Controller;
let crowd: Tenant;
let health: Tenant;
let unknown: Tenant;
let termination: Tenant;
beforeAll(async () => {
  world = await startWorld(startEmbeddedKube);
  controller = await world.controller('--concurrent=4', '--feature-gates=DisableFailFastBehavior=true');
  [crowd, health, unknown, termination] = await Promise.all([
    world.tenant(),
    world.tenant(),
    world.tenant(),
    world.tenant(),
  ]);
  const timeout = '1s';

  await termination.push({ 'cm.yaml': configMap('a', {}) }, 'r1');
  await termination.apply({ targetNamespace: termination.namespace, deletionPolicy: 'WaitForTermination', timeout });
  await termination.ready('r1');
  await termination.edit('ConfigMap', 'a', { metadata: { finalizers: ['example.org/hold'] } });
  await termination.remove();

  await health.push({ 'a.yaml': pod('a', 'hang'), 'b.yaml': deployment('b', 'fail') }, 'r1');
  await health.apply({ targetNamespace: health.namespace, wait: true, timeout });
  await unknown.push({ 'cm.yaml': configMap('a', {}) }, 'r1');
  const healthChecks = [
    { apiVersion: 'example.org/v1', kind: 'Nothing', name: 'x', namespace: 'default' },
    { kind: 'Deployment', name: 'absent', namespace: 'default' },
  ];
  await unknown.apply({ targetNamespace: unknown.namespace, healthChecks, timeout });

  await crowd.push({ 'cm.yaml': configMap('a', {}) }, 'r1');
  const never = [{ kind: 'Deployment', name: 'never', namespace: crowd.namespace }];
  for (let i = 0; i < 50; i++) {
    await crowd.apply({ targetNamespace: crowd.namespace, healthChecks: never }, { name: `waits-${i}` });
  }
});
afterAll(async () => {
  await controller?.stop();
  await world?.close();
});

const metadata = (name: string, behaviour: string) => ({ name, annotations: { [behaviourAnnotation]: behaviour } });
const spec = { containers: [{ name: 'c', image: 'app' }] };

function pod(name: string, behaviour: string): string {
  return JSON.stringify({ apiVersion: 'v1', kind: 'Pod', metadata: metadata(name, behaviour), spec });
}

function deployment(name: string, behaviour: string): string {
  const labels = { app: name };
  return JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: metadata(name, behaviour),
    spec: { selector: { matchLabels: labels }, template: { metadata: { labels }, spec } },
  });
}

test('fifty Kustomizations that wait for health do not delay another', async () => {
  for (let i = 0; i < 50; i++) {
    await crowd.until((object) => condition(object, 'Healthy')?.status === 'Unknown', `waits-${i}`);
  }
  const tenant = await world.tenant();
  await tenant.push({ 'cm.yaml': configMap('a', {}) }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  for (let i = 0; i < 50; i++) {
    expect(condition(world.find(crowd.namespace, `waits-${i}`)!, 'Healthy')?.status).toBe('Unknown');
  }
});

test('KUS-248, KUS-446: objects that have to go before they can be made anew hold up no one else', async () => {
  const tenant = await world.tenant();
  const secret = (value: string) => {
    const names = Array.from({ length: 6 }, (_, index) => `key-${index}`);
    const object = { apiVersion: 'v1', kind: 'Secret', immutable: true, stringData: { value } };
    const text = (name: string) => JSON.stringify({ ...object, metadata: { name } });
    return Object.fromEntries(names.map((name) => [`${name}/secret.yaml`, text(name)]));
  };
  const names = Object.keys(secret('1')).map((path) => path.split('/')[0]!);
  await tenant.push(secret('1'), 'r1');
  for (const path of names)
    await tenant.apply({ targetNamespace: tenant.namespace, path, force: true }, { name: path });
  for (const name of names) {
    await tenant.ready('r1', name);
    await tenant.edit('Secret', name, { metadata: { finalizers: ['example.org/hold'] } });
  }
  await tenant.push(secret('2'), 'r2');
  for (const name of names) {
    while (!(await tenant.find('Secret', name))!.metadata.deletionTimestamp) {
      await tenant.until(({ status }) => status?.lastAttemptedRevision === 'r2', name);
    }
  }
  const other = await world.tenant();
  await other.push({ 'cm.yaml': configMap('a', {}) }, 'r1');
  await other.apply({ targetNamespace: other.namespace });
  await other.ready('r1');
  for (const name of names) {
    expect(world.find(tenant.namespace, name)!.status!.lastAppliedRevision).toBe('r1');
    await tenant.edit('Secret', name, { metadata: { finalizers: null } });
  }
  for (const name of names) await tenant.ready('r2', name);
});

test('KUS-338: a change during a wait is taken up after it', async () => {
  await crowd.patch({ spec: { path: 'absent' } }, 'waits-0');
  await crowd.create(JSON.parse(deployment('never', 'succeed')) as never);
  const object = await crowd.failed('ArtifactFailed', 'waits-0');
  expect(object.status!.lastAppliedRevision).toBe('r1');
  await crowd.ready('r1', 'waits-49');
});

test(
  'KUS-10, KUS-11, KUS-289, KUS-292, KUS-484: without fail-fast the wait lasts until its end',
  async () => {
    const object = await health.failed('HealthCheckFailed', 'app', minuteMs);
    const { message } = condition(object, 'Healthy')!;
    expect(message).toMatch(/^timeout waiting for: \[/);
    expect(message).toContain(`Pod/${health.namespace}/a status: 'InProgress'`);
    expect(message).toContain(`Deployment/${health.namespace}/b status: 'Failed'`);
    expect(condition(object, 'Reconciling')!.message).toBe(
      'Running health checks for revision r1 with a timeout of 30s',
    );
    expect(condition(object, 'Ready')!.message).toMatch(/^health check failed after 30\.?\d*s: timeout waiting for/);
  },
  minuteMs,
);

test(
  'KUS-290, KUS-299: what is not there is waited for, also a kind that nobody serves',
  async () => {
    const object = await unknown.failed('HealthCheckFailed', 'app', minuteMs);
    const { message } = condition(object, 'Healthy')!;
    expect(message).toContain("Nothing/default/x status: 'Unknown'");
    expect(message).toContain('no matches for kind');
    expect(message).toContain("Deployment/default/absent status: 'NotFound'");
  },
  minuteMs,
);

test(
  'KUS-11, KUS-329, KUS-478: a deletion that never ends is given up at the timeout',
  async () => {
    await termination.gone('app', minuteMs);
    expect(await termination.event(({ severity }) => severity === 'error')).toMatchObject({
      reason: 'ReconciliationSucceeded',
      message: 'failed to wait for resources termination',
      metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'r1' },
    });
    expect((await termination.find('ConfigMap', 'a'))!.metadata.deletionTimestamp).toBeDefined();
  },
  minuteMs,
);
