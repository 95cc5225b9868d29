import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, configMap, inventory } from '../testing/tenant.ts';
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

const files = (value: string) => ({ 'cm.yaml': configMap('settings', { value }) });

test('KUS-25, KUS-31, KUS-32, KUS-33, KUS-34, KUS-36, KUS-39, KUS-42, KUS-57, KUS-75, KUS-377: the first success', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'main@sha1:1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  const object = await tenant.ready('main@sha1:1');

  expect(conditions(object)).toEqual(['Ready=True ReconciliationSucceeded']);
  expect(condition(object, 'Ready')).toMatchObject({ message: 'Applied revision: main@sha1:1', observedGeneration: 1 });
  expect(object.status).toMatchObject({
    observedGeneration: 1,
    lastAppliedRevision: 'main@sha1:1',
    lastAttemptedRevision: 'main@sha1:1',
    inventory: { entries: [{ id: `${tenant.namespace}_settings__ConfigMap`, v: 'v1' }] },
  });
  expect(object.status).not.toHaveProperty('lastAppliedOriginRevision');
  expect(object.status?.history).toEqual([
    {
      digest: expect.stringMatching(/^sha256:[0-9a-f]{64}$/),
      firstReconciled: expect.any(String),
      lastReconciled: expect.any(String),
      lastReconciledDuration: expect.stringMatching(/s$/),
      lastReconciledStatus: 'ReconciliationSucceeded',
      totalReconciliations: 1,
      metadata: { revision: 'main@sha1:1' },
    },
  ]);
  expect(object.metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
  const states = world.states(tenant.namespace, 'app');
  expect(states.findIndex(({ metadata }) => metadata.finalizers)).toBeLessThan(
    states.findIndex(({ status }) => status?.inventory),
  );
  const event = await tenant.event(({ reason }) => reason === 'ReconciliationSucceeded');
  expect(event.message).toMatch(/^Reconciliation finished in .*s, next run in 1h0m0s$/);
});

test('KUS-46, KUS-47: the steps of a run can be followed', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'main@sha1:1');
  await tenant.apply({ targetNamespace: tenant.namespace, interval: '10m' });
  await tenant.ready('main@sha1:1');
  const shown = world
    .states(tenant.namespace, 'app')
    .filter((state) => condition(state, 'Reconciling'))
    .map((state) => [condition(state, 'Reconciling')!.message, condition(state, 'Ready')?.message]);
  const limit = 'for revision main@sha1:1 with a timeout of 9m30s';
  const steps = ['Fetching manifests', 'Building manifests', 'Detecting drift'].map((step) => [
    `${step} ${limit}`,
    'Reconciliation in progress',
  ]);
  expect(shown.filter(([message], index) => message !== shown[index - 1]?.[0])).toEqual(steps);
});

test('KUS-52, KUS-53, KUS-54, KUS-55, KUS-56, KUS-61: what events carry', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'main@sha1:1', {
    metadata: { 'org.opencontainers.image.revision': 'upstream@sha1:9' },
  });
  await tenant.apply(
    { targetNamespace: tenant.namespace },
    { metadata: { annotations: { 'event.toolkit.fluxcd.io/team': 'blue', other: 'thing' } } },
  );
  await tenant.ready('main@sha1:1');
  await tenant.event(({ reason }) => reason === 'ReconciliationSucceeded');
  const metadata = {
    'kustomize.toolkit.fluxcd.io/revision': 'main@sha1:1',
    'kustomize.toolkit.fluxcd.io/originRevision': 'upstream@sha1:9',
    'event.toolkit.fluxcd.io/team': 'blue',
  };
  const [applied, succeeded] = tenant.events();
  expect(applied).toMatchObject({
    involvedObject: { apiVersion: 'kustomize.toolkit.fluxcd.io/v1', kind: 'Kustomization', uid: expect.any(String) },
    severity: 'info',
    reason: 'Progressing',
    message: `ConfigMap/${tenant.namespace}/settings created`,
    reportingController: 'kustomize-controller',
    reportingInstance: expect.any(String),
    timestamp: expect.any(String),
  });
  expect(applied!.metadata).toEqual(metadata);
  expect(succeeded!.metadata).toEqual({
    ...metadata,
    'kustomize.toolkit.fluxcd.io/commit_status': 'update',
  });
  const { items } = await world.client.list<never>({ group: '', version: 'v1', kind: 'Event' }, tenant);
  expect(items.map(({ type, reason }) => `${type} ${reason}`)).toEqual(
    expect.arrayContaining(['Normal Progressing', 'Normal ReconciliationSucceeded']),
  );

  await tenant.request();
  await tenant.event(() => tenant.events().length >= 3);
  expect(
    tenant
      .events()
      .slice(2)
      .map(({ reason }) => reason),
  ).toEqual(['ReconciliationSucceeded']);
});

