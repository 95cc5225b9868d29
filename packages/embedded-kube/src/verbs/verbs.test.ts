import {
  configMap,
  configMaps,
  deployment,
  deployments,
  type Loose,
  type Session,
  startSession,
} from '../testing/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.server.close());

describe('objects', () => {
  test('create fills in what the server decides', async () => {
    const { code, body } = await session.post(configMaps, configMap('o1', { a: '1' }));
    expect(code).toBe(201);
    expect(body.metadata).toMatchObject({
      name: 'o1',
      namespace: 'default',
      uid: expect.any(String),
      resourceVersion: expect.any(String),
      creationTimestamp: expect.stringMatching(/^\d{4}-.*Z$/),
    });
    const again = await session.post(configMaps, configMap('o1'));
    expect(again.code).toBe(409);
    expect(again.body).toMatchObject({
      reason: 'AlreadyExists',
      message: 'configmaps "o1" already exists',
      details: { name: 'o1', kind: 'configmaps' },
    });
  });

  test('generateName', async () => {
    const { body } = await session.post(configMaps, { ...configMap(''), metadata: { generateName: 'gen-' } });
    expect(body.metadata.name).toMatch(/^gen-[a-z0-9]{5}$/);
  });

  test('a missing object or kind is not found', async () => {
    expect((await session.get(`${configMaps}/none`)).body).toMatchObject({
      code: 404,
      reason: 'NotFound',
      message: 'configmaps "none" not found',
    });
    expect((await session.get('/apis/example.org/v1/things')).text).toBe('404 page not found\n');
    expect((await session.get('/apis/apps/v1/things')).body).toMatchObject({
      code: 404,
      message: 'the server could not find the requested resource',
    });
    expect((await session.post('/api/v1/namespaces/nowhere/configmaps', configMap('x'))).body.message).toBe(
      'namespaces "nowhere" not found',
    );
  });

  test('an update needs the revision it is based on', async () => {
    const { body } = await session.post(configMaps, configMap('o2', { a: '1' }));
    const first = await session.put(`${configMaps}/o2`, { ...body, data: { a: '2' } });
    expect(first.code).toBe(200);
    const stale = await session.put(`${configMaps}/o2`, { ...body, data: { a: '3' } });
    expect(stale.body).toMatchObject({
      code: 409,
      reason: 'Conflict',
      message:
        'Operation cannot be fulfilled on configmaps "o2": the object has been modified; please apply your changes to the latest version and try again',
    });
  });

  test('an update that changes nothing keeps the revision', async () => {
    const { body } = await session.post(configMaps, configMap('o3', { a: '1' }));
    const same = await session.put(`${configMaps}/o3`, body);
    expect(same.body.metadata.resourceVersion).toBe(body.metadata.resourceVersion);
  });

  test('the generation counts changes of the spec only', async () => {
    const { body } = await session.post(deployments, deployment('o4'));
    expect(body.metadata.generation).toBe(1);
    const labelled = await session.patch(`${deployments}/o4`, 'merge', { metadata: { labels: { x: 'y' } } });
    expect(labelled.body.metadata.generation).toBe(1);
    const scaled = await session.patch(`${deployments}/o4`, 'merge', { spec: { replicas: 3 } });
    expect(scaled.body.metadata.generation).toBe(2);
    const status = await session.patch(`${deployments}/o4/status`, 'merge', {
      status: { replicas: 3 },
      spec: { replicas: 9 },
    });
    expect(status.body).toMatchObject({ metadata: { generation: 2 }, spec: { replicas: 3 }, status: { replicas: 3 } });
    const mainStatus = await session.patch(`${deployments}/o4`, 'merge', { status: { replicas: 7 } });
    expect(mainStatus.body.status).toEqual({ replicas: 3 });
  });

  test('scale', async () => {
    await session.post(deployments, deployment('o5', { replicas: 2 }));
    const scale = await session.get(`${deployments}/o5/scale`);
    expect(scale.body).toMatchObject({
      kind: 'Scale',
      spec: { replicas: 2 },
      status: { replicas: 0, selector: 'app=o5' },
    });
    await session.patch(`${deployments}/o5/scale`, 'merge', { spec: { replicas: 5 } });
    expect((await session.get(`${deployments}/o5`)).body.spec).toMatchObject({ replicas: 5 });
  });

  test('dry runs store nothing', async () => {
    expect((await session.post(`${configMaps}?dryRun=All`, configMap('o6'))).code).toBe(201);
    expect((await session.get(`${configMaps}/o6`)).code).toBe(404);
    await session.post(configMaps, configMap('o6'));
    expect((await session.delete(`${configMaps}/o6?dryRun=All`)).code).toBe(200);
    expect((await session.get(`${configMaps}/o6`)).code).toBe(200);
  });
});

