import { type UnstructuredObject } from '@gitops-toolkit/api';
import { hasDrifted } from './compare.ts';

const make = (rest: object, metadata: object = {}, kind = 'Thing'): UnstructuredObject =>
  ({ apiVersion: 'example.org/v1', kind, metadata: { name: 'it', ...metadata }, ...rest }) as UnstructuredObject;

test.each([
  ['labels', make({}, { labels: { a: '1' } }), true],
  ['annotations', make({}, { annotations: { a: '1' } }), true],
  ['spec', make({ spec: { a: 1 } }), true],
  ['data at the top', make({ data: { a: 1 } }), true],
  ['status', make({ status: { a: 1 } }), false],
  ['other metadata', make({}, { finalizers: ['a'], resourceVersion: '2', generation: 3, managedFields: [{}] }), false],
  ['empty labels', make({}, { labels: {} }), false],
])('KUS-259: a difference in %s', (_, live, drifted) => {
  expect(hasDrifted(live, make({}))).toBe(drifted);
});

test('KUS-259: the order of fields does not count, that of items does', () => {
  expect(hasDrifted(make({ spec: { a: 1, b: [1, 2] } }), make({ spec: { b: [1, 2], a: 1 } }))).toBe(false);
  expect(hasDrifted(make({ spec: { b: [2, 1] } }), make({ spec: { b: [1, 2] } }))).toBe(true);
});

test('KUS-229 KUS-460: duplicate and empty metrics of a dry run are no drift', () => {
  const cpu = { type: 'Resource', resource: { name: 'cpu' } };
  const memory = { type: 'Resource', resource: { name: 'memory' } };
  const scaler = (...metrics: object[]) => make({ spec: { metrics } }, {}, 'HorizontalPodAutoscaler');
  expect(hasDrifted(scaler(cpu, memory), scaler(cpu, memory, cpu, {}))).toBe(false);
  expect(hasDrifted(scaler(cpu), scaler(cpu, memory))).toBe(true);
});

test('KUS-266: ignored paths are left out on both sides', () => {
  const paths = [['spec', 'replicas']];
  expect(hasDrifted(make({ spec: { replicas: 1 } }), make({ spec: { replicas: 2 } }), paths)).toBe(false);
  expect(hasDrifted(make({ spec: { replicas: 1 } }), make({ spec: {} }), paths)).toBe(false);
  expect(hasDrifted(make({ spec: { replicas: 1, a: 1 } }), make({ spec: { replicas: 2 } }), paths)).toBe(true);
});
