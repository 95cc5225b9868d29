/** Requests that make no sense. */
import { configMap, configMaps, secrets } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { apply, merge, reasonOnly, type Topic } from './script.ts';

export const errors: Topic = {
  'broken JSON': ({ see }) => see(`POST ${configMaps}`, '{"kind":', reasonOnly),
  'broken JSON for a custom resource': ({ see }) => see(`POST ${widgets}`, '{"kind":', reasonOnly),
  'broken YAML': ({ see }) => see(`POST ${configMaps}`, 'a: [', { type: 'application/yaml', ...reasonOnly }),
  'an empty body': ({ see }) => see(`POST ${configMaps}`, '', reasonOnly),
  'no body': ({ see }) => see(`POST ${widgets}`, undefined, reasonOnly),
  'a list for an object': ({ see }) => see(`POST ${configMaps}`, '[]', reasonOnly),
  'text for an object': ({ see }) => see(`POST ${configMaps}`, '"x"', reasonOnly),
  'metadata that is no object': ({ see }) =>
    see(`POST ${configMaps}`, { ...configMap('x'), metadata: 'x' }, reasonOnly),
  'metadata of a custom resource that is no object': ({ see }) =>
    see(`POST ${widgets}`, { ...aWidget('x'), metadata: 'x' }, reasonOnly),
  'labels that are no map': ({ see }) => see(`POST ${configMaps}`, configMap('x', {}, { labels: ['a'] }), reasonOnly),
  'a label that is no text': ({ see }) =>
    see(`POST ${configMaps}`, configMap('x', {}, { labels: { a: 1 } }), reasonOnly),
  'a label of a custom resource that is no text': ({ see }) =>
    see(`POST ${widgets}`, aWidget('x', undefined, { labels: { a: 1 } }), reasonOnly),
  'an annotation that is null': ({ see }) =>
    see(`POST ${configMaps}`, configMap('x', {}, { annotations: { a: null } }), {
      show: ({ metadata }) => metadata.annotations ?? null,
    }),
  'an unknown content type': ({ see }) => see(`POST ${configMaps}`, 'x', { type: 'text/plain', ...reasonOnly }),
  'a body over the limit': ({ see }) =>
    see(`POST ${configMaps}`, configMap('x', { a: 'x'.repeat(3 * 1024 * 1024) }), {
      showFailure: ({ code, reason }) => [code, reason],
    }),
  'a ConfigMap over one MiB': ({ see }) =>
    see(`POST ${configMaps}`, configMap('x', { a: 'x'.repeat(1024 * 1024 + 1) })),
  'annotations over 256 KiB': ({ see }) =>
    see(`POST ${configMaps}`, configMap('x', {}, { annotations: { a: 'x'.repeat(256 * 1024) } })),
  'an unknown resource': ({ see }) => see('GET /api/v1/namespaces/NS/things'),
  'an unknown resource, created': ({ see }) => see('POST /api/v1/namespaces/NS/things', configMap('x')),
  'an unknown group': ({ see }) => see('GET /apis/example.com/v1/namespaces/NS/things'),
  'create at the path of an object': ({ see }) => see(`POST ${configMaps}/one`, configMap('one')),
  'update at the path of a list': ({ see }) => see(`PUT ${configMaps}`, configMap('one')),
  'patch at the path of a list': ({ see }) => see(`PATCH ${configMaps}`, {}, merge),
  'create a custom resource at the path of an object': ({ see }) => see(`POST ${widgets}/one`, aWidget('one')),
  'an unknown method': ({ see }) =>
    see(`OPTIONS ${configMaps}`, undefined, { showFailure: ({ code, reason }) => [code, reason] }),
  'a namespaced kind without namespace': ({ see }) => see('POST /api/v1/configmaps', configMap('one')),
  'one object of a namespaced kind without namespace': ({ see }) => see('GET /api/v1/configmaps/one'),
  'an object of a bad name': ({ see }) => see(`GET ${configMaps}/Not_Valid`),
  'update under a bad name': ({ see }) => see(`PUT ${configMaps}/Not_Valid`, configMap('Not_Valid')),
  'apply under a bad name': ({ see }) =>
    see(`PATCH ${configMaps}/Not_Valid?fieldManager=ann`, configMap('Not_Valid'), apply),
  'a trailing slash': ({ see }) =>
    see(`GET ${secrets}/`, undefined, { show: ({ kind }) => kind, showFailure: ({ code, reason }) => [code, reason] }),
  'HEAD is GET without a body': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`HEAD ${configMaps}/one`);
  },
  'deep nesting': ({ see }) =>
    see(
      `POST ${widgets}?dryRun=All`,
      `{"apiVersion":"conformance.example.com/v1","kind":"Widget","metadata":{"name":"x"},"spec":{"color":"red","extra":${'{"a":'.repeat(100)}1${'}'.repeat(100)}}}`,
      { show: ({ kind }) => kind },
    ),
};
