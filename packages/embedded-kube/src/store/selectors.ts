/** Label and field selectors. */
import { badRequest } from '../status/errors.ts';
import type { KubeJson } from '../object/json.ts';
import { labelSelector } from './labels.ts';

export type Matcher = (object: KubeJson) => boolean;

export const everything: Matcher = () => true;

function splitTopLevel(text: string): string[] {
  const parts: string[] = [];
  let depth = 0;
  let start = 0;
  for (let i = 0; i < text.length; i++) {
    const char = text[i];
    if (char === '(') depth++;
    else if (char === ')') depth--;
    else if (char === ',' && depth === 0) {
      parts.push(text.slice(start, i));
      start = i + 1;
    }
  }
  parts.push(text.slice(start));
  return parts.filter((part) => part.trim() !== '');
}

/** Fields that can be selected besides `metadata.name` and `metadata.namespace`, by `group/plural`. */
const selectableFields: Record<string, string[]> = {
  '/pods': [
    'spec.nodeName',
    'spec.restartPolicy',
    'spec.schedulerName',
    'spec.serviceAccountName',
    'spec.hostNetwork',
    'status.phase',
    'status.podIP',
    'status.nominatedNodeName',
  ],
  '/events': [
    'involvedObject.kind',
    'involvedObject.namespace',
    'involvedObject.name',
    'involvedObject.uid',
    'involvedObject.apiVersion',
    'involvedObject.resourceVersion',
    'involvedObject.fieldPath',
    'reason',
    'reportingComponent',
    'source',
    'type',
  ],
  'events.k8s.io/events': [
    'regarding.kind',
    'regarding.namespace',
    'regarding.name',
    'regarding.uid',
    'reason',
    'reportingController',
    'type',
  ],
  '/secrets': ['type'],
  '/namespaces': ['status.phase'],
  '/nodes': ['spec.unschedulable'],
  '/services': ['spec.clusterIP', 'spec.type'],
  '/replicationcontrollers': ['status.replicas'],
  'apps/replicasets': ['status.replicas'],
  'batch/jobs': ['status.successful'],
  'certificates.k8s.io/certificatesigningrequests': ['spec.signerName'],
};

/** Parses `metadata.name=x,status.phase!=Running`. Throws 400 for a field that the kind does not offer. */
export function fieldSelector(
  text: string,
  resource: { group: string; plural: string; kind: string; selectable?: readonly string[] },
): Matcher {
  const known = [
    'metadata.name',
    'metadata.namespace',
    ...(selectableFields[`${resource.group}/${resource.plural}`] ?? []),
    ...(resource.selectable ?? []),
  ];
  const tests = splitTopLevel(text).map((part): Matcher => {
    const match = /^([^!=]+)(!=|==|=)(.*)$/.exec(part);
    if (match === null) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`);
    const field = match[1]!.trim();
    const wanted = match[3]!;
    if (!known.includes(field)) {
      // Kinds with fields of their own word it in their own way.
      if (known.length > 2 || resource.selectable !== undefined)
        throw badRequest(`field label not supported: ${field}`);
      const offered = known.map((name) => JSON.stringify(name)).join(', ');
      throw badRequest(`${JSON.stringify(field)} is not a known field selector: only ${offered}`);
    }
    const path = field.split('.');
    const equal = match[2] !== '!=';
    return (object) => (fieldText(object, path) === wanted) === equal;
  });
  return (object) => tests.every((test) => test(object));
}

function fieldText(object: KubeJson, path: string[]): string {
  let value: unknown = object;
  for (const key of path) value = (value as Record<string, unknown> | undefined)?.[key];
  return value === undefined || value === null ? '' : String(value);
}

/** Both selectors of a request as one test; undefined when there are none. */
export function matcherOf(
  selectors: { labels?: string | null; fields?: string | null },
  resource: { group: string; plural: string; kind: string; selectable?: readonly string[] },
): Matcher | undefined {
  const labels = selectors.labels ? labelSelector(selectors.labels) : undefined;
  const fields = selectors.fields ? fieldSelector(selectors.fields, resource) : undefined;
  if (labels === undefined) return fields;
  if (fields === undefined) return (object) => labels(object.metadata.labels);
  return (object) => labels(object.metadata.labels) && fields(object);
}
