/** Dry runs and field validation. */
import { configMap, configMaps, deployment, deployments } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, apply, json, merge, reasonOnly, strategic, type Topic } from './script.ts';

const wrong = { ...aWidget('one', { color: 'red', colour: 'red', frame: { depth: 1 } }), other: 1 };
const wrongDeployment = deployment('one', {
  replcas: 1,
  template: { metadata: { labels: { app: 'one' } }, spec: { containers: [{ name: 'a', image: 'a', imag: 'b' }] } },
});
const brief = ({ spec, metadata }: Body) => ({ spec, name: metadata.name });
const twice = '{"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"},"data":{"a":"1","a":"2"}}';

export const options: Topic = {
  'dry run: create stores nothing': async ({ see }) => {
    await see(`POST ${configMaps}?dryRun=All`, configMap('one'), {
      show: ({ metadata, data }) => [metadata.uid !== undefined, metadata.resourceVersion ?? null, data],
    });
    await see(`GET ${configMaps}/one`);
  },
  'dry run: update stores nothing': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one?dryRun=All`, configMap('one', { a: '2' }), { show: ({ data }) => data });
    await see(`GET ${configMaps}/one`, undefined, { show: ({ data }) => data });
  },
  'dry run: patch stores nothing': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PATCH ${configMaps}/one?dryRun=All`, { data: { a: '2' } }, { ...merge, show: ({ data }) => data });
    await see(`GET ${configMaps}/one`, undefined, { show: ({ data }) => data });
  },
  'dry run: apply stores nothing': async ({ see }) => {
    await see(`PATCH ${configMaps}/one?dryRun=All&fieldManager=ann`, configMap('one'), {
      ...apply,
      show: ({ data }) => data,
    });
    await see(`GET ${configMaps}/one`);
  },
  'dry run: apply sees conflicts': async ({ call, see }) => {
    await call(`PATCH ${configMaps}/one?fieldManager=ann`, configMap('one'), apply);
    await see(`PATCH ${configMaps}/one?dryRun=All&fieldManager=bob`, configMap('one', { a: '2' }), apply);
  },
  'dry run: delete removes nothing': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`DELETE ${configMaps}/one?dryRun=All`);
    await see(`GET ${configMaps}/one`, undefined, { show: ({ data }) => data });
  },
  'dry run: objects are checked': ({ see }) => see(`POST ${widgets}?dryRun=All`, aWidget('one', { color: 'pink' })),
  'dry run: an existing object': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`POST ${configMaps}?dryRun=All`, configMap('one'));
  },
  'dry run: an unknown value': ({ see }) => see(`POST ${configMaps}?dryRun=Some`, configMap('one')),
  'dry run: an unknown value for a patch': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PATCH ${configMaps}/one?dryRun=Some`, {}, merge);
  },
  'fields: unknown ones of a custom resource are reported by default': ({ see }) =>
    see(`POST ${widgets}`, wrong, { show: brief }),
  'fields: unknown ones of a custom resource, Warn': ({ see }) =>
    see(`POST ${widgets}?fieldValidation=Warn`, wrong, { show: brief }),
  'fields: unknown ones of a custom resource, Ignore': ({ see }) =>
    see(`POST ${widgets}?fieldValidation=Ignore`, wrong, { show: brief }),
  'fields: unknown ones of a custom resource, Strict': ({ see }) =>
    see(`POST ${widgets}?fieldValidation=Strict`, wrong, {
      // In the order of a Go map.
      showFailure: ({ code, message }) => [code, message.match(/unknown field "[^"]*"/g).sort()],
    }),
  'fields: unknown ones of a built-in kind, Warn': ({ see }) =>
    see(`POST ${deployments}`, wrongDeployment, { show: ({ kind }) => kind }),
  'fields: unknown ones of a built-in kind, Strict': ({ see }) =>
    see(`POST ${deployments}?fieldValidation=Strict`, wrongDeployment),
  'fields: unknown ones in a merge patch, Strict': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`PATCH ${widgets}/one?fieldValidation=Strict`, { spec: { colour: 'x' } }, { ...merge, ...reasonOnly });
  },
  'fields: unknown ones in a JSON patch, Strict': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PATCH ${configMaps}/one?fieldValidation=Strict`, [{ op: 'add', path: '/dta', value: {} }], {
      ...json,
      ...reasonOnly,
    });
  },
  'fields: unknown ones in a strategic patch, Strict': async ({ call, see }) => {
    await call(`POST ${deployments}`, deployment('one'));
    await see(`PATCH ${deployments}/one?fieldValidation=Strict`, { spec: { replcas: 1 } }, strategic);
  },
  'fields: unknown ones in an update, Strict': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(`PUT ${configMaps}/one?fieldValidation=Strict`, { ...configMap('one'), dta: {} });
  },
  'fields: unknown ones in YAML, Strict': ({ see }) =>
    see(
      `POST ${configMaps}?fieldValidation=Strict`,
      'apiVersion: v1\nkind: ConfigMap\nmetadata: {name: one}\ndta: {}\n',
      { type: 'application/yaml' },
    ),
  'fields: unknown ones of metadata, Strict': ({ see }) =>
    see(`POST ${widgets}?fieldValidation=Strict`, aWidget('one', undefined, { nme: 'x' })),
  'fields: an unknown value': ({ see }) => see(`POST ${configMaps}?fieldValidation=Loose`, configMap('one')),
  'fields: a name twice in JSON, Warn': ({ see }) => see(`POST ${configMaps}`, twice, { show: ({ data }) => data }),
  'fields: a name twice in JSON, Strict': ({ see }) => see(`POST ${configMaps}?fieldValidation=Strict`, twice),
};
