import { schema } from '@gitops-toolkit/api';
import { copyJson, type JsonObject, type KubeJson } from '../../object/json.ts';
import { checkLabels, dnsLabel } from '../../object/names.ts';
import { labelSelector } from '../../store/labels.ts';
import { selectorText } from '../../verbs/scale.ts';
import { itemsOf } from '../defaults/fill.ts';
import type { Validator } from './index.ts';
import { isPort } from './network.ts';

type Issue = schema.Issue;

const pullPolicies = ['Always', 'IfNotPresent', 'Never'];
const restartPolicies = ['Always', 'OnFailure', 'Never'];
const protocols = ['SCTP', 'TCP', 'UDP'];

/** Problems of a pod spec. `restart` are the restart policies allowed. */
function checkPodSpec(spec: JsonObject, path: string, restart: string[]): Issue[] {
  const issues: Issue[] = [];
  const volumes = new Set<unknown>();
  itemsOf(spec, 'volumes').forEach((volume, index) => {
    const at = `${path}.volumes[${index}].name`;
    if (!volume.name) issues.push(schema.required(at));
    else {
      for (const text of dnsLabel(String(volume.name), false)) issues.push(schema.invalid(at, volume.name, text));
      if (volumes.has(volume.name)) issues.push(schema.duplicate(at, volume.name));
    }
    volumes.add(volume.name);
  });
  if (itemsOf(spec, 'containers').length === 0) issues.push(schema.required(`${path}.containers`));
  const names = new Set<unknown>();
  for (const field of ['containers', 'initContainers']) {
    itemsOf(spec, field).forEach((container, index) =>
      issues.push(...checkContainer(container, `${path}.${field}[${index}]`, names, volumes)),
    );
  }
  if (!restart.includes(spec.restartPolicy as string))
    issues.push(wrongRestartPolicy(spec.restartPolicy, `${path}.restartPolicy`, restart));
  return issues;
}

/** Jobs cannot do with the default, so leaving it out is what is reported. */
function wrongRestartPolicy(value: unknown, path: string, supported: string[]): Issue {
  const forJobs = value === 'Always' && !supported.includes('Always');
  return forJobs
    ? schema.required(path, `valid values: ${supported.map((policy) => JSON.stringify(policy)).join(', ')}`)
    : schema.notSupported(path, value, supported);
}

function checkContainer(container: JsonObject, path: string, names: Set<unknown>, volumes: Set<unknown>): Issue[] {
  const issues: Issue[] = [];
  if (!container.name) issues.push(schema.required(`${path}.name`));
  else {
    for (const text of dnsLabel(String(container.name), false))
      issues.push(schema.invalid(`${path}.name`, container.name, text));
    if (names.has(container.name)) issues.push(schema.duplicate(`${path}.name`, container.name));
    names.add(container.name);
  }
  if (!container.image) issues.push(schema.required(`${path}.image`));
  if (!pullPolicies.includes(container.imagePullPolicy as string)) {
    issues.push(schema.notSupported(`${path}.imagePullPolicy`, container.imagePullPolicy, pullPolicies));
  }
  itemsOf(container, 'ports').forEach((port, index) => {
    const at = `${path}.ports[${index}]`;
    if (port.containerPort === undefined) issues.push(schema.required(`${at}.containerPort`));
    else if (!isPort(port.containerPort))
      issues.push(schema.invalid(`${at}.containerPort`, port.containerPort, 'must be between 1 and 65535, inclusive'));
    if (!protocols.includes(port.protocol as string))
      issues.push(schema.notSupported(`${at}.protocol`, port.protocol, protocols));
  });
  itemsOf(container, 'env').forEach((env, index) => {
    if (!env.name) issues.push(schema.required(`${path}.env[${index}].name`));
  });
  itemsOf(container, 'volumeMounts').forEach((mount, index) => {
    const at = `${path}.volumeMounts[${index}]`;
    if (!mount.name) issues.push(schema.required(`${at}.name`));
    else if (!volumes.has(mount.name)) issues.push(schema.notFound(`${at}.name`, mount.name));
    if (!mount.mountPath) issues.push(schema.required(`${at}.mountPath`));
  });
  issues.push(...checkResources(container.resources as JsonObject | undefined, `${path}.resources`));
  return issues;
}