test('KUS-26, KUS-30, KUS-34, KUS-394, KUS-396: another revision of the same content', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'main@sha1:1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('main@sha1:1');
  await tenant.push(files('1'), 'main@sha1:2', { metadata: { 'org.opencontainers.image.revision': 'v2' } });
  const { status } = await tenant.ready('main@sha1:2');
  expect(status).toMatchObject({ lastAppliedOriginRevision: 'v2' });
  expect(status!.history).toMatchObject([
    { totalReconciliations: 2, metadata: { revision: 'main@sha1:2', originRevision: 'v2' } },
  ]);
});

test('KUS-27: the history keeps five entries', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('0'), 'r0');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r0');
  for (let i = 1; i <= 6; i++) {
    await tenant.push(files(`${i}`), `r${i}`);
    await tenant.ready(`r${i}`);
  }
  const { status } = await tenant.ready('r6');
  expect(status!.history!.map(({ metadata }) => metadata!.revision)).toEqual(['r6', 'r5', 'r4', 'r3', 'r2']);
});

test('KUS-28, KUS-43, KUS-379, KUS-395: failure and success take turns', async () => {
  const tenant = await world.tenant();
  const broken = { 'cm.yaml': configMap('not_a_name', {}) };
  await tenant.push(files('1'), 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  await tenant.push(broken, 'r2');
  const failed = await tenant.failed('ReconciliationFailed');
  expect(failed.status).toMatchObject({
    lastAppliedRevision: 'r1',
    lastAttemptedRevision: 'r2',
    observedGeneration: 1,
  });
  expect(condition(failed, 'Reconciling')).toMatchObject({
    status: 'True',
    reason: 'ProgressingWithRetry',
    message: expect.stringMatching(/^Detecting drift for revision r2/),
  });
  expect(failed.status!.history!.map(({ lastReconciledStatus }) => lastReconciledStatus)).toEqual([
    'ReconciliationFailed',
    'ReconciliationSucceeded',
  ]);
  await tenant.patch({ spec: { interval: '2h' } });
  const still = await tenant.until(({ status }) => status?.history?.[0]?.totalReconciliations === 2);
  expect(still.status!.observedGeneration).toBe(1);
  expect(still.metadata.generation).toBe(2);
  await tenant.push(files('1'), 'r3');
  const { status } = await tenant.ready('r3');
  expect(status!.history!.map((entry) => [entry.lastReconciledStatus, entry.totalReconciliations])).toEqual([
    ['ReconciliationSucceeded', 2],
    ['ReconciliationFailed', 2],
  ]);
});

test('KUS-29, KUS-33, KUS-378: a build that fails', async () => {
  const tenant = await world.tenant();
  await tenant.push({ 'kustomization.yaml': 'resources: [absent.yaml]\n' }, 'r1');
  await tenant.apply();
  const { status } = await tenant.failed('BuildFailed');
  expect(status).toMatchObject({ observedGeneration: -1, lastAttemptedRevision: 'r1' });
  expect(status).not.toHaveProperty('lastAppliedRevision');
  expect(status).not.toHaveProperty('history');
  const object = await tenant.failed('BuildFailed');
  expect(condition(object, 'Reconciling')).toMatchObject({
    reason: 'ProgressingWithRetry',
    message: expect.stringMatching(/^Building manifests for revision r1/),
  });
});

test('KUS-44, KUS-40: conditions of others stay, and ours come first', async () => {
  const tenant = await world.tenant();
  await tenant.push({ 'cm.yaml': configMap('not_a_name', {}) }, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.failed('ReconciliationFailed');
  const foreign = { type: 'Audited', status: 'True', reason: 'Checked', message: '' };
  const lastTransitionTime = '2026-01-01T00:00:00Z';
  const object = await tenant.failed('ReconciliationFailed');
  const body = { status: { conditions: [{ ...foreign, lastTransitionTime }, ...object.status!.conditions!] } };
  const type = { group: 'kustomize.toolkit.fluxcd.io', version: 'v1', kind: 'Kustomization' };
  const key = { namespace: tenant.namespace, name: 'app' };
  await world.client.patch(type, key, { type: 'merge', body }, { subresource: 'status' });
  const after = await tenant.request();
  expect(after.status!.conditions!.map(({ type }) => type)).toEqual(['Reconciling', 'Ready', 'Audited']);
  await tenant.push(files('1'), 'r2');
  expect(conditions(await tenant.ready('r2'))).toEqual(['Ready=True ReconciliationSucceeded', 'Audited=True Checked']);
  const managers = (await tenant.ready('r2')).metadata.managedFields!.map(({ manager }) => manager);
  expect(managers).toContain('gotk-kustomize-controller');
});

test('KUS-35, KUS-73: a request runs at once and is echoed, whatever comes of it', async () => {
  const tenant = await world.tenant();
  await tenant.push({ 'kustomization.yaml': 'resources: [absent.yaml]\n' }, 'r1');
  await tenant.apply();
  await tenant.failed('BuildFailed');
  expect((await tenant.request()).status!.lastHandledReconcileAt).toBe('request 1');
  await tenant.push(files('1'), 'r2');
  await tenant.patch({ spec: { targetNamespace: tenant.namespace } });
  await tenant.ready('r2');
  await tenant.edit('ConfigMap', 'settings', { data: { value: 'changed' } });
  expect((await tenant.request()).status!.lastHandledReconcileAt).toBe('request 2');
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: '1' });
});

