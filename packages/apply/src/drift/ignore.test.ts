import { type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { applyAll } from '../apply/apply-all.ts';
import { type ApplyOptions } from '../apply/options.ts';
import { containsPath } from '../fields/field-set.ts';
import { standardCleanup } from '../fields/managers.ts';
import { fieldAt } from '../object/object.ts';
import { openCluster, type TestCluster } from '../testing/cluster.ts';
import { compileIgnoreRules, type IgnoreRule } from './ignore.ts';

const group = 'kustomize.toolkit.fluxcd.io';
const manager = 'kustomize-controller';
const type = { group: 'apps', version: 'v1', kind: 'Deployment' };
let cluster: TestCluster;
let counter = 0;
let name = '';

beforeAll(async () => {
  cluster = await openCluster(startEmbeddedKube);
});
afterAll(() => cluster.close());
beforeEach(() => {
  name = `it-${++counter}`;
});

interface Shape {
  replicas?: number;
  image?: string;
  minReadySeconds?: number;
  memory?: string;
}

function deployment({ replicas, image = 'example.org/web:1', minReadySeconds = 0, memory }: Shape): KubeObject {
  const labels = { app: name };
  const container = { name: 'main', image, ...(memory && { resources: { requests: { memory } } }) };
  return {
    apiVersion: 'apps/v1',
    kind: 'Deployment',
    metadata: { namespace: cluster.namespace, name, labels },
    spec: {
      ...(replicas !== undefined && { replicas }),
      minReadySeconds,
      selector: { matchLabels: labels },
      template: { metadata: { labels }, spec: { containers: [container] } },
    },
  } as unknown as KubeObject;
}

async function apply(shape: Shape, ignore: IgnoreRule[] = [], options: Partial<ApplyOptions> = {}) {
  const [change] = await applyAll(cluster.client, [deployment(shape)], {
    fieldManager: manager,
    group,
    ignore,
    ...options,
  });
  return change!.action;
}

/** Another manager applies a part of the object. */
function applyElsewhere(spec: object, fieldManager = 'autoscaler') {
  const object = { apiVersion: 'apps/v1', kind: 'Deployment', metadata: { namespace: cluster.namespace, name }, spec };
  return cluster.other.apply(object as unknown as KubeObject, { fieldManager, force: true });
}

/** Somebody edits the object. */
function edit(spec: object, fieldManager = 'somebody') {
  const key = { namespace: cluster.namespace, name };
  return cluster.other.patch(type, key, { type: 'strategic', body: { spec } }, { fieldManager });
}

const read = () => cluster.read('Deployment', name, 'apps/v1');
const replicasOf = (object: UnstructuredObject) => fieldAt(object, 'spec', 'replicas');
const owns = (object: UnstructuredObject, fieldManager: string, ...path: string[]) =>
  (object.metadata.managedFields ?? []).some(
    (entry) => entry.manager === fieldManager && !entry.subresource && containsPath(entry.fieldsV1, path),
  );
const replicas: IgnoreRule[] = [{ paths: ['/spec/replicas'] }];

test('KUS-266 KUS-463: only ignored differences are no drift and no write', async () => {
  await apply({ replicas: 1 }, replicas);
  const edited = await applyElsewhere({ replicas: 5 });
  expect(await apply({ replicas: 1 }, replicas)).toBe('unchanged');
  expect((await read()).metadata.generation).toBe(edited.metadata.generation);
});

test('KUS-268 KUS-463: with another drift, a value that another manager applies is released to it', async () => {
  await apply({ replicas: 1 }, replicas);
  await applyElsewhere({ replicas: 5 });
  expect(await apply({ replicas: 1, minReadySeconds: 3 }, replicas)).toBe('configured');
  const live = await read();
  expect([replicasOf(live), fieldAt(live, 'spec', 'minReadySeconds')]).toEqual([5, 3]);
  expect(owns(live, manager, 'f:spec', 'f:replicas')).toBe(false);
});

test('KUS-268 KUS-463 KUS-272: a value edited by hand is adopted, and kept without the rule no longer', async () => {
  await apply({ replicas: 1 }, replicas);
  await edit({ replicas: 4 });
  expect(await apply({ replicas: 1 }, replicas)).toBe('unchanged');
  expect(await apply({ replicas: 1, minReadySeconds: 3 }, replicas)).toBe('configured');
  const live = await read();
  expect(replicasOf(live)).toBe(4);
  expect(owns(live, manager, 'f:spec', 'f:replicas')).toBe(true);
  expect(await apply({ replicas: 1, minReadySeconds: 3 })).toBe('configured');
  expect(replicasOf(await read())).toBe(1);
});

test('KUS-267 KUS-469: on creation everything is applied', async () => {
  expect(await apply({ replicas: 3 }, replicas)).toBe('created');
  expect(replicasOf(await read())).toBe(3);
});

test('KUS-265 KUS-269 KUS-465 KUS-467: a path into a list item that another manager applies', async () => {
  const paths = ['/spec/template/spec/containers/0/resources', '/spec/template/spec/containers/0/image'];
  await apply({ memory: '1Mi' });
  const container = { name: 'main', image: 'example.org/web:9', resources: { requests: { memory: '9Mi' } } };
  await applyElsewhere({ template: { spec: { containers: [container] } } });
  expect(await apply({ memory: '1Mi', minReadySeconds: 3 }, [{ paths }])).toBe('configured');
  const live = await read();
  const containers = fieldAt(live, 'spec', 'template', 'spec', 'containers') as unknown[];
  expect(containers[0]).toMatchObject(container);
  const item = ['f:spec', 'f:template', 'f:spec', 'f:containers', 'k:{"name":"main"}'];
  expect(owns(live, manager, ...item)).toBe(true);
  expect(owns(live, manager, ...item, 'f:image')).toBe(false);
});

test('KUS-271 KUS-468: the take-over comes first, so an ignored edit with kubectl is adopted', async () => {
  await apply({ replicas: 1 });
  await edit({ replicas: 4 }, 'kubectl-edit');
  expect(await apply({ replicas: 1 }, replicas, { cleanup: standardCleanup(manager) })).toBe('configured');
  const live = await read();
  expect(replicasOf(live)).toBe(4);
  expect(owns(live, manager, 'f:spec', 'f:replicas')).toBe(true);
});

test.each([
  ['another kind', { kind: 'StatefulSet' }],
  ['a part of the name only', { name: 'i' }],
  ['another namespace', { namespace: 'other' }],
  ['labels it lacks', { labelSelector: 'app=other' }],
])('KUS-262 KUS-466: a rule for %s has no effect', async (_, target) => {
  await apply({ replicas: 1 });
  await edit({ replicas: 4 });
  expect(await apply({ replicas: 1 }, [{ paths: ['/spec/replicas'], target }])).toBe('configured');
});

test('KUS-262 KUS-263 KUS-466: all matching rules add up, and paths that lead nowhere are no error', async () => {
  const rules: IgnoreRule[] = [
    { paths: ['/spec/replicas/invalid', '/nothing/0/here', '/spec/replicas'] },
    { paths: ['/metadata/annotations/example.org~1note'] },
    {
      paths: ['/spec/minReadySeconds'],
      target: { kind: 'Deploy.*', group: 'apps', labelSelector: 'app in (x, ' + 'it)' },
    },
  ];
  await apply({ replicas: 1 }, rules);
  await edit({ replicas: 4 });
  const key = { namespace: cluster.namespace, name };
  await cluster.other.patch(type, key, {
    type: 'merge',
    body: { metadata: { annotations: { 'example.org/note': 'x' } } },
  });
  expect(await apply({ replicas: 1 }, rules)).toBe('unchanged');
  await edit({ minReadySeconds: 7 });
  expect(await apply({ replicas: 1 }, rules)).toBe('configured');
  expect(replicasOf(await read())).toBe(4);
});

test('KUS-264: invalid targets', () => {
  const compile = (target: object) => () => compileIgnoreRules([{ paths: [], target }]);
  expect(compile({ name: '(' })).toThrow('invalid name regex: ');
  expect(compile({ labelSelector: 'a ~ b' })).toThrow('invalid label selector: ');
  expect(compile({ annotationSelector: '=' })).toThrow('invalid annotation selector: ');
});

describe('KUS-262: label selection', () => {
  const object = {
    apiVersion: 'v1',
    kind: 'ConfigMap',
    metadata: { name: 'x', labels: { app: 'web', 'example.org/tier': 'a' }, annotations: { note: 'y' } },
  } as UnstructuredObject;
  test.each([
    ['app=web', true],
    ['app==web,example.org/tier!=b', true],
    ['app!=web', false],
    ['app in (api, web)', true],
    ['app notin (api,web)', false],
    ['missing notin (a)', true],
    ['app,!missing', true],
    ['!app', false],
    ['', true],
  ])('%s', (labelSelector, matches) => {
    const paths = compileIgnoreRules([{ paths: ['/data'], target: { labelSelector } }])(object);
    expect(paths.length > 0).toBe(matches);
  });
});