const quantityText = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'";

function checkResources(resources: JsonObject | undefined, path: string): Issue[] {
  const issues: Issue[] = [];
  const limits = (resources?.limits ?? {}) as Record<string, string>;
  const requests = (resources?.requests ?? {}) as Record<string, string>;
  for (const [field, amounts] of [
    ['limits', limits],
    ['requests', requests],
  ] as const) {
    for (const name of Object.keys(amounts)) {
      const value = schema.parseQuantity(String(amounts[name]));
      if (value === undefined) issues.push(schema.invalid(`${path}.${field}[${name}]`, amounts[name], quantityText));
      else if (value < 0)
        issues.push(schema.invalid(`${path}.${field}[${name}]`, amounts[name], 'must be greater than or equal to 0'));
    }
  }
  for (const name of Object.keys(requests)) {
    const [request, limit] = [
      schema.parseQuantity(String(requests[name])),
      schema.parseQuantity(String(limits[name] ?? '')),
    ];
    if (request !== undefined && limit !== undefined && request > limit) {
      issues.push(
        schema.invalid(
          `${path}.requests`,
          requests[name],
          `must be less than or equal to ${name} limit of ${limits[name]}`,
        ),
      );
    }
  }
  return issues;
}

function checkSelector(spec: JsonObject): Issue[] {
  const selector = spec.selector as JsonObject | undefined;
  const labels = ((spec.template as JsonObject).metadata as JsonObject | undefined)?.labels as
    Record<string, string> | undefined;
  const mismatch = schema.invalid(
    'spec.template.metadata.labels',
    labels ?? null,
    '`selector` does not match template `labels`',
  );
  if (selector === undefined) return [schema.required('spec.selector'), mismatch];
  const text = selectorText(selector);
  if (text === '') return [schema.invalid('spec.selector', selector, 'empty selector is invalid for deployment')];
  const issues = checkLabels(
    (selector.matchLabels as Record<string, string> | undefined) ?? {},
    'spec.selector.matchLabels',
  );
  if (issues.length === 0 && !labelSelector(text)(labels)) {
    issues.push(mismatch);
  }
  return issues;
}

/** Kinds that keep pods running: selector over template, non-negative replicas, immutable selector. */
const controller: Validator = (object, old) => {
  const spec = object.spec as JsonObject;
  const template = spec.template as JsonObject;
  const issues: Issue[] = [];
  if (typeof spec.replicas === 'number' && spec.replicas < 0)
    issues.push(schema.invalid('spec.replicas', spec.replicas, 'must be greater than or equal to 0'));
  issues.push(...checkSelector(spec), ...checkPodSpec(template.spec as JsonObject, 'spec.template.spec', ['Always']));
  const before = old?.spec as JsonObject | undefined;
  if (before !== undefined && !schema.jsonEqual(before.selector, spec.selector)) {
    issues.push(schema.invalid('spec.selector', spec.selector, 'field is immutable'));
  }
  return issues;
};

const statefulMutable = [
  'replicas',
  'ordinals',
  'template',
  'updateStrategy',
  'revisionHistoryLimit',
  'persistentVolumeClaimRetentionPolicy',
  'minReadySeconds',
];

const statefulSet: Validator = (object, old) => {
  const spec = object.spec as JsonObject;
  const issues: Issue[] = [
    ...checkSelector(spec),
    ...checkPodSpec((spec.template as JsonObject).spec as JsonObject, 'spec.template.spec', ['Always']),
  ];
  const before = old?.spec as JsonObject | undefined;
  if (before === undefined) return issues;
  const frozen = (value: JsonObject) =>
    Object.fromEntries(Object.entries(value).filter(([field]) => !statefulMutable.includes(field)));
  if (!schema.jsonEqual(frozen(before), frozen(spec))) {
    const list =
      "'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds'";
    issues.push(schema.forbidden('spec', `updates to statefulset spec for fields other than ${list} are forbidden`));
  }
  return issues;
};