describe('patches', () => {
  test('merge', async () => {
    await session.post(configMaps, configMap('p1', { a: '1', b: '2' }));
    const { body } = await session.patch(`${configMaps}/p1`, 'merge', { data: { a: null, c: '3' } });
    expect(body.data).toEqual({ b: '2', c: '3' });
  });

  test('JSON', async () => {
    await session.post(configMaps, configMap('p2', { a: '1' }, { annotations: { 'x/y': '2' } }));
    const { body } = await session.patch(`${configMaps}/p2`, 'json', [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'remove', path: '/data/a' },
      { op: 'add', path: '/data/b', value: '3' },
      { op: 'move', from: '/metadata/annotations/x~1y', path: '/data/c' },
    ]);
    expect(body.data).toEqual({ b: '3', c: '2' });
    const failed = await session.patch(`${configMaps}/p2`, 'json', [{ op: 'test', path: '/data/b', value: 'no' }]);
    expect(failed.body).toMatchObject({ code: 422, reason: 'Invalid' });
  });

  test('strategic merge: lists of objects merge by key', async () => {
    await session.post(deployments, deployment('p3'));
    const patch = {
      spec: {
        template: {
          spec: {
            containers: [
              { name: 'side', image: 'side:1' },
              { name: 'main', image: 'example/app:2' },
            ],
          },
        },
      },
    };
    const { body } = await session.patch(`${deployments}/p3`, 'strategic', patch);
    const images = body.spec.template.spec.containers.map((item: Loose) => `${item.name}=${item.image}`);
    expect(images).toEqual(['side=side:1', 'main=example/app:2']);
    const removed = await session.patch(`${deployments}/p3`, 'strategic', {
      spec: { template: { spec: { containers: [{ name: 'side', $patch: 'delete' }] } } },
    });
    expect(removed.body.spec.template.spec.containers).toHaveLength(1);
  });

  test('an unknown patch type is refused', async () => {
    await session.post(configMaps, configMap('p4'));
    const { code } = await session.request('PATCH', `${configMaps}/p4`, {}, { 'Content-Type': 'application/json' });
    expect(code).toBe(415);
  });
});

describe('deletion', () => {
  test('at once, with preconditions', async () => {
    const { body } = await session.post(configMaps, configMap('d1'));
    const wrong = await session.delete(`${configMaps}/d1`, { preconditions: { uid: 'other' } });
    expect(wrong.body.message).toContain('the UID in the precondition (other) does not match the UID in record (');
    const done = await session.delete(`${configMaps}/d1`, { preconditions: { uid: body.metadata.uid } });
    expect(done.body).toMatchObject({
      kind: 'Status',
      status: 'Success',
      details: { name: 'd1', kind: 'configmaps', uid: body.metadata.uid },
    });
    expect((await session.delete(`${configMaps}/d1`)).code).toBe(404);
  });

  test('waits for finalizers', async () => {
    await session.post(configMaps, configMap('d2', {}, { finalizers: ['example.com/hold'] }));
    const marked = await session.delete(`${configMaps}/d2`);
    expect(marked.body.metadata.deletionTimestamp).toEqual(expect.any(String));
    const added = await session.patch(`${configMaps}/d2`, 'merge', {
      metadata: { finalizers: ['example.com/hold', 'example.com/more'] },
    });
    expect(added.body.message).toContain('no new finalizers can be added if the object is being deleted');
    await session.patch(`${configMaps}/d2`, 'merge', { metadata: { finalizers: null } });
    expect((await session.get(`${configMaps}/d2`)).code).toBe(404);
  });

  test('of a collection', async () => {
    for (const name of ['d3a', 'd3b']) await session.post(configMaps, configMap(name, {}, { labels: { group: 'd3' } }));
    await session.delete(`${configMaps}?labelSelector=group%3Dd3`);
    expect((await session.get(`${configMaps}?labelSelector=group%3Dd3`)).body.items).toEqual([]);
  });
});

