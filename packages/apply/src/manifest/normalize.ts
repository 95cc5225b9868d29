import { X509Certificate } from 'node:crypto';
import { gvkOf, type KubeObject, type UnstructuredObject } from '@gitops-toolkit/api';
import { cloneObject, fieldAt, isRecord } from '../object/object.ts';
import { jsonEqual } from '../object/equal.ts';

/** Where the pod specification of a workload is, by `group/Kind`. */
const podSpecs: Record<string, string[]> = {
  '/Pod': ['spec'],
  'apps/Deployment': ['spec', 'template', 'spec'],
  'apps/StatefulSet': ['spec', 'template', 'spec'],
  'apps/DaemonSet': ['spec', 'template', 'spec'],
  'apps/ReplicaSet': ['spec', 'template', 'spec'],
  'batch/Job': ['spec', 'template', 'spec'],
  'batch/CronJob': ['spec', 'jobTemplate', 'spec', 'template', 'spec'],
};

/**
 * A copy of a manifest in the form that can be compared with what the API server holds: fields with null are dropped
 * from built-in kinds (KUS-224), Secrets have `data` only (KUS-225), ports name their protocol (KUS-226), creation time
 * and status are gone (KUS-227), and so are CA bundles of CRDs that hold no certificate (KUS-228).
 *
 * Fields that the built-in kinds do not know are left for the API server, which drops them with a warning.
 */
export function normalizeObject(manifest: KubeObject): UnstructuredObject {
  const object = cloneObject(manifest);
  const { group, kind } = gvkOf(object);
  const name = `${group}/${kind}`;
  if (isBuiltIn(group) && !/^rbac\.authorization\.k8s\.io\/(Cluster)?Role$/.test(name)) dropNulls(object);
  if (name === '/Secret') mergeStringData(object);
  if (name === '/Service') defaultProtocols(fieldAt(object, 'spec', 'ports'));
  const podSpec = podSpecs[name];
  if (podSpec) {
    const containers = fieldAt(object, ...podSpec, 'containers');
    if (Array.isArray(containers)) for (const container of containers) defaultProtocols(fieldAt(container, 'ports'));
  }
  delete object.metadata.creationTimestamp;
  if (kind === 'CustomResourceDefinition' && group === 'apiextensions.k8s.io') dropInvalidCaBundle(object);
  else delete object.status;
  return object;
}

/** Groups whose kinds come with Kubernetes. */
function isBuiltIn(group: string): boolean {
  return !group.includes('.') || group.endsWith('.k8s.io');
}

function dropNulls(value: unknown): void {
  if (Array.isArray(value)) value.forEach(dropNulls);
  else if (isRecord(value)) {
    for (const [key, field] of Object.entries(value)) {
      if (field === null) delete value[key];
      else dropNulls(field);
    }
  }
}

function mergeStringData(secret: UnstructuredObject): void {
  if (!isRecord(secret.stringData)) return;
  const data: Record<string, unknown> = isRecord(secret.data) ? secret.data : {};
  for (const [key, value] of Object.entries(secret.stringData)) {
    // Anything else is for the API server to refuse.
    if (typeof value !== 'string') return;
    data[key] = Buffer.from(value).toString('base64');
  }
  if (Object.keys(data).length > 0) secret.data = data;
  delete secret.stringData;
}

function defaultProtocols(ports: unknown): void {
  if (!Array.isArray(ports)) return;
  for (const port of ports) if (isRecord(port) && !port.protocol) port.protocol = 'TCP';
}

function dropInvalidCaBundle(crd: UnstructuredObject): void {
  const clientConfig = fieldAt(crd, 'spec', 'conversion', 'webhook', 'clientConfig');
  if (isRecord(clientConfig) && 'caBundle' in clientConfig && !isCaBundle(clientConfig.caBundle)) {
    delete clientConfig.caBundle;
  }
}

function isCaBundle(bundle: unknown): boolean {
  if (typeof bundle !== 'string' || !/^[A-Za-z0-9+/\s]+=*\s*$/.test(bundle)) return false;
  const blocks = Buffer.from(bundle, 'base64')
    .toString('latin1')
    .match(/-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g);
  if (!blocks) return false;
  try {
    return blocks.every((block) => new X509Certificate(block).serialNumber !== '');
  } catch {
    return false;
  }
}

/** The metrics of a HorizontalPodAutoscaler without the duplicates and blanks that dry runs may add (KUS-229). */
export function distinctMetrics(metrics: unknown): unknown {
  if (!Array.isArray(metrics)) return metrics;
  const kept: unknown[] = [];
  for (const metric of metrics) {
    if (isRecord(metric) && metric.type && !kept.some((other) => jsonEqual(other, metric))) kept.push(metric);
  }
  return kept;
}
