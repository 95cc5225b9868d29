/** Tables, metadata only, and other forms of an answer. */
import { configMap, configMaps, deployment, deployments, secret, secrets, service, services } from './builtins.ts';
import { aWidget, group, widgets } from './definitions.ts';
import { type Body, merge, type Stage, type Topic } from './script.ts';

const as = (kind: string, version = 'v1') => `application/json;as=${kind};v=${version};g=meta.k8s.io`;
const headers = { accept: as('Table') };
/** Columns without their descriptions, which are long, and the cells. */
const brief = ({ columnDefinitions, rows }: Body) => ({
  columns: columnDefinitions.map(({ name, type, format, priority }: Body) => `${name} ${type} ${format} ${priority}`),
  rows: rows.map(({ cells }: Body) => ({ cells })),
});
/** Names and ages are described by whole paragraphs of the API's documentation. */
const undescribed = ({ description, ...rest }: Body) =>
  /^(Name|Age)$/.test(rest.name) ? rest : { description, ...rest };
const tableOf =
  (path: string, object: object, show: (body: Body) => unknown = brief) =>
  async ({ call, see }: Stage) => {
    await call(`POST ${path}`, object);
    await see(`GET ${path}`, undefined, { headers, show });
  };
const columnsOf =
  (path: string) =>
  ({ see }: Stage) =>
    see(`GET ${path}?limit=1&labelSelector=none%3Dnone`, undefined, {
      headers,
      show: ({ columnDefinitions }) => brief({ columnDefinitions, rows: [] }).columns,
    });
const builtin = (path: string) => columnsOf(`/apis/${path}`);

export const tables: Topic = {
  'a table of one object': async ({ call, see }) => {
    await call(`POST ${secrets}`, secret('one', { labels: { a: 'b' } }));
    await see(`GET ${secrets}/one`, undefined, { headers, show: ({ columnDefinitions: _, ...rest }) => rest });
  },
  'a table with whole objects': async ({ call, see }) => {
    await call(`POST ${secrets}`, secret('one'));
    await see(`GET ${secrets}?includeObject=Object`, undefined, { headers, show: ({ rows }) => rows });
  },
  'a table without objects': async ({ call, see }) => {
    await call(`POST ${secrets}`, secret('one'));
    await see(`GET ${secrets}?includeObject=None`, undefined, { headers, show: ({ rows }) => rows });
  },
  'a table with something unknown': ({ see }) => see(`GET ${secrets}?includeObject=Some`, undefined, { headers }),
  'an empty table': ({ see }) =>
    see(`GET ${secrets}`, undefined, { headers, show: ({ columnDefinitions: _, ...rest }) => rest }),
  'a table in pages': async ({ call, see }) => {
    for (const name of ['a', 'b']) await call(`POST ${secrets}`, secret(name));
    await see(`GET ${secrets}?limit=1`, undefined, { headers, show: ({ columnDefinitions: _, ...rest }) => rest });
  },
  ConfigMap: async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one', { a: '1', b: '2' }));
    await see(`GET ${configMaps}/one`, undefined, { headers, show: brief });
  },
  Service: tableOf(
    services,
    service('one', {
      type: 'ExternalName',
      externalName: 'example.com',
      ports: [{ port: 80 }, { name: 'x', port: 53, protocol: 'UDP' }].map((port, index) => ({
        name: `p${index}`,
        ...port,
      })),
    }),
  ),
  Deployment: tableOf(deployments, deployment('one')),
  Namespaces: columnsOf('/api/v1/namespaces'),
  Pods: columnsOf('/api/v1/pods'),
  Nodes: columnsOf('/api/v1/nodes'),
  Events: columnsOf('/api/v1/events'),
  'Service accounts': columnsOf('/api/v1/serviceaccounts'),
  'Persistent volume claims': columnsOf('/api/v1/persistentvolumeclaims'),
  'Stateful sets': builtin('apps/v1/statefulsets'),
  'Daemon sets': builtin('apps/v1/daemonsets'),
  'Replica sets': builtin('apps/v1/replicasets'),
  Jobs: builtin('batch/v1/jobs'),
  'Cron jobs': builtin('batch/v1/cronjobs'),
  Ingresses: builtin('networking.k8s.io/v1/ingresses'),
  'Role bindings': builtin('rbac.authorization.k8s.io/v1/rolebindings'),
  'Custom resource definitions': builtin('apiextensions.k8s.io/v1/customresourcedefinitions'),
  Leases: builtin('coordination.k8s.io/v1/leases'),
  'custom: printer columns': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one', { color: 'red', size: 2 }));
    await call(`POST ${widgets}`, aWidget('two'));
    await call(`PATCH ${widgets}/one/status`, { status: { conditions: [{ type: 'Ready', status: 'True' }] } }, merge);
    await see(`GET ${widgets}`, undefined, {
      headers,
      show: ({ columnDefinitions, rows }) => [
        columnDefinitions.map(undescribed),
        rows.map(({ cells }: Body) => ({ cells })),
      ],
    });
  },
  'custom: without printer columns': ({ see }) =>
    see(`GET /apis/${group}/v1/looses`, undefined, {
      headers,
      show: ({ columnDefinitions }) => columnDefinitions.map(undescribed),
    }),
  'metadata of one object': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one', { a: '1' }, { labels: { a: 'b' } }));
    await see(`GET ${configMaps}/one`, undefined, { headers: { accept: as('PartialObjectMetadata') } });
  },
  'metadata of a list': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`GET ${widgets}`, undefined, { headers: { accept: as('PartialObjectMetadataList') } });
  },
  'metadata of what a patch made': async ({ call, see }) => {
    await call(`POST ${configMaps}`, configMap('one'));
    await see(
      `PATCH ${configMaps}/one`,
      { metadata: { labels: { a: 'b' } } },
      { ...merge, headers: { accept: as('PartialObjectMetadata') } },
    );
  },
  'the first form that the server knows is taken': async ({ call, see }) => {
    await call(`POST ${secrets}`, secret('one'));
    const accept = `application/json;as=Other;v=v1;g=meta.k8s.io,${as('PartialObjectMetadata')},application/json`;
    await see(`GET ${secrets}/one`, undefined, { headers: { accept } });
  },
  'a form that the server does not know': ({ see }) =>
    see(`GET ${secrets}`, undefined, {
      headers: { accept: 'application/json;as=Other;v=v1;g=meta.k8s.io' },
      showFailure: ({ code, reason }) => [code, reason],
    }),
  'a media type that the server does not know': ({ see }) =>
    see(`GET ${secrets}`, undefined, {
      headers: { accept: 'text/html' },
      showFailure: ({ code, reason }) => [code, reason],
    }),
  'any media type is JSON': ({ see }) => see(`GET ${secrets}`, undefined, { headers: { accept: '*/*' } }),
  YAML: async ({ call, see }) => {
    await call(`POST ${secrets}`, secret('one'));
    await see(`GET ${secrets}/one`, undefined, {
      headers: { accept: 'application/yaml' },
      show: (text) =>
        String(text)
          .split('\n')
          .filter((line) => /^\w/.test(line)),
    });
  },
};
