import { crds, type Loose, type Session, startSession, widgetCrd, widgets } from '../testing/session.ts';

let session: Session;
beforeEach(async () => {
  session = await startSession();
});
afterEach(() => session.server.close());

const widget = (name: string, spec: object = {}) => ({
  apiVersion: 'example.com/v1',
  kind: 'Widget',
  metadata: { name },
  spec,
});

test('a CRD is established and discovered at once', async () => {
  const { body } = await session.post(crds, widgetCrd({}));
  expect(body.status.conditions).toContainEqual(expect.objectContaining({ type: 'Established', status: 'True' }));
  const resources = (await session.get('/apis/example.com/v1')).body;
  expect(resources.resources).toContainEqual(
    expect.objectContaining({ name: 'widgets', singularName: 'widget', shortNames: ['wd'], kind: 'Widget' }),
  );
  expect((await session.get(widgets)).body.kind).toBe('WidgetList');
});

test('objects are defaulted, pruned and validated', async () => {
  await session.post(
    crds,
    widgetCrd({
      required: ['url'],
      properties: {
        url: { type: 'string', pattern: '^https://' },
        mode: { type: 'string', enum: ['a', 'b'], default: 'a' },
        size: { type: 'integer', 'x-kubernetes-validations': [{ rule: 'self >= oldSelf', message: 'may only grow' }] },
      },
    }),
  );
  const made = await session.post(widgets, widget('one', { url: 'https://x', size: 2, typo: 1 }));
  expect(made.body.spec).toEqual({ url: 'https://x', size: 2, mode: 'a' });
  expect(made.warnings).toEqual(['unknown field "spec.typo"']);
  const bad = await session.post(widgets, widget('two', { mode: 'c' }));
  expect(bad.body).toMatchObject({ code: 422, reason: 'Invalid' });
  expect(bad.body.details!.causes!.slice(0, 2)).toEqual([
    { reason: 'FieldValueRequired', message: 'Required value', field: 'spec.url' },
    {
      reason: 'FieldValueNotSupported',
      message: 'Unsupported value: "c": supported values: "a", "b"',
      field: 'spec.mode',
    },
  ]);
  const shrunk = await session.patch(`${widgets}/one`, 'merge', { spec: { size: 1 } });
  expect(shrunk.body.message).toBe('Widget.example.com "one" is invalid: spec.size: Invalid value: 1: may only grow');
});

test('an update without revision is refused', async () => {
  await session.post(crds, widgetCrd({}));
  await session.post(widgets, widget('one'));
  const { body } = await session.put(`${widgets}/one`, widget('one'));
  expect(body.message).toBe(
    'widgets.example.com "one" is invalid: metadata.resourceVersion: Invalid value: 0: must be specified for an update',
  );
});

test('printer columns', async () => {
  const additionalPrinterColumns = [
    { name: 'Ready', type: 'string', jsonPath: '.status.conditions[?(@.type=="Ready")].status' },
    { name: 'Size', type: 'integer', jsonPath: '.spec.size', priority: 1 },
  ];
  await session.post(crds, widgetCrd({ properties: { size: { type: 'integer' } } }, { additionalPrinterColumns }));
  await session.post(widgets, widget('one', { size: 3 }));
  await session.patch(`${widgets}/one/status`, 'merge', {
    status: { conditions: [{ type: 'Ready', status: 'True' }] },
  });
  const { body } = await session.get(widgets, { Accept: 'application/json;as=Table;v=v1;g=meta.k8s.io' });
  expect(body.columnDefinitions.map((column: Loose) => column.name)).toEqual(['Name', 'Ready', 'Size']);
  expect(body.rows[0].cells).toEqual(['one', 'True', 3]);
});

test('several versions are one set of objects', async () => {
  const crd = widgetCrd({ 'x-kubernetes-preserve-unknown-fields': true });
  const [v1] = crd.spec.versions;
  crd.spec.versions = [v1, { ...v1, name: 'v2', storage: false, deprecated: true }];
  await session.post(crds, crd);
  await session.post(widgets, widget('one', { a: 1 }));
  const newer = await session.get('/apis/example.com/v2/namespaces/default/widgets/one');
  expect(newer.body).toMatchObject({ apiVersion: 'example.com/v2', spec: { a: 1 } });
  const listed = await session.get('/apis/example.com/v2/widgets');
  expect(listed.body.items[0]!.apiVersion).toBe('example.com/v2');
});

test('a schema that is not structural is refused', async () => {
  const { body } = await session.post(crds, widgetCrd({ properties: { a: {} } }));
  expect(body.code).toBe(422);
  expect(body.message).toContain(
    'spec.validation.openAPIV3Schema.properties[spec].properties[a].type: Required value: must not be empty for specified object fields',
  );
});

test('names taken by another CRD are refused', async () => {
  await session.post(crds, widgetCrd({}));
  const other = widgetCrd({});
  other.metadata.name = 'gadgets.example.com';
  other.spec.names = { plural: 'gadgets', kind: 'Widget' };
  expect((await session.post(crds, other)).code).toBe(422);
});
