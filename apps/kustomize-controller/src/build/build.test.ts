import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, configMap, inventory, type Tenant } from '../testing/tenant.ts';
import type { Files } from '../testing/artifacts.ts';
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

type Spec = Parameters<Tenant['apply']>[0];

/** Applies files with a spec in a new namespace, and waits for Ready. */
async function built(files: Files, spec: Spec = {}) {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, ...spec });
  return Object.assign(tenant, { object: await tenant.ready('r1') });
}

/** The message of the build that fails; an event says the same. */
async function problem(files: Files, spec: Spec = {}): Promise<string> {
  const tenant = await world.tenant();
  await tenant.push(files, 'r1');
  await tenant.apply({ targetNamespace: tenant.namespace, ...spec });
  const { message } = condition(await tenant.failed('BuildFailed'), 'Ready')!;
  const event = await tenant.event(() => true);
  expect(event).toMatchObject({ severity: 'error', reason: 'BuildFailed', message });
  expect(message).not.toContain('/artifact-');
  return message;
}

const data = async (tenant: Tenant, name: string) => (await tenant.find('ConfigMap', name))?.data;

const deployment = (image: string) =>
  JSON.stringify({
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { name: 'web' },
    spec: {
      selector: { matchLabels: { app: 'web' } },
      template: {
        metadata: { labels: { app: 'web' } },
        spec: { containers: [{ name: 'web', image }] },
      },
    },
  });

describe('kustomization files', () => {
  test('KUS-113, KUS-114, KUS-117: without one, every manifest below is applied', async () => {
    const tenant = await built({
      'apps/a.yaml': `${configMap('a', {})}\n---\n${configMap('a2', {})}\n`,
      'apps/deep/b.yml': configMap('b', {}),
      'apps/notes.txt': 'no: manifest',
      'apps/empty.yaml': '# nothing\n',
      'apps/own/kustomization.yaml': 'namePrefix: own-\nresources: [c.yaml]\n',
      'apps/own/c.yaml': configMap('c', {}),
      'apps/own/ignored.yaml': configMap('ignored', {}),
    });
    const names = inventory(tenant.object).map((id) => id.split('_')[1]);
    expect(names.sort()).toEqual(['a', 'a2', 'b', 'own-c']);
  });

  test.each(['values.yaml', '.sops.yaml', '.gitlab-ci.yml'])(
    'KUS-115, KUS-384, KUS-385, KUS-410: %s is no manifest',
    async (name) => {
      expect(await problem({ [`apps/${name}`]: 'replicas: 3\n' }, { path: 'apps' })).toContain(name);
    },
  );

  test('KUS-129, KUS-384: broken YAML, with its file and line', async () => {
    const message = await problem({
      'kustomization.yaml': 'resources: [cm.yaml]\n',
      'cm.yaml': 'kind: X\n  name: :\n',
    });
    expect(message).toMatch(/cm\.yaml.*(line |:)2/s);
    expect(await problem({ 'kustomization.yaml': 'resources:\n- a\n b: [\n' })).toMatch(/line 3.*kustomization\.yaml/s);
  });

  test('KUS-129, KUS-418: two kustomization files', async () => {
    const files = { 'kustomization.yaml': 'resources: []\n', Kustomization: 'resources: []\n' };
    expect(await problem(files)).toMatch(/multiple kustomization files/i);
  });

  test('KUS-131, KUS-355, KUS-415: other directories of the artifact, but none outside', async () => {
    const base = { 'base/kustomization.yaml': 'resources: [cm.yaml]\n', 'base/cm.yaml': configMap('base', {}) };
    const { object } = await built({ ...base, 'app/kustomization.yaml': 'resources: [../base]\n' }, { path: 'app' });
    expect(inventory(object)).toHaveLength(1);
    const outside = { 'app/kustomization.yaml': 'resources: [../../../../etc/passwd]\n' };
    expect(await problem(outside, { path: 'app' })).toContain('is not in or below');
  });

  test('KUS-139: lists are taken apart', async () => {
    const items = ['a', 'b'].map((name) => JSON.parse(configMap(name, {})) as object);
    const list = JSON.stringify({ apiVersion: 'v1', kind: 'List', items });
    const { object } = await built({ 'list.yaml': list });
    expect(inventory(object)).toHaveLength(2);
  });
});

