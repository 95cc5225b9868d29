import { type KubeObject } from '@gitops-toolkit/api';
import { selfSignedCertificate } from '../testing/certificate.ts';
import { normalizeObject } from './normalize.ts';
import { sortObjects, stagesOf } from './order.ts';
import { ManifestError, prepareObjects } from './prepare.ts';

const make = (apiVersion: string, kind: string, rest: object = {}, metadata: object = {}): KubeObject =>
  ({ apiVersion, kind, metadata: { name: 'it', ...metadata }, ...rest }) as KubeObject;
const owner = { group: 'kustomize.toolkit.fluxcd.io', name: 'apps', namespace: 'flux-system' };

describe('preparation', () => {
  test('KUS-223 KUS-230: ownership labels, and common metadata over the manifest', () => {
    const manifest = make('v1', 'ConfigMap', {}, { labels: { a: '1', b: '1' } });
    const [object] = prepareObjects([manifest], {
      owner,
      commonMetadata: { labels: { b: '2' }, annotations: { c: '3' } },
    });
    expect(object?.metadata).toEqual({
      name: 'it',
      labels: {
        a: '1',
        b: '2',
        'kustomize.toolkit.fluxcd.io/name': 'apps',
        'kustomize.toolkit.fluxcd.io/namespace': 'flux-system',
      },
      annotations: { c: '3' },
    });
    expect(manifest.metadata.labels).toEqual({ a: '1', b: '1' });
  });

  test('KUS-230: templates are left alone', () => {
    const spec = { template: { metadata: { labels: { a: '1' } }, spec: {} } };
    const [object] = prepareObjects([make('apps/v1', 'Deployment', { spec })], {
      owner,
      commonMetadata: { labels: { b: '2' } },
    });
    expect(object?.spec).toEqual(spec);
  });

  test.each([
    ['no apiVersion', { kind: 'X', metadata: { name: 'a' } }],
    ['no kind', { apiVersion: 'v1', metadata: { name: 'a' } }],
    ['no metadata.name', { apiVersion: 'v1', kind: 'X', metadata: {} }],
    ['no apiVersion', null],
  ])('%s is a typed error', (fact, manifest) => {
    const prepare = () => prepareObjects([manifest as unknown as KubeObject], { owner });
    expect(prepare).toThrow(ManifestError);
    expect(prepare).toThrow(fact);
  });
});

