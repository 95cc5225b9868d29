import {
  configMap,
  configMaps,
  crds,
  deployment,
  deployments,
  type Loose,
  type Session,
  startSession,
  widgetCrd,
  widgets,
} from '../testing/session.ts';

let session: Session;
beforeAll(async () => {
  session = await startSession();
});
afterAll(() => session.server.close());

const owners = (object: {
  metadata: { managedFields?: { manager?: string; operation?: string; fieldsV1?: unknown; subresource?: string }[] };
}) =>
  (object.metadata.managedFields ?? []).map(({ manager, operation, fieldsV1, subresource }) => ({
    manager,
    operation,
    fieldsV1,
    ...(subresource ? { subresource } : {}),
  }));

describe('server-side apply', () => {
  test('creates, and says who owns what', async () => {
    const { code, body } = await session.apply(
      `${configMaps}/a1`,
      'one',
      configMap('a1', { a: '1' }, { labels: { x: 'y' } }),
    );
    expect(code).toBe(201);
    expect(owners(body)).toEqual([
      {
        manager: 'one',
        operation: 'Apply',
        fieldsV1: { 'f:data': { 'f:a': {} }, 'f:metadata': { 'f:labels': { 'f:x': {} } } },
      },
    ]);
  });

  test('a second apply of the same changes nothing', async () => {
    const first = await session.apply(`${configMaps}/a2`, 'one', configMap('a2', { a: '1' }));
    const second = await session.apply(`${configMaps}/a2`, 'one', configMap('a2', { a: '1' }));
    expect(second.code).toBe(200);
    expect(second.body).toEqual(first.body);
  });

  test('fields that a manager stops applying go', async () => {
    await session.apply(`${configMaps}/a3`, 'one', configMap('a3', { a: '1', b: '2' }));
    const { body } = await session.apply(`${configMaps}/a3`, 'one', configMap('a3', { b: '2' }));
    expect(body.data).toEqual({ b: '2' });
  });

  test('fields that another manager owns too stay', async () => {
    await session.apply(`${configMaps}/a4`, 'one', configMap('a4', { a: '1', b: '2' }));
    await session.apply(`${configMaps}/a4`, 'two', configMap('a4', { a: '1' }));
    const { body } = await session.apply(`${configMaps}/a4`, 'one', configMap('a4', { b: '2' }));
    expect(body.data).toEqual({ a: '1', b: '2' });
    expect(
      owners(body)
        .map((owner) => owner.manager)
        .sort(),
    ).toEqual(['one', 'two']);
  });

  test('another value for an owned field is a conflict, unless forced', async () => {
    await session.apply(`${configMaps}/a5`, 'one', configMap('a5', { a: '1', b: '1' }));
    const refused = await session.apply(`${configMaps}/a5`, 'two', configMap('a5', { a: '2' }));
    expect(refused.code).toBe(409);
    expect(refused.body.reason).toBe('Conflict');
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "one": .data.a');
    expect(refused.body.details!.causes).toEqual([
      { reason: 'FieldManagerConflict', message: 'conflict with "one"', field: '.data.a' },
    ]);
    const several = await session.apply(`${configMaps}/a5`, 'two', configMap('a5', { a: '2', b: '2' }));
    expect(several.body.message).toBe('Apply failed with 2 conflicts: conflicts with "one":\n- .data.a\n- .data.b');
    const forced = await session.apply(`${configMaps}/a5`, 'two', configMap('a5', { a: '2' }), { force: true });
    expect(forced.body.data).toEqual({ a: '2', b: '1' });
    expect(owners(forced.body)).toEqual([
      { manager: 'one', operation: 'Apply', fieldsV1: { 'f:data': { 'f:b': {} } } },
      { manager: 'two', operation: 'Apply', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ]);
  });

  test('an update takes fields over, and conflicts name it', async () => {
    await session.apply(`${configMaps}/a6`, 'one', configMap('a6', { a: '1' }));
    const patched = await session.request(
      'PATCH',
      `${configMaps}/a6?fieldManager=editor`,
      { data: { a: '2' } },
      { 'Content-Type': 'application/merge-patch+json' },
    );
    expect(owners(patched.body)).toEqual([
      { manager: 'editor', operation: 'Update', fieldsV1: { 'f:data': { 'f:a': {} } } },
    ]);
    const refused = await session.apply(`${configMaps}/a6`, 'one', configMap('a6', { a: '1' }));
    expect(refused.body.message).toBe('Apply failed with 1 conflict: conflict with "editor" using v1: .data.a');
  });

  test('an update counts containers that it makes', async () => {
    const { body } = await session.request('POST', `${configMaps}?fieldManager=maker`, configMap('a7', { a: '1' }));
    expect(owners(body)).toEqual([
      { manager: 'maker', operation: 'Update', fieldsV1: { 'f:data': { '.': {}, 'f:a': {} } } },
    ]);
  });

  test('list items are owned by their keys', async () => {
    const container = (name: string, image: string) => ({ name, image, ports: [{ containerPort: 80 }] });
    const body = deployment('a8');
    body.spec.template.spec.containers = [container('one', 'a:1'), container('two', 'b:1')];
    const made = await session.apply(`${deployments}/a8`, 'one', body);
    const fields = owners(made.body)[0]!.fieldsV1 as Loose;
    expect(fields['f:spec']['f:template']['f:spec']['f:containers']['k:{"name":"one"}']).toEqual({
      '.': {},
      'f:image': {},
      'f:name': {},
      'f:ports': { 'k:{"containerPort":80,"protocol":"TCP"}': { '.': {}, 'f:containerPort': {} } },
    });
    const conflict = await session.apply(`${deployments}/a8`, 'two', {
      apiVersion: 'apps/v1',
      kind: 'Deployment',
      metadata: { name: 'a8' },
      spec: { template: { spec: { containers: [{ name: 'two', image: 'b:2' }] } } },
    });
    expect(conflict.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "one": .spec.template.spec.containers[name="two"].image',
    );
    body.spec.template.spec.containers = [container('two', 'b:1')];
    const less = await session.apply(`${deployments}/a8`, 'one', body);
    expect(less.body.spec.template.spec.containers.map((item: Loose) => item.name)).toEqual(['two']);
  });

  test('a container goes with what defaulting put beside its last owned field', async () => {
    await session.apply(`${deployments}/a9`, 'one', deployment('a9', { strategy: { type: 'Recreate' } }));
    const { body } = await session.apply(`${deployments}/a9`, 'one', deployment('a9'));
    expect(body.spec.strategy).toEqual({
      type: 'RollingUpdate',
      rollingUpdate: { maxUnavailable: '25%', maxSurge: '25%' },
    });
  });

  test('sets merge by value', async () => {
    await session.apply(`${configMaps}/a10`, 'one', configMap('a10', { a: '1' }, { finalizers: ['example.com/one'] }));
    const { body } = await session.apply(
      `${configMaps}/a10`,
      'two',
      configMap('a10', { a: '1' }, { finalizers: ['example.com/two'] }),
    );
    expect(body.metadata.finalizers).toEqual(['example.com/one', 'example.com/two']);
    const less = await session.apply(`${configMaps}/a10`, 'one', configMap('a10', { a: '1' }));
    expect(less.body.metadata.finalizers).toEqual(['example.com/two']);
  });

  test('the status endpoint owns the status, the main one everything else', async () => {
    await session.post(crds, widgetCrd({ properties: { size: { type: 'integer' } } }));
    const widget = (extra: object) => ({
      apiVersion: 'example.com/v1',
      kind: 'Widget',
      metadata: { name: 'a11' },
      ...extra,
    });
    await session.apply(`${widgets}/a11`, 'spec', widget({ spec: { size: 1 }, status: { ready: true } }));
    const { body } = await session.apply(
      `${widgets}/a11/status`,
      'status',
      widget({ spec: { size: 2 }, status: { ready: true } }),
    );
    expect(body.spec).toEqual({ size: 1 });
    expect(body.status).toEqual({ ready: true });
    expect(body.metadata.generation).toBe(1);
    expect(owners(body)).toEqual([
      { manager: 'spec', operation: 'Apply', fieldsV1: { 'f:spec': { 'f:size': {} } } },
      { manager: 'status', operation: 'Apply', fieldsV1: { 'f:status': { 'f:ready': {} } }, subresource: 'status' },
    ]);
  });

  test('a dry run stores nothing', async () => {
    const dry = await session.apply(`${configMaps}/a12`, 'one', configMap('a12', { a: '1' }), { dryRun: true });
    expect(dry.code).toBe(201);
    expect((await session.get(`${configMaps}/a12`)).code).toBe(404);
    await session.apply(`${configMaps}/a12`, 'one', configMap('a12', { a: '1' }));
    const changed = await session.apply(`${configMaps}/a12`, 'one', configMap('a12', { a: '2' }), { dryRun: true });
    expect(changed.body.data).toEqual({ a: '2' });
    expect((await session.get(`${configMaps}/a12`)).body.data).toEqual({ a: '1' });
  });

  test('what the schema does not declare is refused', async () => {
    const { code, body } = await session.apply(`${configMaps}/a13`, 'one', { ...configMap('a13'), datum: {} });
    expect(code).toBe(500);
    expect(body.message).toBe(
      'failed to create typed patch object (/a13; /v1, Kind=ConfigMap): .datum: field not declared in schema',
    );
  });

  test('needs a manager, and no managedFields', async () => {
    const nameless = await session.request('PATCH', `${configMaps}/a14`, configMap('a14'), {
      'Content-Type': 'application/apply-patch+yaml',
    });
    expect(nameless.code).toBe(422);
    expect(nameless.body.message).toContain('fieldManager: Required value: is required for apply patch');
    const sent = await session.apply(`${configMaps}/a14`, 'one', configMap('a14', {}, { managedFields: [] }));
    expect(sent.code).toBe(400);
  });

  test('an object that nobody tracked belongs to before-first-apply', async () => {
    await session.post(configMaps, configMap('a15', { a: '1' }));
    await session.request(
      'PATCH',
      `${configMaps}/a15`,
      [{ op: 'replace', path: '/metadata/managedFields', value: [{}] }],
      { 'Content-Type': 'application/json-patch+json' },
    );
    const reset = await session.get(`${configMaps}/a15`);
    expect(owners(reset.body)).toEqual([]);
    const refused = await session.apply(`${configMaps}/a15`, 'one', configMap('a15', { a: '2' }));
    expect(refused.body.message).toBe(
      'Apply failed with 1 conflict: conflict with "before-first-apply" using v1: .data.a',
    );
  });

  test('YAML is accepted', async () => {
    const { code } = await session.apply(
      `${configMaps}/a16`,
      'one',
      'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: a16\ndata:\n  a: "1"\n',
    );
    expect(code).toBe(201);
  });
});