describe('lists', () => {
  beforeAll(async () => {
    await session.post('/api/v1/namespaces', { apiVersion: 'v1', kind: 'Namespace', metadata: { name: 'listing' } });
    for (const [name, color] of [
      ['c', 'red'],
      ['a', 'blue'],
      ['b', 'red'],
    ] as const) {
      await session.post('/api/v1/namespaces/listing/configmaps', configMap(name, {}, { labels: { color } }));
    }
  });
  const names = (answer: { body: { items: { metadata: { name: string } }[] } }) =>
    answer.body.items.map((item) => item.metadata.name);
  const list = (query: string) => session.get(`/api/v1/namespaces/listing/configmaps?${query}`);

  test('in order, and selected', async () => {
    expect(names(await list(''))).toEqual(['a', 'b', 'c']);
    expect(names(await list('labelSelector=color%3Dred'))).toEqual(['b', 'c']);
    expect(names(await list('labelSelector=color%20in%20(blue,green)'))).toEqual(['a']);
    expect(names(await list('labelSelector=color!%3Dred'))).toEqual(['a']);
    expect(names(await list('labelSelector=!color'))).toEqual([]);
    expect(names(await list('fieldSelector=metadata.name%3Dc'))).toEqual(['c']);
    expect((await list('fieldSelector=data.x%3Dc')).body.message).toBe(
      '"data.x" is not a known field selector: only "metadata.name", "metadata.namespace"',
    );
  });

  test('in pages of one revision', async () => {
    const first = await list('limit=2');
    expect(names(first)).toEqual(['a', 'b']);
    const metadata = first.body.metadata as { continue?: string; remainingItemCount?: number };
    expect(metadata.remainingItemCount).toBe(1);
    await session.delete('/api/v1/namespaces/listing/configmaps/c');
    const second = await list(`limit=2&continue=${metadata.continue}`);
    expect(names(second)).toEqual(['c']);
    expect(second.body.metadata.resourceVersion).toBe(first.body.metadata.resourceVersion);
    expect(
      names(await list(`resourceVersion=${first.body.metadata.resourceVersion}&resourceVersionMatch=Exact`)),
    ).toEqual(['a', 'b', 'c']);
    session.server.compact();
    expect((await list(`limit=2&continue=${metadata.continue}`)).body).toMatchObject({ code: 410, reason: 'Expired' });
  });

  test('as tables and as metadata', async () => {
    const table = await session.get(`${deployments}?limit=1`, {
      Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io',
    });
    expect(table.body.kind).toBe('Table');
    const columns = table.body.columnDefinitions.map((column: Loose) => column.name);
    expect(columns).toEqual(['Name', 'Ready', 'Up-to-date', 'Available', 'Age', 'Containers', 'Images', 'Selector']);
    const metadata = await session.get(configMaps, {
      Accept: 'application/json;as=PartialObjectMetadataList;v=v1;g=meta.k8s.io',
    });
    expect(metadata.body.kind).toBe('PartialObjectMetadataList');
    expect(metadata.body.items.every((item: Loose) => item.data === undefined)).toBe(true);
  });
});

