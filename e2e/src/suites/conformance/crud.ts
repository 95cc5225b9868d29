/** Create, read, update, delete. */
import { configMap, configMaps, deployment, deployments, secret, secrets, service, services } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import type { Body, Topic } from './script.ts';

export const crud: Topic = {
  'create answers 201 with the stored object': ({ see }) => see(`POST ${configMaps}`, configMap('one')),
  'create of an existing name conflicts': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`POST ${configMaps}`, configMap('one'));
  },
  'get of a missing object': ({ see }) => see(`GET ${configMaps}/none`),
  'get answers what was stored': async ({ call, see }) => {
    await call(
      `POST ${configMaps}`,
      configMap('one', { b: '2', a: '1' }, { labels: { x: 'y' }, annotations: { n: '' } }),
    );
    await see(`GET ${configMaps}/one`);
  },
  'get at an old or zero revision answers the current object': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`GET ${configMaps}/one?resourceVersion=0`);
    await see(`GET ${configMaps}/one?resourceVersion=1`);
  },
  'generateName gets a suffix': ({ see }) =>
    see(
      `POST ${configMaps}`,
      { ...configMap(''), metadata: { generateName: 'made-' } },
      {
        show: ({ metadata }) => [metadata.generateName, /^made-[a-z0-9]{5}$/.test(metadata.name)],
      },
    ),
  'create without a name': ({ see }) => see(`POST ${configMaps}`, { ...configMap(''), metadata: {} }),
  'create in a namespace that does not exist': ({ see }) =>
    see('POST /api/v1/namespaces/nowhere/configmaps', configMap('one')),
  'create with the namespace of another': ({ see }) =>
    see(`POST ${configMaps}`, configMap('one', {}, { namespace: 'default' })),
  'create with a resourceVersion': ({ see }) =>
    see(`POST ${configMaps}`, configMap('one', {}, { resourceVersion: '7' })),
  'create ignores uid, times, generation and status': async ({ see }) => {
    const wrong = {
      uid: 'mine',
      creationTimestamp: '2001-01-01T00:00:00Z',
      generation: 9,
      selfLink: '/x',
      deletionTimestamp: '2001-01-01T00:00:00Z',
    };
    await see(`POST ${widgets}`, { ...aWidget('one', { color: 'red' }, wrong), status: { phase: 'x' } });
  },
  'create without apiVersion and kind': ({ see }) => see(`POST ${configMaps}`, { metadata: { name: 'one' } }),
  'create with another kind': ({ see }) => see(`POST ${configMaps}`, secret('one')),
  'create of a custom resource with another kind': ({ see }) =>
    see(`POST ${widgets}`, { ...aWidget('one'), kind: 'Gadget' }),
  'create of a custom resource with another version': ({ see }) =>
    see(`POST ${widgets}`, { ...aWidget('one'), apiVersion: 'conformance.example.com/v2' }),
  'create in YAML': ({ see }) =>
    see(`POST ${configMaps}`, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: one\ndata:\n  a: "1"\n', {
      type: 'application/yaml',
    }),
  'secrets: stringData is merged into data': ({ see }) =>
    see(`POST ${secrets}`, { ...secret('one'), data: { a: 'YQ==', b: 'Yg==' }, stringData: { b: 'new' } }),
  'update replaces the object': async ({ call, see }) => {
    await see(`POST ${configMaps}`, configMap('one', { a: '1' }, { labels: { x: 'y' } }));
    await see(`PUT ${configMaps}/one`, configMap('one', { b: '2' }));
    await call(`GET ${configMaps}/one`);
  },
  'update that changes nothing keeps the revision': async ({ see }) => {
    const made = await see(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one`, made);
    await see(`PUT ${configMaps}/one`, configMap('one'));
  },
  'update with an old revision conflicts': async ({ call, see }) => {
    const made = await call(`POST ${configMaps}`, configMap('one'));
    await call(`PUT ${configMaps}/one`, configMap('one', { a: '2' }));
    await see(`PUT ${configMaps}/one`, { ...made, data: { a: '3' } });
  },
  'update of a missing object': ({ see }) => see(`PUT ${configMaps}/none`, configMap('none')),
  'update of a missing custom resource': ({ see }) =>
    see(`PUT ${widgets}/none`, aWidget('none', undefined, { resourceVersion: '1' })),
  'update with another name': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one`, configMap('two'));
  },
  'update with another namespace': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one`, configMap('one', {}, { namespace: 'default' }));
  },
  'update with another uid': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one`, configMap('one', {}, { uid: '11111111-1111-1111-1111-111111111111' }));
  },
  'update of a custom resource needs a resourceVersion': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`PUT ${widgets}/one`, aWidget('one', { color: 'blue' }));
  },
  'update of a custom resource counts generations': async ({ see }) => {
    const made = await see(`POST ${widgets}`, aWidget('one'));
    const labelled = await see(`PUT ${widgets}/one`, { ...made, metadata: { ...made.metadata, labels: { a: 'b' } } });
    await see(`PUT ${widgets}/one`, { ...labelled, spec: { color: 'blue' } });
  },
  'update of a Deployment counts generations': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one'));
    const show = ({ metadata }: Body) => metadata.generation;
    await see(`PUT ${deployments}/one`, deployment('one', {}, { labels: { a: 'b' } }), { show });
    await see(`PUT ${deployments}/one`, deployment('one', { minReadySeconds: 3 }), { show });
  },
  'a Service keeps its address over an update without it': async ({ call, see }) => {
    await call(`POST ${services}`, service('one'));
    const before = await call(`GET ${services}/one`);
    await see(`PUT ${services}/one`, service('one', { ports: [{ port: 81 }] }), {
      show: ({ spec }) => [spec.clusterIP === before.spec.clusterIP, spec.ports],
    });
  },
  'delete answers a Status with the uid': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`DELETE ${configMaps}/one`);
    await see(`DELETE ${configMaps}/one`);
  },
  'delete of a custom resource': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`DELETE ${widgets}/one`);
    await see(`GET ${widgets}/one`);
  },
  'deletecollection answers the list of what was there': async ({ call, see }) => {
    for (const name of ['a', 'b']) await call(`POST ${secrets}`, secret(name, { labels: { gone: 'yes' } }));
    await call(`POST ${secrets}`, secret('c'));
    await see(`DELETE ${secrets}?labelSelector=gone%3Dyes`, undefined, { show: ({ kind }) => kind });
    await see(`GET ${secrets}`);
  },
};
