import { schema } from '@gitops-toolkit/api';
import type { JsonObject } from '../../object/json.ts';
import { dnsLabel } from '../../object/names.ts';
import { itemsOf } from '../defaults/fill.ts';
import type { Validator } from './index.ts';

type Issue = schema.Issue;

const protocols = ['SCTP', 'TCP', 'UDP'];
const portText = 'must be between 1 and 65535, inclusive';
const serviceTypes = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort'];

const service: Validator = (object, old) => {
  const spec = (object.spec as JsonObject | undefined) ?? {};
  const issues: Issue[] = [];
  const ports = itemsOf(spec, 'ports');
  if (ports.length === 0 && spec.type !== 'ExternalName' && spec.clusterIP !== 'None')
    issues.push(schema.required('spec.ports'));
  if (spec.type === 'ExternalName' && !spec.externalName) issues.push(schema.required('spec.externalName'));
  const names = new Set<unknown>();
  const numbers = new Set<string>();
  ports.forEach((port, index) => {
    const path = `spec.ports[${index}]`;
    if (!port.name) {
      if (ports.length > 1) issues.push(schema.required(`${path}.name`));
    } else {
      for (const text of dnsLabel(String(port.name), false))
        issues.push(schema.invalid(`${path}.name`, port.name, text));
      if (names.has(port.name)) issues.push(schema.duplicate(`${path}.name`, port.name));
      names.add(port.name);
    }
    if (!isPort(port.port)) issues.push(schema.invalid(`${path}.port`, port.port ?? 0, portText));
    if (typeof port.targetPort === 'number' && !isPort(port.targetPort))
      issues.push(schema.invalid(`${path}.targetPort`, port.targetPort, portText));
    if (!protocols.includes(port.protocol as string))
      issues.push(schema.notSupported(`${path}.protocol`, port.protocol, protocols));
    const number = `${String(port.port)}/${String(port.protocol)}`;
    if (numbers.has(number))
      issues.push(
        schema.duplicate(path, {
          name: port.name,
          protocol: port.protocol,
          port: port.port,
          targetPort: port.targetPort,
        }),
      );
    numbers.add(number);
  });
  if (!serviceTypes.includes(spec.type as string))
    issues.push(schema.notSupported('spec.type', spec.type, serviceTypes));
  const before = old?.spec as JsonObject | undefined;
  if (
    before?.clusterIP &&
    spec.type !== 'ExternalName' &&
    before.type !== 'ExternalName' &&
    before.clusterIP !== spec.clusterIP
  ) {
    issues.push(schema.invalid('spec.clusterIPs[0]', spec.clusterIPs, `may not change once set`));
  }
  return issues;
};

export function isPort(value: unknown): boolean {
  return typeof value === 'number' && Number.isInteger(value) && value >= 1 && value <= 65535;
}

const pathTypes = ['Exact', 'ImplementationSpecific', 'Prefix'];

const ingress: Validator = (object) => {
  const spec = (object.spec as JsonObject | undefined) ?? {};
  const issues: Issue[] = [];
  if (itemsOf(spec, 'rules').length === 0 && spec.defaultBackend === undefined) {
    issues.push(schema.invalid('spec', spec, 'either `defaultBackend` or `rules` must be specified'));
  }
  itemsOf(spec, 'rules').forEach((rule, index) => {
    const http = rule.http as JsonObject | undefined;
    if (http === undefined) return;
    const base = `spec.rules[${index}].http.paths`;
    if (itemsOf(http, 'paths').length === 0) issues.push(schema.required(base));
    itemsOf(http, 'paths').forEach((path, position) => {
      const at = `${base}[${position}]`;
      if (path.pathType === undefined) issues.push(schema.required(`${at}.pathType`, 'pathType must be specified'));
      else if (!pathTypes.includes(path.pathType as string))
        issues.push(schema.notSupported(`${at}.pathType`, path.pathType, pathTypes));
      else if (path.pathType !== 'ImplementationSpecific' && !String(path.path ?? '').startsWith('/')) {
        issues.push(schema.invalid(`${at}.path`, path.path ?? '', 'must be an absolute path'));
      }
      issues.push(...checkBackend(path.backend as JsonObject | undefined, `${at}.backend`));
    });
  });
  return issues;
};

function checkBackend(backend: JsonObject | undefined, path: string): Issue[] {
  const service = backend?.service as JsonObject | undefined;
  if (backend?.resource !== undefined) return [];
  if (service === undefined) return [schema.required(path, 'either `service` or `resource` must be specified')];
  const issues: Issue[] = service.name ? [] : [schema.required(`${path}.service.name`)];
  const port = service.port as JsonObject | undefined;
  if (!port?.name && !port?.number)
    issues.push(schema.required(`${path}.service.port`, 'port name or number is required'));
  return issues;
}

export const networkValidation: Record<string, Validator> = {
  '/Service': service,
  'networking.k8s.io/Ingress': ingress,
};
