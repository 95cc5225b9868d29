/** Names, labels and annotations; fields that never change. */
import { configMap, configMaps, deployment, deployments, secret, secrets, service, services } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, merge, type Stage, type Topic } from './script.ts';

const named =
  (name: string) =>
  ({ see }: Stage) =>
    see(`POST ${configMaps}`, configMap(name), { show: ({ metadata }) => metadata.name });
const labelled =
  (metadata: object) =>
  ({ see }: Stage) =>
    see(`POST ${configMaps}`, configMap('one', {}, metadata), {
      show: ({ metadata }) => metadata.labels ?? metadata.annotations,
    });

export const naming: Topic = {
  'a name with dots and digits': named('a.b-2.c'),
  'a name with capitals': named('Name'),
  'a name with an underscore': named('a_b'),
  'a name that ends with a dash': named('a-'),
  'a name with a slash': named('a/b'),
  'a name of dots': named('..'),
  'a name of 253 characters': named('a'.repeat(253)),
  'a name of 254 characters': named('a'.repeat(254)),
  'a name of a custom resource': ({ see }) => see(`POST ${widgets}`, aWidget('Not_Valid')),
  'a Service name is a label': ({ see }) => see(`POST ${services}`, service('a.b')),
  'a Service name begins with a letter': ({ see }) => see(`POST ${services}`, service('1a')),
  'a role name may hold colons': ({ see }) =>
    see(
      'POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS/roles',
      { apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'Role', metadata: { name: 'system:a' }, rules: [] },
      { show: ({ metadata }) => metadata.name },
    ),
  'a generateName that is bad': ({ see }) =>
    see(
      `POST ${configMaps}`,
      { ...configMap(''), metadata: { generateName: 'Bad_' } },
      { showFailure: ({ message, code }) => [code, message.replaceAll(/Bad_[a-z0-9]{5}/g, 'Bad_xxxxx')] },
    ),
  'a label key with a prefix': labelled({ labels: { 'example.com/Key_1': 'Value.1' } }),
  'a label key that is bad': labelled({ labels: { 'a b': '' } }),
  'a label key with a bad prefix': labelled({ labels: { 'Not_A_Domain/x': '' } }),
  'a label key that is too long': labelled({ labels: { ['k'.repeat(64)]: '' } }),
  'a label value that is bad': labelled({ labels: { a: 'b c' } }),
  'a label value that is too long': labelled({ labels: { a: 'v'.repeat(64) } }),
  'an annotation key with capitals': labelled({ annotations: { 'Example.com/A': 'any thing' } }),
  'an annotation key that is bad': labelled({ annotations: { 'a b': '' } }),
  'a label of a custom resource': ({ see }) =>
    see(`POST ${widgets}`, aWidget('one', undefined, { labels: { a: 'b c' } })),
};

/** Creates an object and tries to change it. */
const change =
  (path: string, object: Body, patch: object, show: (body: Body) => unknown = () => 'changed') =>
  async ({ call, see }: Stage) => {
    await call(`POST ${path}`, object);
    await see(`PATCH ${path}/${object.metadata.name}`, patch, { ...merge, show });
  };
const template = {
  metadata: { labels: { app: 'one' } },
  spec: { restartPolicy: 'Never', containers: [{ name: 'a', image: 'a' }] },
};
const job = { apiVersion: 'batch/v1', kind: 'Job', metadata: { name: 'one' }, spec: { suspend: true, template } };
const rbac = 'rbac.authorization.k8s.io';

/** Without what quotes a whole object in Go's notation. */
const textless = ({ code, reason, details }: Body) => ({
  code,
  reason,
  fields: details.causes.map(({ field, reason }: Body) => [field, reason]),
});
const changeBriefly =
  (path: string, object: Body, patch: object) =>
  async ({ call, see }: Stage) => {
    await call(`POST ${path}`, object);
    await see(`PATCH ${path}/${object.metadata.name}`, patch, {
      ...merge,
      show: () => 'changed',
      showFailure: textless,
    });
  };

export const immutable: Topic = {
  'Deployment: selector': changeBriefly(deployments, deployment('one'), {
    spec: { selector: { matchLabels: { b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } },
  }),
  'Deployment: the message about the selector': change(deployments, deployment('one'), {
    spec: { selector: { matchLabels: { b: 'c' } }, template: { metadata: { labels: { b: 'c' } } } },
  }),
  'StatefulSet: fields': change(
    '/apis/apps/v1/namespaces/NS/statefulsets',
    {
      apiVersion: 'apps/v1',
      kind: 'StatefulSet',
      metadata: { name: 'one' },
      spec: {
        replicas: 0,
        serviceName: 'a',
        selector: { matchLabels: { app: 'one' } },
        template: { ...template, spec: { ...template.spec, restartPolicy: 'Always' } },
      },
    },
    { spec: { serviceName: 'b' } },
  ),
  'Job: template': changeBriefly('/apis/batch/v1/namespaces/NS/jobs', job, {
    spec: { template: { spec: { containers: [{ name: 'b', image: 'b' }] } } },
  }),
  'Job: parallelism may change': change(
    '/apis/batch/v1/namespaces/NS/jobs',
    job,
    { spec: { parallelism: 3 } },
    ({ spec }) => spec.parallelism,
  ),
  'Service: clusterIP': change(services, service('one', { clusterIP: 'None', ports: [{ port: 80 }] }), {
    spec: { clusterIP: '10.0.0.99' },
  }),
  'ConfigMap: immutable data': change(configMaps, { ...configMap('one'), immutable: true }, { data: { a: '2' } }),
  'ConfigMap: immutable stays immutable': change(
    configMaps,
    { ...configMap('one'), immutable: true },
    { immutable: false },
  ),
  'ConfigMap: immutable, labels may change': change(
    configMaps,
    { ...configMap('one'), immutable: true },
    { metadata: { labels: { a: 'b' } } },
  ),
  'Secret: immutable data': change(
    secrets,
    { ...secret('one'), immutable: true, data: { a: 'YQ==' } },
    { data: { a: 'Yg==' } },
  ),
  'Secret: type': change(secrets, { ...secret('one'), type: 'Opaque' }, { type: 'example.com/x' }),
  'RoleBinding: roleRef': changeBriefly(
    `/apis/${rbac}/v1/namespaces/NS/rolebindings`,
    {
      apiVersion: `${rbac}/v1`,
      kind: 'RoleBinding',
      metadata: { name: 'one' },
      roleRef: { apiGroup: rbac, kind: 'ClusterRole', name: 'view' },
    },
    { roleRef: { name: 'edit' } },
  ),
  'metadata: creationTimestamp is kept': change(
    configMaps,
    configMap('one'),
    { metadata: { creationTimestamp: null } },
    ({ metadata }) => typeof metadata.creationTimestamp,
  ),
  'metadata: generateName may not appear': change(
    configMaps,
    configMap('one'),
    { metadata: { generateName: 'x-' } },
    ({ metadata }) => metadata.generateName ?? null,
  ),
  'custom metadata: selfLink and generation are dropped': change(
    widgets,
    aWidget('one'),
    { metadata: { selfLink: '/x', generation: 5 } },
    ({ metadata }) => [metadata.selfLink ?? null, metadata.generation],
  ),
};
