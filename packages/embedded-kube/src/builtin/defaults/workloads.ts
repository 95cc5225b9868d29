/** Defaults of pods and what makes them. */
import type { JsonObject, KubeJson } from '../../object/json.ts';
import type { Defaulter } from './index.ts';
import { fill, itemsOf, objectIn } from './fill.ts';
import { defaultPodSpec, limitsAreRequests } from './pods.ts';

const rollingUpdate = () => ({ maxUnavailable: '25%', maxSurge: '25%' });

function template(parent: JsonObject): JsonObject {
  const made = objectIn(parent, 'template');
  fill(objectIn(made, 'metadata'), {});
  defaultPodSpec(objectIn(made, 'spec'));
  return made;
}

const deployment: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { replicas: 1 });
  template(spec);
  const strategy = objectIn(spec, 'strategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') fill(objectIn(strategy, 'rollingUpdate'), rollingUpdate());
  fill(spec, { revisionHistoryLimit: 10, progressDeadlineSeconds: 600 });
};

const replicaSet: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { replicas: 1 });
  template(spec);
};

/** Kept for clients of the first versions of the kind. */
const templateGeneration = 'deprecated.daemonset.template.generation';

const daemonSet: Defaulter = (object, old) => {
  const spec = objectIn(object, 'spec');
  const generation = old?.metadata.annotations?.[templateGeneration] ?? '1';
  object.metadata.annotations = { ...object.metadata.annotations, [templateGeneration]: generation };
  template(spec);
  const strategy = objectIn(spec, 'updateStrategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') fill(objectIn(strategy, 'rollingUpdate'), { maxUnavailable: 1, maxSurge: 0 });
  fill(spec, { revisionHistoryLimit: 10 });
};

const statefulSet: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { replicas: 1, podManagementPolicy: 'OrderedReady', revisionHistoryLimit: 10 });
  template(spec);
  const strategy = objectIn(spec, 'updateStrategy');
  fill(strategy, { type: 'RollingUpdate' });
  if (strategy.type === 'RollingUpdate') fill(objectIn(strategy, 'rollingUpdate'), { partition: 0 });
  fill(objectIn(spec, 'persistentVolumeClaimRetentionPolicy'), { whenDeleted: 'Retain', whenScaled: 'Retain' });
  for (const claim of itemsOf(spec, 'volumeClaimTemplates')) {
    fill(claim, { apiVersion: 'v1', kind: 'PersistentVolumeClaim', status: { phase: 'Pending' } });
    fill(objectIn(claim, 'spec'), { volumeMode: 'Filesystem' });
  }
};

function defaultJobSpec(spec: JsonObject): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1;
  fill(spec, {
    parallelism: 1,
    backoffLimit: 6,
    completionMode: 'NonIndexed',
    suspend: false,
    manualSelector: false,
  });
  fill(spec, { podReplacementPolicy: spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed' });
}

const job: Defaulter = (object, old) => {
  const spec = objectIn(object, 'spec');
  defaultJobSpec(spec);
  const pod = template(spec);
  if (spec.manualSelector === true) return;
  const before = old?.spec as JsonObject | undefined;
  const uid = object.metadata.uid!;
  const labels = {
    'batch.kubernetes.io/controller-uid': uid,
    'batch.kubernetes.io/job-name': object.metadata.name,
    'controller-uid': uid,
    'job-name': object.metadata.name,
  };
  // The selector is the server's: clients leave it out, or send back what they read.
  fill(objectIn(objectIn(pod, 'metadata'), 'labels'), labels);
  if (Object.keys(object.metadata.labels ?? {}).length === 0) {
    object.metadata.labels = { ...((pod.metadata as JsonObject).labels as Record<string, string>) };
  }
  fill(spec, { selector: before?.selector ?? { matchLabels: { 'batch.kubernetes.io/controller-uid': uid } } });
};

const cronJob: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1 });
  const jobTemplate = objectIn(spec, 'jobTemplate');
  objectIn(jobTemplate, 'metadata');
  const jobSpec = objectIn(jobTemplate, 'spec');
  template(jobSpec);
};

const pod: Defaulter = (object, old) => {
  const spec = objectIn(object, 'spec');
  defaultPodSpec(spec);
  limitsAreRequests(spec);
  fill(spec, {
    serviceAccountName: 'default',
    serviceAccount: 'default',
    enableServiceLinks: true,
    preemptionPolicy: 'PreemptLowerPriority',
    priority: 0,
  });
  if (old === undefined) object.status = { phase: 'Pending', qosClass: qualityOfService(object) };
};

function qualityOfService(object: KubeJson): string {
  const containers = itemsOf(object.spec as JsonObject, 'containers').map(
    (container) => container.resources as JsonObject,
  );
  if (containers.every((resources) => !resources.limits && !resources.requests)) return 'BestEffort';
  const guaranteed = containers.every((resources) => {
    const limits = (resources.limits ?? {}) as JsonObject;
    const requests = (resources.requests ?? {}) as JsonObject;
    return ['cpu', 'memory'].every((name) => limits[name] !== undefined && requests[name] === limits[name]);
  });
  return guaranteed ? 'Guaranteed' : 'Burstable';
}

/** A status that a new object has from the start. */
function withStatus(defaults: Defaulter, status: JsonObject): Defaulter {
  return (object, old) => {
    defaults(object, old);
    if (old === undefined) object.status = { ...status };
  };
}

const noneScheduled = { currentNumberScheduled: 0, desiredNumberScheduled: 0, numberMisscheduled: 0, numberReady: 0 };

export const workloadDefaults: Record<string, Defaulter> = {
  'apps/Deployment': withStatus(deployment, {}),
  'apps/ReplicaSet': withStatus(replicaSet, { replicas: 0 }),
  '/ReplicationController': withStatus(replicaSet, { replicas: 0 }),
  'apps/DaemonSet': withStatus(daemonSet, noneScheduled),
  'apps/StatefulSet': withStatus(statefulSet, { replicas: 0, availableReplicas: 0 }),
  'batch/Job': withStatus(job, {}),
  'batch/CronJob': withStatus(cronJob, {}),
  '/Pod': pod,
  '/PodTemplate': (object) => void template(object),
};
