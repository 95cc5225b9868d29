/** JSON patch, merge patch, strategic merge patch. */
import { configMap, configMaps, deployment, deployments, podSpec } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, json, merge, reasonOnly, strategic, type SeeOptions, type Stage, type Topic } from './script.ts';

const data = (body: Body) => body.data ?? null;
const containers = (body: Body) =>
  body.spec.template.spec.containers.map(({ name, image, env }: Body) => ({ name, image, env }));

/** Creates a ConfigMap and patches it. */
const onConfigMap =
  (body: unknown, options: SeeOptions, content: object = { a: '1', b: '2' }) =>
  async (stage: Stage) => {
    await stage.call(`POST ${configMaps}`, configMap('one', content));
    await stage.see(`PATCH ${configMaps}/one`, body, options);
  };
const onWidget =
  (body: unknown, options: SeeOptions, spec: object = { color: 'red' }) =>
  async (stage: Stage) => {
    await stage.call(`POST ${widgets}`, aWidget('one', spec));
    await stage.see(`PATCH ${widgets}/one`, body, options);
  };
const onDeployment = (body: unknown, show: (body: Body) => unknown) => async (stage: Stage) => {
  await stage.call(
    `POST ${deployments}`,
    deployment('one', {
      template: {
        metadata: { labels: { app: 'one' } },
        spec: podSpec({
          containers: [
            { name: 'a', image: 'a:1', env: [{ name: 'X', value: '1' }] },
            { name: 'b', image: 'b:1' },
          ],
          tolerations: [{ key: 'k', operator: 'Exists' }],
        }),
      },
    }),
  );
  await stage.see(`PATCH ${deployments}/one`, body, { ...strategic, show });
};
const templated = (spec: object) => ({ spec: { template: { spec } } });