describe('normalisation', () => {
  test('KUS-224: nulls go from built-in kinds, and stay elsewhere', () => {
    const rest = { spec: { a: null, b: [{ c: null, d: 1 }] } };
    expect(normalizeObject(make('apps/v1', 'Deployment', rest)).spec).toEqual({ b: [{ d: 1 }] });
    expect(normalizeObject(make('example.org/v1', 'Thing', rest)).spec).toEqual(rest.spec);
    const role = make('rbac.authorization.k8s.io/v1', 'ClusterRole', { rules: null });
    expect(normalizeObject(role).rules).toBeNull();
  });

  test('KUS-225: stringData wins over data and becomes base64', () => {
    const secret = make('v1', 'Secret', { data: { a: 'eA==', b: 'eQ==' }, stringData: { b: 'ü' } });
    const object = normalizeObject(secret);
    expect(object.data).toEqual({ a: 'eA==', b: Buffer.from('ü').toString('base64') });
    expect('stringData' in object).toBe(false);
  });

  test('KUS-226: ports of containers and services get their protocol, those of init containers do not', () => {
    const podSpec = () => ({
      containers: [{ name: 'a', ports: [{ containerPort: 1 }, { containerPort: 2, protocol: 'UDP' }] }],
      initContainers: [{ name: 'b', ports: [{ containerPort: 3 }] }],
    });
    const expected = {
      containers: [
        {
          name: 'a',
          ports: [
            { containerPort: 1, protocol: 'TCP' },
            { containerPort: 2, protocol: 'UDP' },
          ],
        },
      ],
      initContainers: [{ name: 'b', ports: [{ containerPort: 3 }] }],
    };
    expect(normalizeObject(make('v1', 'Pod', { spec: podSpec() })).spec).toEqual(expected);
    for (const kind of ['Deployment', 'StatefulSet', 'DaemonSet', 'ReplicaSet']) {
      const object = normalizeObject(make('apps/v1', kind, { spec: { template: { spec: podSpec() } } }));
      expect(object.spec).toEqual({ template: { spec: expected } });
    }
    const job = { template: { spec: podSpec() } };
    expect(normalizeObject(make('batch/v1', 'Job', { spec: job })).spec).toEqual({ template: { spec: expected } });
    const cron = make('batch/v1', 'CronJob', { spec: { jobTemplate: { spec: { template: { spec: podSpec() } } } } });
    expect(normalizeObject(cron).spec).toEqual({ jobTemplate: { spec: { template: { spec: expected } } } });
    const service = make('v1', 'Service', { spec: { ports: [{ port: 80 }] } });
    expect(normalizeObject(service).spec).toEqual({ ports: [{ port: 80, protocol: 'TCP' }] });
  });

  test('KUS-227: creation time and status go, a CRD keeps its status', () => {
    const object = normalizeObject(make('v1', 'Pod', { status: { phase: 'x' } }, { creationTimestamp: null }));
    expect(object).toEqual({ apiVersion: 'v1', kind: 'Pod', metadata: { name: 'it' } });
    const crd = make('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { status: { conditions: [] } });
    expect(normalizeObject(crd).status).toEqual({ conditions: [] });
  });

  test('KUS-228 KUS-459: a CA bundle without certificates goes from a CRD, a good one stays', () => {
    const withBundle = (caBundle: string) => {
      const spec = { conversion: { strategy: 'Webhook', webhook: { clientConfig: { caBundle, url: 'https://x' } } } };
      return JSON.stringify(normalizeObject(make('apiextensions.k8s.io/v1', 'CustomResourceDefinition', { spec })));
    };
    const base64 = (text: string) => Buffer.from(text).toString('base64');
    for (const bad of ['Cg==', '', '%%%', base64('-----BEGIN CERTIFICATE-----\nAAAA\n-----END CERTIFICATE-----\n')]) {
      expect(withBundle(bad)).not.toContain('caBundle');
    }
    expect(withBundle(base64(selfSignedCertificate))).toContain('caBundle');
  });
});

describe('order', () => {
  test('KUS-233: rank of the kind, then group, kind, namespace and name', () => {
    const objects = [
      make('admissionregistration.k8s.io/v1', 'ValidatingWebhookConfiguration'),
      make('example.org/v1', 'Thing', {}, { namespace: 'b' }),
      make('example.org/v1', 'Thing', {}, { namespace: 'a', name: 'z' }),
      make('example.org/v1', 'Thing', {}, { namespace: 'a', name: 'y' }),
      make('example.com/v1', 'Thing'),
      make('apps/v1', 'Deployment'),
      make('v1', 'ConfigMap'),
      make('v1', 'ServiceAccount'),
      make('v1', 'Namespace'),
    ];
    expect(
      sortObjects(objects).map(({ kind, metadata }) => [kind, metadata.namespace ?? '', metadata.name].join(' ')),
    ).toEqual([
      'Namespace  it',
      'ServiceAccount  it',
      'ConfigMap  it',
      'Deployment  it',
      'Thing  it',
      'Thing a y',
      'Thing a z',
      'Thing b it',
      'ValidatingWebhookConfiguration  it',
    ]);
  });

  test('KUS-232: stages, with custom kinds before the rest', () => {
    const objects = [
      make('v1', 'ConfigMap'),
      make('rbac.authorization.k8s.io/v1', 'Role'),
      make('rbac.authorization.k8s.io/v1', 'ClusterRole'),
      make('storage.k8s.io/v1', 'StorageClass'),
      make('example.org/v1', 'Namespace'),
      make('v1', 'Namespace'),
      make('apiextensions.k8s.io/v1', 'CustomResourceDefinition'),
      make('v1', 'Secret'),
    ];
    const stages = stagesOf(objects, ['rbac.authorization.k8s.io/Role', 'Secret']);
    expect(stages.map(({ name, objects }) => [name, objects.map(({ kind }) => kind)])).toEqual([
      ['definitions', ['CustomResourceDefinition', 'Namespace', 'ClusterRole']],
      ['classes', ['StorageClass']],
      [undefined, ['Role', 'Secret']],
      [undefined, ['Namespace', 'ConfigMap']],
    ]);
    expect(stagesOf([make('v1', 'Secret')])).toHaveLength(1);
  });
});