test('KUS-35, KUS-60, KUS-77: suspended, nothing happens but the echo of a request', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  await tenant.event(({ reason }) => reason === 'ReconciliationSucceeded');
  await tenant.patch({ spec: { suspend: true } });
  await tenant.push(files('2'), 'r2');
  const before = tenant.events().length;
  const object = await tenant.request();
  expect(object.status).toMatchObject({ lastAppliedRevision: 'r1', lastAttemptedRevision: 'r1' });
  expect(conditions(object)).toEqual(['Ready=True ReconciliationSucceeded']);
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: '1' });
  await tenant.patch({ spec: { suspend: false } });
  await tenant.ready('r2');
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: '2' });
  expect(tenant.events()[before]?.message).toContain('configured');
});

test('KUS-72: changes of labels and status trigger no run', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  await tenant.edit('ConfigMap', 'settings', { data: { value: 'changed' } });
  const lines = () => controller.logs.filter(({ namespace }) => namespace === tenant.namespace).length;
  const before = lines();
  await tenant.patch({ metadata: { labels: { some: 'label' } } });
  await tenant.until(({ metadata }) => metadata.labels?.some === 'label');
  // Another object's whole run later, this one still has not run.
  const other = await world.tenant();
  await other.push(files('1'), 'r1');
  await other.apply({ targetNamespace: other.namespace });
  await other.ready('r1');
  expect(lines()).toBe(before);
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: 'changed' });
});

test('KUS-78: the interval brings drift back', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, interval: '300ms' });
  await tenant.ready('r1');
  await tenant.edit('ConfigMap', 'settings', { data: { value: 'changed' } });
  const event = await tenant.event(({ message }) => message.endsWith('configured'));
  expect(event.message).toBe(`ConfigMap/${tenant.namespace}/settings configured`);
  expect((await tenant.find('ConfigMap', 'settings'))!.data).toEqual({ value: '1' });
});

test('KUS-21, KUS-118, KUS-403, KUS-404: everything goes, and comes back', async () => {
  const tenant = await world.tenant();
  await tenant.push(files('1'), 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace });
  await tenant.ready('r1');
  await tenant.push({ 'kustomization.yaml': '' }, 'r2');
  expect(inventory(await tenant.ready('r2'))).toEqual([]);
  expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
  await tenant.push({ 'README.md': 'nothing to apply' }, 'r3');
  expect(inventory(await tenant.ready('r3'))).toEqual([]);
  await tenant.push(files('1'), 'r4');
  expect(inventory(await tenant.ready('r4'))).toEqual([`${tenant.namespace}_settings__ConfigMap`]);
  expect(await tenant.find('ConfigMap', 'settings')).toBeDefined();
});