export const patching: Topic = {
  'merge: sets, removes and keeps': onConfigMap({ data: { a: '9', b: null, c: '3' } }, merge),
  'merge: removes a whole map': onConfigMap({ data: null }, { ...merge, show: data }),
  'merge: replaces lists': onWidget(
    { spec: { tags: ['z'] } },
    { ...merge, show: (body) => body.spec },
    { color: 'red', tags: ['a', 'b'] },
  ),
  'merge: with the current resourceVersion of another': onConfigMap(
    { metadata: { resourceVersion: '1' }, data: { a: '9' } },
    merge,
  ),
  'merge: of nothing keeps the revision': async ({ see }) => {
    await see(`POST ${configMaps}`, configMap('one'));
    await see(`PATCH ${configMaps}/one`, {}, merge);
  },
  'merge: of what is no object': onConfigMap('[1]', merge),
  'merge: broken JSON': onConfigMap('{"data":', { ...merge, ...reasonOnly }),
  'merge: makes the object invalid': onWidget({ spec: { size: 99 } }, merge),
  'merge: a value of the wrong type': onConfigMap({ data: { a: 1 } }, { ...merge, ...reasonOnly }),
  'merge: a value of the wrong type in a custom resource': onWidget(
    { spec: { size: 'big' } },
    { ...merge, ...reasonOnly },
  ),
  'merge: the name cannot change': onConfigMap({ metadata: { name: 'two' } }, merge),
  'merge: the namespace cannot change': onConfigMap({ metadata: { namespace: 'default' } }, merge),
  'merge: the kind cannot change': onConfigMap({ kind: 'Secret' }, { ...merge, ...reasonOnly }),
  'merge: the kind of a custom resource cannot change': onWidget({ kind: 'Gadget' }, merge),
  'merge: the apiVersion cannot change': onConfigMap({ apiVersion: 'v2' }, { ...merge, ...reasonOnly }),
  'merge: uid cannot change': onConfigMap({ metadata: { uid: '11111111-1111-1111-1111-111111111111' } }, merge),
  'merge: times and generation are kept': onWidget(
    { metadata: { creationTimestamp: '2001-01-01T00:00:00Z', generation: 77 } },
    { ...merge, show: ({ metadata }) => [metadata.generation, metadata.creationTimestamp.startsWith('2001')] },
  ),
  'merge: of a missing object': ({ see }) => see(`PATCH ${configMaps}/none`, {}, merge),
  'merge: an unknown field is dropped with a warning': onWidget({ spec: { colour: 'red' } }, merge),
  'JSON: add, replace, remove': onConfigMap(
    [
      { op: 'add', path: '/data/c', value: '3' },
      { op: 'replace', path: '/data/a', value: '9' },
      { op: 'remove', path: '/data/b' },
    ],
    { ...json, show: data },
  ),
  'JSON: move, copy and test': onConfigMap(
    [
      { op: 'test', path: '/data/a', value: '1' },
      { op: 'copy', from: '/data/a', path: '/data/c' },
      { op: 'move', from: '/data/b', path: '/data/d' },
    ],
    { ...json, show: data },
  ),
  'JSON: escaped names': onConfigMap(
    [
      { op: 'replace', path: '/data/x.y', value: 'z' },
      { op: 'add', path: '/metadata/labels', value: { 'example.com/a': 'b' } },
      { op: 'replace', path: '/metadata/labels/example.com~1a', value: 'c' },
    ],
    { ...json, show: ({ data, metadata }) => [data, metadata.labels] },
    { 'x.y': '1' },
  ),
  'JSON: appending to and inserting into lists': onWidget(
    [
      { op: 'add', path: '/spec/tags/-', value: 'c' },
      { op: 'add', path: '/spec/tags/0', value: 'z' },
    ],
    { ...json, show: (body) => body.spec.tags },
    { color: 'red', tags: ['a'] },
  ),
  'JSON: a test that fails': onConfigMap([{ op: 'test', path: '/data/a', value: '7' }], json),
  'JSON: removing what is not there': onConfigMap([{ op: 'remove', path: '/data/none' }], json),
  'JSON: replacing what is not there': onConfigMap([{ op: 'replace', path: '/data/none', value: '' }], json),
  'JSON: adding below what is not there': onConfigMap([{ op: 'add', path: '/metadata/labels/x', value: '' }], json),
  'JSON: an unknown operation': onConfigMap([{ op: 'put', path: '/data/a', value: '' }], json),
  'JSON: what is no list': onConfigMap({ op: 'remove' }, { ...json, ...reasonOnly }),
  'JSON: an index out of range': onWidget([{ op: 'add', path: '/spec/tags/9', value: 'c' }], json, {
    color: 'red',
    tags: ['a'],
  }),
  'strategic: containers merge by name': onDeployment(
    templated({ containers: [{ name: 'b', image: 'b:2' }] }),
    containers,
  ),
  'strategic: env merges by name': onDeployment(
    templated({ containers: [{ name: 'a', env: [{ name: 'Y', value: '2' }] }] }),
    containers,
  ),
  'strategic: $patch delete removes an item': onDeployment(
    templated({ containers: [{ name: 'a', $patch: 'delete' }] }),
    containers,
  ),
  'strategic: $patch replace replaces a list': onDeployment(
    templated({ containers: [{ $patch: 'replace' }, { name: 'z', image: 'z:1' }] }),
    containers,
  ),
  'strategic: $retainKeys': onDeployment(
    { spec: { strategy: { $retainKeys: ['type'], type: 'Recreate' } } },
    (body) => body.spec.strategy,
  ),
  'strategic: $setElementOrder': onDeployment(
    templated({
      '$setElementOrder/containers': [{ name: 'b' }, { name: 'a' }],
      containers: [{ name: 'a', image: 'a:3' }],
    }),
    containers,
  ),
  'strategic: lists without a merge key are replaced': onDeployment(
    templated({ tolerations: [{ key: 'z', operator: 'Exists' }] }),
    (body) => body.spec.template.spec.tolerations,
  ),
  'strategic: null removes': onDeployment(
    templated({ tolerations: null }),
    (body) => body.spec.template.spec.tolerations ?? null,
  ),
  'strategic: finalizers and owners merge': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one', {}, { finalizers: ['example.com/a'] }));
    await see(
      `PATCH ${configMaps}/one`,
      { metadata: { finalizers: ['example.com/b'] } },
      { ...strategic, show: ({ metadata }) => metadata.finalizers },
    );
    await see(
      `PATCH ${configMaps}/one`,
      { metadata: { '$deleteFromPrimitiveList/finalizers': ['example.com/a', 'example.com/b'] } },
      { ...strategic, show: ({ metadata }) => metadata.finalizers ?? null },
    );
  },
  'strategic: is not for custom resources': onWidget({ spec: {} }, strategic),
  'an unknown patch type': onConfigMap({}, { type: 'application/other+json' }),
  'no patch type': onConfigMap({}, { type: 'application/json' }),
};