describe('validation', () => {
  test('names and labels', async () => {
    const { body } = await session.post(configMaps, configMap('Bad_Name', {}, { labels: { 'a b': 'c d' } }));
    expect(body.code).toBe(422);
    expect(body.message).toContain(
      `ConfigMap "Bad_Name" is invalid: [metadata.name: Invalid value: "Bad_Name": a lowercase RFC 1123 subdomain must consist of`,
    );
    expect(body.details!.causes!.map((cause: Loose) => cause.field)).toEqual([
      'metadata.name',
      'metadata.labels',
      'metadata.labels',
    ]);
  });

  test('unknown fields: warned of, refused, or ignored', async () => {
    const odd = { ...configMap('v1'), datum: {} };
    const warned = await session.post(configMaps, odd);
    expect([warned.code, warned.warnings]).toEqual([201, ['unknown field "datum"']]);
    const strict = await session.post(`${configMaps}?fieldValidation=Strict`, { ...odd, metadata: { name: 'v2' } });
    expect(strict.body).toMatchObject({
      code: 400,
      message:
        'ConfigMap in version "v1" cannot be handled as a ConfigMap: strict decoding error: unknown field "datum"',
    });
    const ignored = await session.post(`${configMaps}?fieldValidation=Ignore`, { ...odd, metadata: { name: 'v2' } });
    expect([ignored.code, ignored.warnings]).toEqual([201, []]);
  });

  test('a value of the wrong type cannot be read', async () => {
    const { body } = await session.post(deployments, deployment('v3', { replicas: 'three' }));
    expect(body).toMatchObject({ code: 400, reason: 'BadRequest' });
    expect(body.message).toBe(
      'Deployment in version "v1" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field Deployment.spec.replicas of type int32',
    );
  });

  test('immutable fields', async () => {
    const { body } = await session.post(deployments, deployment('v4'));
    body.spec.selector.matchLabels.more = 'x';
    body.spec.template.metadata.labels.more = 'x';
    const changed = await session.put(`${deployments}/v4`, body);
    expect(changed.body.message).toBe(
      'Deployment.apps "v4" is invalid: spec.selector: Invalid value: {"matchLabels":{"app":"v4","more":"x"}}: field is immutable',
    );
    await session.post(configMaps, { ...configMap('v5', { a: '1' }), immutable: true });
    const frozen = await session.patch(`${configMaps}/v5`, 'merge', { data: { a: '2' } });
    expect(frozen.body.message).toBe(
      'ConfigMap "v5" is invalid: data: Forbidden: field is immutable when `immutable` is set',
    );
  });

  test('required fields of workloads', async () => {
    const { body } = await session.post(deployments, {
      ...deployment('v6'),
      spec: {
        selector: { matchLabels: { a: 'b' } },
        template: { metadata: { labels: { a: 'b' } }, spec: { containers: [{}] } },
      },
    });
    expect(body.message).toBe(
      'Deployment.apps "v6" is invalid: [spec.template.spec.containers[0].name: Required value, spec.template.spec.containers[0].image: Required value]',
    );
  });

  test('secrets take clear text and keep it encoded', async () => {
    const { body } = await session.post('/api/v1/namespaces/default/secrets', {
      apiVersion: 'v1',
      kind: 'Secret',
      metadata: { name: 'v7' },
      stringData: { key: 'value' },
    });
    expect(body).toMatchObject({ type: 'Opaque', data: { key: 'dmFsdWU=' } });
    expect(body.stringData).toBeUndefined();
  });

  test('services get an address and keep it', async () => {
    const services = '/api/v1/namespaces/default/services';
    const { body } = await session.post(services, {
      apiVersion: 'v1',
      kind: 'Service',
      metadata: { name: 'v8' },
      spec: { ports: [{ port: 80 }] },
    });
    expect(body.spec).toMatchObject({
      type: 'ClusterIP',
      ports: [{ port: 80, protocol: 'TCP', targetPort: 80 }],
      clusterIP: expect.stringMatching(/^10\.96\./),
    });
    const moved = await session.patch(`${services}/v8`, 'merge', {
      spec: { clusterIP: '10.96.200.200', clusterIPs: ['10.96.200.200'] },
    });
    expect(moved.body.message).toContain(
      'spec.clusterIPs[0]: Invalid value: ["10.96.200.200"]: may not change once set',
    );
  });
});
