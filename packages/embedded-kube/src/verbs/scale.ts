/** The scale subresource: `autoscaling/v1 Scale` over any kind that has replicas. */
import { schema } from '@gitops-toolkit/api';
import { copyJson, type JsonObject, type KubeJson, valueAt } from '../object/json.ts';
import type { Resource } from '../resource/resource.ts';
import { badRequest, invalidObject, StatusError } from '../status/errors.ts';

export function scaleOf(resource: Resource, object: KubeJson): KubeJson {
  const paths = resource.scale!;
  const { name, namespace, uid, resourceVersion, creationTimestamp } = object.metadata;
  const selector = paths.selector && valueAt(object, ...paths.selector);
  const text = selectorText(selector);
  const found = valueAt(object, ...paths.specReplicas);
  if (found === undefined && resource.custom) {
    const message = `the spec replicas field ".${paths.specReplicas.join('.')}" does not exist`;
    throw new StatusError(500, 'InternalError', `Internal error occurred: ${message}`, { causes: [{ message }] });
  }
  const replicas = found ?? 0;
  return {
    apiVersion: 'autoscaling/v1',
    kind: 'Scale',
    metadata: { name, namespace, uid, resourceVersion, creationTimestamp },
    // Zero is left out, as in every Go structure whose field is optional.
    spec: replicas === 0 ? {} : { replicas },
    status: { replicas: valueAt(object, ...paths.statusReplicas) ?? 0, ...(text ? { selector: text } : {}) },
  };
}

/** `a=b,c in (d)` of a `metav1.LabelSelector`; text stays as it is. */
export function selectorText(selector: unknown): string {
  if (typeof selector === 'string') return selector;
  if (!schema.isObject(selector)) return '';
  const plain = schema.isObject(selector.matchLabels)
    ? selector.matchLabels
    : selector.matchExpressions
      ? {}
      : selector;
  const labels = Object.entries(plain).map(([key, value]) => `${key}=${String(value)}`);
  const expressions =
    (selector.matchExpressions as { key: string; operator: string; values?: string[] }[] | undefined) ?? [];
  return [...labels.sort(), ...expressions.map(expressionText)].join(',');
}

function expressionText({ key, operator, values }: { key: string; operator: string; values?: string[] }): string {
  switch (operator) {
    case 'In':
      return `${key} in (${[...(values ?? [])].sort().join(',')})`;
    case 'NotIn':
      return `${key} notin (${[...(values ?? [])].sort().join(',')})`;
    case 'Exists':
      return key;
    default:
      return `!${key}`;
  }
}

/** The object with the replicas of a Scale. Throws 400 and 422. */
export function withScale(resource: Resource, object: KubeJson, scale: unknown): KubeJson {
  if (!schema.isObject(scale) || scale.kind !== 'Scale') throw badRequest('the body is not an autoscaling/v1 Scale');
  const replicas = valueAt(scale, 'spec', 'replicas') ?? 0;
  if (typeof replicas !== 'number' || !Number.isInteger(replicas))
    throw badRequest(
      'Scale in version "v1" cannot be handled as a Scale: json: cannot unmarshal into Go struct field ScaleSpec.spec.replicas of type int32',
    );
  if (replicas < 0) {
    const issue = schema.invalid('spec.replicas', replicas, 'must be greater than or equal to 0');
    throw invalidObject({ group: 'autoscaling', plural: 'scales', kind: 'Scale' }, object.metadata.name, [issue]);
  }
  const next = copyJson(object);
  const path = resource.scale!.specReplicas;
  let container: JsonObject = next;
  for (const key of path.slice(0, -1)) container = (container[key] ??= {}) as JsonObject;
  container[path.at(-1)!] = replicas;
  const sent = valueAt(scale, 'metadata', 'resourceVersion');
  if (typeof sent === 'string' && sent !== '') next.metadata.resourceVersion = sent;
  return next;
}
