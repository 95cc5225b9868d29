/** Which kinds there are: discovery, OpenAPI, versions, health. */
import { group } from './definitions.ts';
import type { Body, Topic } from './script.ts';

const aggregated = { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json' };
const resource =
  (...wanted: string[]) =>
  (body: Body) =>
    body.resources
      .filter(({ name }: Body) => wanted.includes(name.split('/')[0]) && !name.endsWith('/proxy'))
      .map(({ storageVersionHash: _, ...rest }: Body) => rest)
      // Custom resources come in no order.
      .sort((a: Body, b: Body) => (a.name < b.name ? -1 : 1));
const ourGroup = ({ items }: Body) => items.find(({ metadata }: Body) => metadata.name === group);
const withoutTimes = (group: Body) => ({ ...group, metadata: { name: group.metadata.name } });

export const discovery: Topic = {
  'the core versions': ({ see }) => see('GET /api', undefined, { show: ({ kind, versions }) => ({ kind, versions }) }),
  'the groups': ({ see }) =>
    see('GET /apis', undefined, {
      show: ({ kind, apiVersion, groups }) => [
        kind,
        apiVersion,
        ['apps', 'batch', group, 'rbac.authorization.k8s.io'].map((name) =>
          groups.find((one: Body) => one.name === name),
        ),
      ],
    }),
  'one group': ({ see }) => see('GET /apis/apps'),
  'a custom group': ({ see }) => see(`GET /apis/${group}`),
  'an unknown group': ({ see }) => see('GET /apis/nothing.example.com'),
  'an unknown version': ({ see }) => see('GET /apis/apps/v9'),
  'resources of the core': ({ see }) =>
    see('GET /api/v1', undefined, { show: resource('configmaps', 'secrets', 'services', 'namespaces', 'events') }),
  'resources of apps': ({ see }) =>
    see('GET /apis/apps/v1', undefined, { show: resource('deployments', 'statefulsets', 'daemonsets', 'replicasets') }),
  'resources of batch': ({ see }) => see('GET /apis/batch/v1', undefined, { show: resource('jobs', 'cronjobs') }),
  'resources of a custom group': ({ see }) =>
    see(`GET /apis/${group}/v1`, undefined, { show: resource('widgets', 'looses', 'ruleds', 'duals') }),
  'resources of rbac': ({ see }) =>
    see('GET /apis/rbac.authorization.k8s.io/v1', undefined, {
      show: resource('roles', 'clusterroles', 'rolebindings', 'clusterrolebindings'),
    }),
  'reviews are resources too': ({ see }) => see('GET /apis/authorization.k8s.io/v1'),
  'aggregated: a custom group': ({ see }) =>
    see('GET /apis', undefined, {
      headers: aggregated,
      show: (body) => [
        body.kind,
        body.apiVersion,
        withoutTimes(ourGroup(body)).versions.map((version: Body) => ({
          ...version,
          resources: version.resources.filter((one: Body) => ['widgets', 'duals'].includes(one.resource)),
        })),
      ],
    }),
  'aggregated: the core': ({ see }) =>
    see('GET /api', undefined, {
      headers: aggregated,
      show: (body) => [
        body.kind,
        body.items[0].versions[0].resources.filter((one: Body) => ['configmaps', 'namespaces'].includes(one.resource)),
      ],
    }),
  'OpenAPI v3: the index': ({ see }) =>
    see('GET /openapi/v3', undefined, {
      show: ({ paths }) => ['api/v1', 'apis/apps/v1', `apis/${group}/v1`].map((path) => Object.keys(paths[path] ?? {})),
    }),
  'OpenAPI v3: the kind of a schema': ({ see }) =>
    see(`GET /openapi/v3/apis/${group}/v1`, undefined, {
      show: ({ components }) =>
        Object.entries<Body>(components.schemas)
          .filter(([name]) => /Widget$/.test(name))
          .map(([name, schema]) => [
            name,
            schema['x-kubernetes-group-version-kind'],
            schema.properties.spec.properties.color,
          ]),
    }),
  'OpenAPI v2': ({ see }) =>
    see('GET /openapi/v2', undefined, {
      show: ({ swagger, definitions }) => [
        swagger,
        definitions['io.k8s.api.apps.v1.Deployment']['x-kubernetes-group-version-kind'],
      ],
    }),
  'the version': ({ see }) => see('GET /version', undefined, { show: ({ major, minor }) => [major, minor] }),
  healthy: ({ see }) => see('GET /healthz'),
  ready: ({ see }) => see('GET /readyz'),
  alive: ({ see }) => see('GET /livez'),
  'nothing there': ({ see }) => see('GET /nothing', undefined, { showFailure: ({ code }) => code }),
};
