import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { createClient, type KubeClient } from '@gitops-toolkit/kube';
import { condition, configMap, type Tenant } from '../testing/tenant.ts';
import { startProxy, type Proxy } from '../testing/proxy.ts';
import { startWorld, type Controller, type World } from '../testing/toolkit.ts';

let world: World;
let proxy: Proxy;
let controller: Controller;
/** Another cluster. */
let remote: EmbeddedKube;
let remoteClient: KubeClient;
beforeAll(async () => {
  remote = await startEmbeddedKube({ simulate: false });
  remoteClient = createClient({ server: remote.url });
  world = await startWorld(startEmbeddedKube, { server: async (url) => (proxy = await startProxy(url)).url });
  controller = await world.controller();
});
afterAll(async () => {
  await controller?.stop();
  await proxy?.close();
  await remoteClient?.close();
  await remote?.close();
  await world?.close();
});

const files = { 'cm.yaml': configMap('settings', { value: '${who:=nobody}' }) };
const watched = { 'reconcile.fluxcd.io/watch': 'Enabled' };
const account = (tenant: Tenant, name: string) => `system:serviceaccount:${tenant.namespace}:${name}`;
const object = (kind: string, name: string, fields: object = {}) => ({
  apiVersion: 'v1',
  kind,
  metadata: { name, labels: watched },
  ...fields,
});

/** As whom requests about a resource of the namespace were made. */
const users = (tenant: Tenant, resource: string, method = /./) =>
  new Set(
    proxy.seen
      .filter(({ path }) => path.includes(`/namespaces/${tenant.namespace}/${resource}`))
      .filter((request) => method.test(request.method))
      .map(({ user }) => user),
  );

describe('ServiceAccounts', () => {
  test('KUS-140, KUS-339, KUS-342: the tenant applies and checks, the controller reads what it needs', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.create(object('Secret', 'vars', { stringData: { who: 'me' } }), object('ServiceAccount', 'deployer'));
    await tenant.apply({
      targetNamespace: tenant.namespace,
      serviceAccountName: 'deployer',
      wait: true,
      postBuild: { substituteFrom: [{ kind: 'Secret', name: 'vars', optional: false }] },
    });
    await tenant.ready('r1');
    expect([...users(tenant, 'configmaps')]).toEqual([account(tenant, 'deployer')]);
    expect([...users(tenant, 'secrets')]).toEqual([undefined]);
    expect([...users(tenant, 'kustomizations')]).toEqual([undefined]);
  });

  test('KUS-323, KUS-339, KUS-479: the tenant deletes as well', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.create(object('ServiceAccount', 'deployer'));
    await tenant.apply({ targetNamespace: tenant.namespace, serviceAccountName: 'deployer' });
    await tenant.ready('r1');
    await tenant.remove();
    await tenant.gone();
    expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
    expect([...users(tenant, 'configmaps', /DELETE/)]).toEqual([account(tenant, 'deployer')]);
  });

  test('KUS-325, KUS-479: without its account a tenant deletes nothing, and somebody is told', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace, serviceAccountName: 'gone' });
    await tenant.ready('r1');
    await tenant.remove();
    await tenant.gone();
    expect(await tenant.find('ConfigMap', 'settings')).toBeDefined();
    expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({
      reason: 'ReconciliationSucceeded',
      message: `unable to prune objects: \nConfigMap/${tenant.namespace}/settings`,
      metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'r1' },
    });
  });
});

