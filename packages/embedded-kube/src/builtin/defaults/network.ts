/** Defaults of services and other network kinds. */
import { schema } from '@gitops-toolkit/api';
import type { JsonObject, KubeJson } from '../../object/json.ts';
import type { Defaulter } from './index.ts';
import { fill, itemsOf, objectIn } from './fill.ts';

/** Addresses and ports that the server hands out, from the usual ranges 10.96.0.0/12 and 30000-32767. */
const allocations = { address: 1, port: 0 };

function nextAddress(): string {
  const number = (allocations.address = (allocations.address % 0xfffe) + 1) + 0x0a_60_00_00;
  return [24, 16, 8, 0].map((shift) => (number >> shift) & 255).join('.');
}

function nextPort(): number {
  return 30000 + (allocations.port = (allocations.port + 1) % 2768);
}

const service: Defaulter = (object, old) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { sessionAffinity: 'None', type: 'ClusterIP' });
  if (spec.sessionAffinity === 'ClientIP') {
    fill(objectIn(objectIn(spec, 'sessionAffinityConfig'), 'clientIP'), { timeoutSeconds: 10800 });
  }
  for (const port of itemsOf(spec, 'ports')) {
    fill(port, { protocol: 'TCP' });
    if (port.targetPort === undefined) port.targetPort = port.port;
  }
  if (old === undefined) object.status = { loadBalancer: {} };
  const before = old?.spec as JsonObject | undefined;
  if (spec.type === 'ExternalName') {
    for (const field of ['clusterIP', 'clusterIPs']) delete spec[field];
    return;
  }
  allocate(spec, before);
  fill(spec, { internalTrafficPolicy: 'Cluster' });
  if (spec.type !== 'ClusterIP') {
    fill(spec, { externalTrafficPolicy: 'Cluster' });
    for (const port of itemsOf(spec, 'ports')) {
      const kept = itemsOf(before, 'ports').find(
        (former) => former.port === port.port && (former.protocol ?? 'TCP') === port.protocol,
      );
      if (!port.nodePort) port.nodePort = kept?.nodePort ?? nextPort();
    }
  }
  if (spec.type === 'LoadBalancer') fill(spec, { allocateLoadBalancerNodePorts: true });
};

/** The cluster address: kept once given, `None` for headless services. */
function allocate(spec: JsonObject, before: JsonObject | undefined): void {
  if (!spec.clusterIP)
    spec.clusterIP = before?.clusterIP ?? (spec.clusterIPs as string[] | undefined)?.[0] ?? nextAddress();
  const former = before?.clusterIP;
  if (former !== undefined && former !== spec.clusterIP && schema.jsonEqual(spec.clusterIPs, before?.clusterIPs)) {
    delete spec.clusterIPs;
  }
  fill(spec, {
    clusterIPs: before?.clusterIP === spec.clusterIP && before?.clusterIPs ? before.clusterIPs : [spec.clusterIP],
  });
  fill(spec, { ipFamilies: ['IPv4'], ipFamilyPolicy: 'SingleStack' });
}

const ingress: Defaulter = (object, old) => {
  if (old === undefined) object.status = { loadBalancer: {} };
};

const networkPolicy: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { policyTypes: spec.egress === undefined ? ['Ingress'] : ['Ingress', 'Egress'] });
  for (const rule of [...itemsOf(spec, 'ingress'), ...itemsOf(spec, 'egress')]) {
    for (const port of itemsOf(rule, 'ports')) fill(port, { protocol: 'TCP' });
  }
};

const endpoints = (object: KubeJson) => {
  for (const subset of itemsOf(object, 'subsets'))
    for (const port of itemsOf(subset, 'ports')) fill(port, { protocol: 'TCP' });
};

const endpointSlice = (object: KubeJson) => {
  for (const port of itemsOf(object, 'ports')) fill(port, { name: '', protocol: 'TCP' });
};

export const networkDefaults: Record<string, Defaulter> = {
  '/Service': service,
  '/Endpoints': endpoints,
  'networking.k8s.io/Ingress': ingress,
  'networking.k8s.io/NetworkPolicy': networkPolicy,
  'discovery.k8s.io/EndpointSlice': endpointSlice,
};
