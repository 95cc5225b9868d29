/** Label and field selectors. */
import { badRequest } from '../status/errors.ts';
import type { KubeJson } from '../object/json.ts';

export type Matcher = (object: KubeJson) => boolean;

export const everything: Matcher = () => true;

type Labels = Record<string, string> | undefined;

/** Parses `a=b,c!=d,e in (x,y),f notin (z),g,!h`. Throws 400. */
export function labelSelector(text: string): (labels: Labels) => boolean {
  const tests = splitTopLevel(text).map((part) => labelTest(part.trim(), text));
  return (labels) => tests.every((test) => test(labels));
}

const setShape = /^(\S+)\s+(in|notin)\s*\(([^)]*)\)$/;
const equalShape = /^([^!=\s]+)\s*(==|=|!=)\s*(\S*)$/;
const keyShape = /^(?:[A-Za-z0-9.-]+\/)?[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?$/;

function labelTest(part: string, whole: string): (labels: Labels) => boolean {
  const bad = () =>
    badRequest(
      `unable to parse requirement: found '${part}', expected: a label selector such as 'key=value' in "${whole}"`,
    );
  const set = setShape.exec(part);
  if (set !== null) {
    const [key, values] = [set[1]!, new Set(set[3]!.split(',').map((value) => value.trim()))];
    if (!keyShape.test(key)) throw bad();
    return set[2] === 'in'
      ? (labels) => labels?.[key] !== undefined && values.has(labels[key])
      : (labels) => labels?.[key] === undefined || !values.has(labels[key]);
  }
  const equal = equalShape.exec(part);
  if (equal !== null) {
    const [key, value] = [equal[1]!, equal[3]!];
    if (!keyShape.test(key)) throw bad();
    return equal[2] === '!=' ? (labels) => labels?.[key] !== value : (labels) => labels?.[key] === value;
  }
  const absent = part.startsWith('!');
  const key = absent ? part.slice(1).trim() : part;
  if (!keyShape.test(key)) throw bad();
  return absent ? (labels) => labels?.[key] === undefined : (labels) => labels?.[key] !== undefined;
}

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