describe('fields of the spec', () => {
  test('KUS-121, KUS-124, KUS-128, KUS-405: names, patches, images', async () => {
    const patch = 'apiVersion: apps/v1\nkind: Deployment\nmetadata: {name: web}\nspec: {replicas: 3}\n';
    const tenant = await built(
      {
        'kustomization.yaml': 'namePrefix: old-\nresources: [web.yaml]\nimages: [{name: app, newTag: "1"}]\n',
        'web.yaml': deployment('app'),
      },
      {
        namePrefix: 'new-',
        nameSuffix: '-blue',
        images: [{ name: 'app', newName: 'registry.example.org/app', newTag: '2' }],
        patches: [
          { patch },
          {
            patch: '- {op: add, path: /metadata/annotations, value: {patched: "yes"}}',
            target: { kind: 'Deployment' },
          },
        ],
      },
    );
    const web = await tenant.find('Deployment', 'new-web-blue', 'apps/v1');
    expect(web).toMatchObject({
      metadata: { annotations: { patched: 'yes' } },
      spec: { replicas: 3, template: { spec: { containers: [{ image: 'registry.example.org/app:2' }] } } },
    });
  });

  test('KUS-122: what the spec leaves open, the file decides', async () => {
    const namespace = (await world.tenant()).namespace;
    const { object } = await built(
      { 'kustomization.yaml': `namespace: ${namespace}\nresources: [cm.yaml]\n`, 'cm.yaml': configMap('a', {}) },
      { targetNamespace: undefined },
    );
    expect(inventory(object)).toEqual([`${namespace}_a__ConfigMap`]);
  });

  const component = {
    'app/kustomization.yaml': 'resources: [cm.yaml]\n',
    'app/cm.yaml': configMap('a', {}),
    'labels/kustomization.yaml':
      'apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\ncommonLabels: {from: component}\n',
  };

  test('KUS-121, KUS-127, KUS-407: components, and missing ones', async () => {
    const path = 'app';
    const tenant = await built(component, { path, components: ['../labels', '../no'], ignoreMissingComponents: true });
    expect((await tenant.find('ConfigMap', 'a'))!.metadata.labels).toMatchObject({ from: 'component' });
    expect(await problem(component, { path, components: ['../no'] })).toContain('no');
  });

  test.each(['https://example.org/x', 'github.com/x/y', '/abs'])('KUS-126: component %s', async (path) => {
    const message = `component path '${path}' must be local and relative`;
    expect(await problem(component, { path: 'app', components: [path] })).toContain(message);
  });

  test('KUS-123, KUS-230, KUS-470: common metadata comes and goes', async () => {
    const tenant = await built(
      { 'cm.yaml': configMap('a', {}, { labels: { team: 'red' } }) },
      { commonMetadata: { labels: { team: 'blue', added: 'yes' }, annotations: { note: 'n' } } },
    );
    let { metadata } = (await tenant.find('ConfigMap', 'a'))!;
    expect(metadata).toMatchObject({ labels: { team: 'blue', added: 'yes' }, annotations: { note: 'n' } });
    await tenant.patch({ spec: { commonMetadata: null } });
    await tenant.ready('r1');
    ({ metadata } = (await tenant.find('ConfigMap', 'a'))!);
    expect(metadata.labels).toEqual({
      team: 'red',
      'kustomize.toolkit.fluxcd.io/name': 'app',
      'kustomize.toolkit.fluxcd.io/namespace': tenant.namespace,
    });
    expect(metadata.annotations).toBeUndefined();
  });

  test('KUS-135: origin annotations come and go', async () => {
    const tenant = await built({ 'apps/cm.yaml': configMap('a', {}) }, { buildMetadata: ['originAnnotations'] });
    const annotations = async () => (await tenant.find('ConfigMap', 'a'))!.metadata.annotations;
    expect(await annotations()).toMatchObject({ 'config.kubernetes.io/origin': expect.stringContaining('cm.yaml') });
    await tenant.patch({ spec: { buildMetadata: null } });
    await tenant.ready('r1');
    expect(await annotations()).toBeUndefined();
  });
});

test('KUS-132: remote bases are refused', async () => {
  const message = await problem({ 'kustomization.yaml': 'resources: [https://example.org/x.yaml]\n' });
  expect(message).toMatch(/remote/i);
});

test('KUS-412: many builds at a time', async () => {
  const tenant = await world.tenant();
  const names = Array.from({ length: 12 }, (_, i) => `app-${i}`);
  await tenant.push(Object.fromEntries(names.map((name) => [`${name}/cm.yaml`, configMap(name, { name })])), 'r1');
  for (const path of names) await tenant.apply({ targetNamespace: tenant.namespace, path }, { name: path });
  for (const name of names) {
    await tenant.ready('r1', name);
    expect(await data(tenant, name)).toEqual({ name });
  }
});