describe('other clusters', () => {
  const kubeconfig = () => ({ stringData: { value: remote.kubeconfigYaml } });
  const spec = { targetNamespace: 'default', kubeConfig: { secretRef: { name: 'remote' } } };
  const type = { group: '', version: 'v1', kind: 'ConfigMap' };
  const settings = { namespace: 'default', name: 'settings' };

  test('KUS-345, KUS-480: a kubeconfig that comes late; objects go to that cluster and leave it', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply(spec);
    const failed = await tenant.until((found) => condition(found, 'Ready')?.status === 'False');
    expect(condition(failed, 'Ready')).toMatchObject({
      reason: 'ReconciliationFailed',
      message: expect.stringContaining(`unable to read KubeConfig secret '${tenant.namespace}/remote' error: `),
    });
    await tenant.create(object('Secret', 'remote', kubeconfig()));
    await tenant.ready('r1');
    expect(await remoteClient.find(type, settings)).toBeDefined();
    expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
    await tenant.remove();
    await tenant.gone();
    expect(await remoteClient.find(type, settings)).toBeUndefined();
  });

  test('KUS-340: with an account, as that account', async () => {
    const tenant = await world.tenant();
    const through = await startProxy(remote.url);
    const value = remote.kubeconfigYaml.replaceAll(remote.url, through.url);
    await tenant.push(files, 'r1');
    await tenant.create(object('Secret', 'remote', { stringData: { value } }), object('ServiceAccount', 'deployer'));
    await tenant.apply({ ...spec, serviceAccountName: 'deployer' });
    await tenant.ready('r1');
    const configMaps = through.seen.filter(({ path }) => path.includes('/configmaps'));
    expect(new Set(configMaps.map(({ user }) => user))).toEqual(new Set([account(tenant, 'deployer')]));
    await tenant.remove();
    await tenant.gone();
    await through.close();
  });

  test('KUS-345: what can be wrong with it', async () => {
    const cases: [object, object, string][] = [
      [{ name: 'remote' }, { other: 'x' }, "does not contain a 'value' key with a kubeconfig"],
      [{ name: 'remote', key: 'mine' }, { value: 'x' }, "does not contain a 'mine' key with a kubeconfig"],
      [{ name: 'remote' }, { value: 'no: kubeconfig' }, 'remote'],
    ];
    for (const [secretRef, stringData, text] of cases) {
      const tenant = await world.tenant();
      await tenant.push(files, 'r1');
      await tenant.create(object('Secret', 'remote', { stringData }));
      await tenant.apply({ ...spec, kubeConfig: { secretRef: secretRef as never } });
      const found = await tenant.until((candidate) => condition(candidate, 'Ready')?.status === 'False');
      expect(condition(found, 'Ready')).toMatchObject({ reason: 'ReconciliationFailed' });
      expect(condition(found, 'Ready')!.message).toContain(text);
    }
  });

  test('KUS-326: a deletion waits for the kubeconfig that was lost', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.create(object('Secret', 'remote', kubeconfig()));
    await tenant.apply(spec);
    await tenant.ready('r1');
    expect(await remoteClient.find(type, settings)).toBeDefined();
    expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
    const secret = { namespace: tenant.namespace, name: 'remote' };
    await world.client.delete({ group: '', version: 'v1', kind: 'Secret' }, secret);
    await tenant.remove();
    await tenant.until((found) => condition(found, 'Ready')?.reason === 'ReconciliationFailed');
    expect(world.find(tenant.namespace, 'app')).toBeDefined();
    await tenant.create(object('Secret', 'remote', kubeconfig()));
    await tenant.gone();
    expect(await remoteClient.find(type, settings)).toBeUndefined();
  });
});

describe('an API server that refuses', () => {
  afterEach(() => {
    proxy.refuse = () => undefined;
  });
  const refuse = (tenant: Tenant, method: string, resource: string, code: number) => {
    const path = `/namespaces/${tenant.namespace}/${resource}`;
    proxy.refuse = (request) => (request.method === method && request.path.includes(path) ? code : undefined);
  };

  test('KUS-60, KUS-87: a source that cannot be read', async () => {
    const tenant = await world.tenant();
    refuse(tenant, 'GET', 'gitrepositories/', 403);
    await tenant.apply({ targetNamespace: tenant.namespace });
    const found = await tenant.until((candidate) => condition(candidate, 'Ready')?.status === 'False');
    expect(condition(found, 'Ready')).toMatchObject({
      reason: 'ArtifactFailed',
      message: expect.stringContaining(`unable to get source '${tenant.namespace}/repo': `),
    });
    proxy.refuse = () => undefined;
    await tenant.push(files, 'r1');
    await tenant.ready('r1');
    expect(tenant.events().filter(({ severity }) => severity === 'error')).toEqual([]);
  });

  test('KUS-23, KUS-472: a deletion that is refused, until it is not', async () => {
    const tenant = await world.tenant();
    await tenant.push({ ...files, 'b.yaml': configMap('b', {}) }, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace, retryInterval: '200ms' });
    await tenant.ready('r1');
    refuse(tenant, 'DELETE', 'configmaps/b', 403);
    await tenant.push(files, 'r2');
    const found = await tenant.until(({ status }) => status?.history?.[0]?.lastReconciledStatus === 'PruneFailed');
    expect(found.status!.inventory!.entries.map(({ id }) => id)).toContain(`${tenant.namespace}_b__ConfigMap`);
    const event = await tenant.event(({ reason }) => reason === 'PruneFailed');
    expect(event.message).toContain(`ConfigMap/${tenant.namespace}/b delete failed: `);
    proxy.refuse = () => undefined;
    await tenant.ready('r2');
    expect(await tenant.find('ConfigMap', 'b')).toBeUndefined();
  });

  test('KUS-327: the end of a Kustomization waits for deletions that are refused', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ targetNamespace: tenant.namespace });
    await tenant.ready('r1');
    refuse(tenant, 'DELETE', 'configmaps/', 403);
    await tenant.remove();
    expect(await tenant.event(({ severity }) => severity === 'error')).toMatchObject({
      message: 'pruning for deleted resource failed',
      metadata: { 'kustomize.toolkit.fluxcd.io/revision': 'r1' },
    });
    expect(world.find(tenant.namespace, 'app')!.metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
    proxy.refuse = () => undefined;
    await tenant.gone();
    expect(await tenant.find('ConfigMap', 'settings')).toBeUndefined();
  });

  test('KUS-99: a dependency that cannot be read is not ready', async () => {
    const tenant = await world.tenant();
    await tenant.push(files, 'r1');
    await tenant.apply({ suspend: true }, { name: 'first' });
    refuse(tenant, 'GET', 'kustomizations/first', 403);
    await tenant.apply({ targetNamespace: tenant.namespace, dependsOn: [{ name: 'first' }] });
    const { message } = condition(await tenant.failed('DependencyNotReady'), 'Ready')!;
    expect(message).toContain(`dependency '${tenant.namespace}/first' cannot be read: `);
  });
});