const job: Validator = (object, old) => {
  const spec = object.spec as JsonObject;
  const issues = checkPodSpec((spec.template as JsonObject).spec as JsonObject, 'spec.template.spec', [
    'OnFailure',
    'Never',
  ]);
  const before = old?.spec as JsonObject | undefined;
  if (before === undefined) return issues;
  for (const field of ['selector', 'template', 'completionMode', 'completions']) {
    const adjustable = field === 'template' && spec.suspend === true && before.suspend === true;
    const strip = adjustable ? withoutScheduling : (value: unknown) => value;
    if (!schema.jsonEqual(strip(before[field]), strip(spec[field])))
      issues.push(schema.invalid(`spec.${field}`, spec[field] ?? null, 'field is immutable'));
  }
  return issues;
};

/** A pod template without what may still change while a Job is suspended: where it runs, and with how much. */
function withoutScheduling(template: unknown): unknown {
  const copy = copyJson(template) as { metadata?: unknown; spec?: JsonObject };
  delete copy.metadata;
  for (const field of ['nodeSelector', 'tolerations', 'affinity', 'schedulingGates']) delete copy.spec?.[field];
  for (const list of ['containers', 'initContainers'])
    for (const container of (copy.spec?.[list] ?? []) as JsonObject[]) delete container.resources;
  return copy;
}

const cronJob: Validator = (object) => {
  const spec = object.spec as JsonObject;
  const template = ((spec.jobTemplate as JsonObject).spec as JsonObject).template as JsonObject;
  const issues: Issue[] = [];
  const schedule = typeof spec.schedule === 'string' ? spec.schedule : '';
  if (schedule === '') issues.push(schema.required('spec.schedule'));
  else if (!schedule.startsWith('@') && schedule.trim().split(/\s+/).length !== 5) {
    issues.push(
      schema.invalid(
        'spec.schedule',
        schedule,
        `expected exactly 5 fields, found ${schedule.trim().split(/\s+/).length}: [${schedule}]`,
      ),
    );
  }
  const policies = ['Allow', 'Forbid', 'Replace'];
  if (!policies.includes(spec.concurrencyPolicy as string))
    issues.push(schema.notSupported('spec.concurrencyPolicy', spec.concurrencyPolicy, policies));
  if (object.metadata.name.length > 52)
    issues.push(schema.invalid('metadata.name', object.metadata.name, 'must be no more than 52 characters'));
  return [
    ...issues,
    ...checkPodSpec(template.spec as JsonObject, 'spec.jobTemplate.spec.template.spec', ['OnFailure', 'Never']),
  ];
};

const podMutable = [
  'activeDeadlineSeconds',
  'tolerations',
  'terminationGracePeriodSeconds',
  'schedulingGates',
  'nodeName',
  'containers',
  'initContainers',
];

const pod: Validator = (object, old) => {
  const spec = object.spec as JsonObject;
  const issues = checkPodSpec(spec, 'spec', restartPolicies);
  if (old === undefined) return issues;
  const frozen = (pod: KubeJson) => ({
    ...Object.fromEntries(Object.entries(pod.spec as JsonObject).filter(([field]) => !podMutable.includes(field))),
    containers: itemsOf(pod.spec as JsonObject, 'containers').map((container) => ({
      ...container,
      image: '',
      resources: null,
    })),
  });
  if (!schema.jsonEqual(frozen(object), frozen(old))) {
    const list =
      '`spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`,`spec.tolerations` (only additions to existing tolerations),`spec.terminationGracePeriodSeconds` (allow it to be set to 1 if it was previously negative)';
    issues.push(schema.forbidden('spec', `pod updates may not change fields other than ${list}`));
  }
  return issues;
};

export const workloadValidation: Record<string, Validator> = {
  'apps/Deployment': controller,
  'apps/ReplicaSet': controller,
  'apps/DaemonSet': controller,
  'apps/StatefulSet': statefulSet,
  'batch/Job': job,
  'batch/CronJob': cronJob,
  '/Pod': pod,
};
