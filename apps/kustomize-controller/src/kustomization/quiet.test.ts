import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap } from '../testing/tenant.ts';
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

/** Successful runs so far, of all objects. */
async function runs(): Promise<number> {
  const { url } = controller.logs.find(({ msg }) => msg === 'metrics server is listening') as unknown as {
    url: string;
  };
  const text = await (await fetch(`${url.replace(/\/metrics$/, '')}/metrics`)).text();
  const counts = text.matchAll(/^controller_runtime_reconcile_total\{[^}]*result="requeue_after"[^}]*\} (\d+)$/gm);
  return [...counts].reduce((sum, [, count]) => sum + Number(count), 0);
}

async function afterRuns(count: number): Promise<void> {
  const until = (await runs()) + count;
  while ((await runs()) < until) await new Promise((resolve) => setTimeout(resolve, 50));
}

const requests = () =>
  world.kube
    .stats()
    .filter(({ client, verb }) => client.startsWith('kustomize-controller') && verb !== 'watch')
    .map(({ verb, resource, count }) => ({ verb, resource, count }));

const count = 10;

test('KUS-61, KUS-259: runs that find nothing to do write nothing, and read next to nothing', async () => {
  const tenant = await world.tenant();
  const web = JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web-${name}' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: { metadata: { labels: { app: 'web' } }, spec: { containers: [{ name: 'c', image: 'app' }] } },
    },
  });
  await tenant.push({ 'cm.yaml': configMap('cm-${name}', { key: 'value' }), 'web.yaml': web }, 'r1');
  const names = Array.from({ length: count }, (_, index) => `app-${index}`);
  for (const name of names) {
    const postBuild = { substitute: { name } };
    await tenant.apply({ targetNamespace: tenant.namespace, interval: '500ms', wait: true, postBuild }, { name });
  }
  for (const name of names) await tenant.ready('r1', name);
  // The first run by the timer may still learn what the last writes of others have changed.
  await afterRuns(2 * count);
  const before = names.map((name) => world.find(tenant.namespace, name)!.metadata.resourceVersion);
  const events = world.events.all.length;
  world.kube.resetStats();
  await afterRuns(3 * count);
  expect(requests()).toEqual([]);
  expect(names.map((name) => world.find(tenant.namespace, name)!.metadata.resourceVersion)).toEqual(before);
  expect(world.events.all.length).toBe(events);
  for (const name of names) await tenant.patch({ spec: { suspend: true } }, name);
});

test('KUS-43, KUS-294: a run that began quietly says what it did when it fails', async () => {
  const tenant = await world.tenant();
  const healthCheckExprs = [
    { apiVersion: 'v1', kind: 'ConfigMap', current: 'data.state != "bad"', failed: 'data.state == "bad"' },
  ];
  await tenant.push({ 'cm.yaml': configMap('cm', { key: 'value' }) }, 'r1');
  await tenant.create({
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'other' },
    data: { state: 'good' },
  } as never);
  const healthChecks = [{ apiVersion: 'v1', kind: 'ConfigMap', name: 'other', namespace: tenant.namespace }];
  await tenant.apply({ targetNamespace: tenant.namespace, interval: '300ms', healthChecks, healthCheckExprs });
  await tenant.ready('r1');
  await tenant.edit('ConfigMap', 'other', { data: { state: 'bad' } });
  const object = await tenant.failed('HealthCheckFailed');
  expect(condition(object, 'Reconciling')).toMatchObject({
    reason: 'ProgressingWithRetry',
    message: expect.stringMatching(/^Running health checks for revision r1/),
  });
  expect(condition(object, 'Healthy')).toMatchObject({ status: 'False', reason: 'HealthCheckFailed' });
  await tenant.edit('ConfigMap', 'other', { data: { state: 'good' } });
  await tenant.request();
  await tenant.ready('r1');
});
