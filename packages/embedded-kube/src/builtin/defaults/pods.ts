import { type JsonObject } from '../../object/json.ts';
import { fill, itemsOf, objectIn } from './fill.ts';

/** Defaults of a pod spec, in a pod or in a template of one. */
export function defaultPodSpec(spec: JsonObject): void {
  for (const container of [...itemsOf(spec, 'containers'), ...itemsOf(spec, 'initContainers')])
    defaultContainer(container);
  fill(spec, { restartPolicy: 'Always', terminationGracePeriodSeconds: 30, dnsPolicy: 'ClusterFirst' });
  if (spec.serviceAccountName === undefined && spec.serviceAccount !== undefined)
    spec.serviceAccountName = spec.serviceAccount;
  if (spec.serviceAccountName !== undefined) spec.serviceAccount = spec.serviceAccountName;
  fill(spec, { securityContext: {}, schedulerName: 'default-scheduler' });
  for (const volume of itemsOf(spec, 'volumes')) defaultVolume(volume);
  for (const constraint of itemsOf(spec, 'topologySpreadConstraints')) fill(constraint, {});
}

function defaultContainer(container: JsonObject): void {
  for (const port of itemsOf(container, 'ports')) fill(port, { protocol: 'TCP' });
  for (const env of itemsOf(container, 'env')) {
    const fieldRef = (env.valueFrom as JsonObject | undefined)?.fieldRef as JsonObject | undefined;
    if (fieldRef) fill(fieldRef, { apiVersion: 'v1' });
  }
  for (const probe of ['livenessProbe', 'readinessProbe', 'startupProbe']) {
    if (container[probe] !== undefined) defaultProbe(container[probe] as JsonObject);
  }
  const lifecycle = container.lifecycle as JsonObject | undefined;
  for (const hook of ['postStart', 'preStop']) {
    const httpGet = (lifecycle?.[hook] as JsonObject | undefined)?.httpGet as JsonObject | undefined;
    if (httpGet) fill(httpGet, { path: '/', scheme: 'HTTP' });
  }
  objectIn(container, 'resources');
  fill(container, {
    terminationMessagePath: '/dev/termination-log',
    terminationMessagePolicy: 'File',
    imagePullPolicy: pullPolicy(typeof container.image === 'string' ? container.image : ''),
  });
}

/** An image without tag, or tagged `latest`, may have moved. */
function pullPolicy(image: string): string {
  if (image.includes('@')) return 'IfNotPresent';
  const tag = /:([^/:]+)$/.exec(image)?.[1] ?? 'latest';
  return tag === 'latest' ? 'Always' : 'IfNotPresent';
}

/** In a pod, a limit without request is the request too. */
export function limitsAreRequests(spec: JsonObject): void {
  for (const container of [...itemsOf(spec, 'containers'), ...itemsOf(spec, 'initContainers')]) {
    const resources = objectIn(container, 'resources');
    const limits = resources.limits as JsonObject | undefined;
    if (limits !== undefined && Object.keys(limits).length > 0) fill(objectIn(resources, 'requests'), limits);
  }
}

function defaultProbe(probe: JsonObject): void {
  const httpGet = probe.httpGet as JsonObject | undefined;
  if (httpGet) fill(httpGet, { path: '/', scheme: 'HTTP' });
  const grpc = probe.grpc as JsonObject | undefined;
  if (grpc) fill(grpc, { service: '' });
  fill(probe, { timeoutSeconds: 1, periodSeconds: 10, successThreshold: 1, failureThreshold: 3 });
}

function defaultVolume(volume: JsonObject): void {
  for (const source of ['secret', 'configMap', 'downwardAPI', 'projected']) {
    if (volume[source] !== undefined) fill(volume[source] as JsonObject, { defaultMode: 420 });
  }
  const hostPath = volume.hostPath as JsonObject | undefined;
  if (hostPath) fill(hostPath, { type: '' });
  for (const projection of itemsOf(volume.projected as JsonObject | undefined, 'sources')) {
    const token = projection.serviceAccountToken as JsonObject | undefined;
    if (token) fill(token, { expirationSeconds: 3600 });
  }
  const known = Object.keys(volume).some((key) => key !== 'name');
  if (!known) volume.emptyDir = {};
}
