/** Built-in objects that cases are made of. */
import type { Body } from './script.ts';
export const configMaps = '/api/v1/namespaces/NS/configmaps';
export const secrets = '/api/v1/namespaces/NS/secrets';
export const services = '/api/v1/namespaces/NS/services';
export const deployments = '/apis/apps/v1/namespaces/NS/deployments';

export const configMap = (name: string, data: object = { a: '1' }, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'ConfigMap',
  metadata: { name, ...metadata },
  data,
});
export const secret = (name: string, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name, ...metadata },
});
export const service = (name: string, spec: object = { ports: [{ port: 80 }] }, metadata: object = {}) => ({
  apiVersion: 'v1',
  kind: 'Service',
  metadata: { name, ...metadata },
  spec,
});
export const podSpec = (more: object = {}) => ({ containers: [{ name: 'main', image: 'example/app:1' }], ...more });
/** With no replicas, so that nothing happens to it behind the case's back. */
export const deployment = (name: string, more: object = {}, metadata: object = {}) => ({
  apiVersion: 'apps/v1',
  kind: 'Deployment',
  metadata: { name, ...metadata },
  spec: {
    replicas: 0,
    selector: { matchLabels: { app: name } },
    template: { metadata: { labels: { app: name } }, spec: podSpec() },
    ...more,
  },
});

export const managed = (body: Body) => body.metadata.managedFields;
/** Without the entries of controllers, who write status in their own time. */
export const managedSpec = (body: Body) => managed(body).filter(({ subresource }: Body) => subresource !== 'status');
export const spec = (body: Body) => body.spec;
export const names = (body: Body) => body.items.map((item: Body) => item.metadata.name);
