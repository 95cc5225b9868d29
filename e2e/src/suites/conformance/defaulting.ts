/** What the API server fills in and leaves out. */
import { deployment, deployments, podSpec, service, services, spec } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, merge, type Stage, type Topic } from './script.ts';

const widget =
  (fields: object) =>
  ({ see }: Stage) =>
    see(`POST ${widgets}`, aWidget('one', { color: 'red', ...fields }), { show: spec });
const workload =
  (path: string, object: object, show: (body: Body) => unknown = spec) =>
  ({ see }: Stage) =>
    see(`POST ${path}`, object, { show });
const named = (apiVersion: string, kind: string, fields: object) => ({
  apiVersion,
  kind,
  metadata: { name: 'one' },
  ...fields,
});
const template = { metadata: { labels: { app: 'one' } }, spec: podSpec() };
const selector = { matchLabels: { app: 'one' } };

export const defaulting: Topic = {
  'custom: defaults of fields, and within a defaulted object': widget({}),
  'custom: defaults in list items': widget({ ports: [{ port: 1 }], steps: [{ run: 'x' }] }),
  'custom: no defaults below what is not there': widget({ frame: { width: 1 } }),
  'custom: null where a default stands': widget({ size: null, dimmed: null, frame: null }),
  'custom: unknown fields are pruned': widget({ nothing: 1, frame: { depth: 1 }, ports: [{ port: 1, x: 1 }] }),
  'custom: unknown fields are kept where the schema says so': widget({ extra: { a: { b: [1, null] } } }),
  'custom: unknown fields outside spec': ({ see }) =>
    see(`POST ${widgets}`, { ...aWidget('one'), other: 1, status: { phase: 'x' } }),
  'custom: unknown metadata is pruned': ({ see }) =>
    see(`POST ${widgets}`, aWidget('one', undefined, { nothing: 1, labels: { a: 'b' } })),
  'custom: a default returns after removal': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one', { color: 'red', size: 5 }));
    await see(`PATCH ${widgets}/one`, { spec: { size: null } }, { ...merge, show: spec });
  },
  Deployment: workload(deployments, deployment('one')),
  'Deployment with everything that has defaults': workload(
    deployments,
    deployment('one', {
      strategy: { rollingUpdate: { maxSurge: 1 } },
      template: {
        metadata: { labels: { app: 'one' } },
        spec: podSpec({
          containers: [
            {
              name: 'main',
              image: 'example/app',
              ports: [{ containerPort: 80 }],
              env: [{ name: 'A', valueFrom: { fieldRef: { fieldPath: 'metadata.name' } } }],
              livenessProbe: { httpGet: { port: 80 } },
              readinessProbe: { tcpSocket: { port: 80 } },
              resources: { limits: { cpu: '1', memory: '1Gi' } },
              securityContext: {},
            },
            { name: 'side', image: 'example/side:latest' },
          ],
          volumes: [
            { name: 'a', configMap: { name: 'a' } },
            { name: 'b', secret: { secretName: 'b' } },
            { name: 'c', emptyDir: {} },
            { name: 'd', hostPath: { path: '/d' } },
            { name: 'e', projected: { sources: [{ serviceAccountToken: { path: 't' } }] } },
          ],
          serviceAccountName: 'default',
        }),
      },
    }),
  ),
  StatefulSet: workload(
    '/apis/apps/v1/namespaces/NS/statefulsets',
    named('apps/v1', 'StatefulSet', { spec: { replicas: 0, serviceName: 'x', selector, template } }),
  ),
  'StatefulSet with a volume claim': workload(
    '/apis/apps/v1/namespaces/NS/statefulsets',
    named('apps/v1', 'StatefulSet', {
      spec: {
        replicas: 0,
        serviceName: 'x',
        selector,
        template,
        volumeClaimTemplates: [
          {
            metadata: { name: 'd' },
            spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1Gi' } } },
          },
        ],
      },
    }),
    (body) => body.spec.volumeClaimTemplates,
  ),
  DaemonSet: workload(
    '/apis/apps/v1/namespaces/NS/daemonsets',
    named('apps/v1', 'DaemonSet', { spec: { selector, template } }),
  ),
  Job: workload(
    '/apis/batch/v1/namespaces/NS/jobs',
    named('batch/v1', 'Job', { spec: { suspend: true, template: { spec: podSpec({ restartPolicy: 'Never' }) } } }),
    (body) => body.spec,
  ),
  CronJob: workload(
    '/apis/batch/v1/namespaces/NS/cronjobs',
    named('batch/v1', 'CronJob', {
      spec: {
        suspend: true,
        schedule: '0 0 1 1 *',
        jobTemplate: { spec: { template: { spec: podSpec({ restartPolicy: 'Never' }) } } },
      },
    }),
  ),
  'Service: ports': workload(services, service('one', { ports: [{ port: 80 }] }), (body) => body.spec.ports),
  'Service: everything but addresses': workload(
    services,
    service('one', { clusterIP: 'None', selector: { a: 'b' }, ports: [{ name: 'x', port: 80, targetPort: 'web' }] }),
    spec,
  ),
  'Service: external name': workload(services, service('one', { type: 'ExternalName', externalName: 'example.com' })),
  'Service: a load balancer': workload(
    services,
    service('one', { type: 'LoadBalancer', ports: [{ port: 80 }] }),
    ({ spec }) => ({
      ...spec,
      clusterIP: null,
      clusterIPs: null,
      ports: [{ ...spec.ports[0], nodePort: spec.ports[0].nodePort >= 30_000 }],
    }),
  ),
  Ingress: workload(
    '/apis/networking.k8s.io/v1/namespaces/NS/ingresses',
    named('networking.k8s.io/v1', 'Ingress', {
      spec: {
        rules: [
          {
            http: {
              paths: [{ path: '/', pathType: 'Prefix', backend: { service: { name: 'a', port: { number: 80 } } } }],
            },
          },
        ],
      },
    }),
  ),
  NetworkPolicy: workload(
    '/apis/networking.k8s.io/v1/namespaces/NS/networkpolicies',
    named('networking.k8s.io/v1', 'NetworkPolicy', { spec: { podSelector: {}, ingress: [{ ports: [{ port: 80 }] }] } }),
  ),
  HorizontalPodAutoscaler: workload(
    '/apis/autoscaling/v2/namespaces/NS/horizontalpodautoscalers',
    named('autoscaling/v2', 'HorizontalPodAutoscaler', {
      spec: { maxReplicas: 3, scaleTargetRef: { apiVersion: 'apps/v1', kind: 'Deployment', name: 'one' } },
    }),
  ),
  'Secret type': ({ see }) =>
    see('POST /api/v1/namespaces/NS/secrets', named('v1', 'Secret', {}), { show: ({ type }) => type }),
  PersistentVolumeClaim: workload(
    '/api/v1/namespaces/NS/persistentvolumeclaims',
    named('v1', 'PersistentVolumeClaim', {
      spec: { accessModes: ['ReadWriteOnce'], resources: { requests: { storage: '1024Mi' } } },
    }),
    ({ spec }) => [spec.volumeMode, spec.resources],
  ),
  'RoleBinding: API groups of subjects': workload(
    '/apis/rbac.authorization.k8s.io/v1/namespaces/NS/rolebindings',
    named('rbac.authorization.k8s.io/v1', 'RoleBinding', {
      roleRef: { kind: 'ClusterRole', name: 'view' },
      subjects: [
        { kind: 'User', name: 'ann' },
        { kind: 'ServiceAccount', name: 'default', namespace: 'default' },
      ],
    }),
    ({ roleRef, subjects }) => ({ roleRef, subjects }),
  ),
};
