import type { UnstructuredObject } from '@gitops-toolkit/api';
import { at, conditionOf, conditionsOf, integerAt, textAt, UnreadableStatusError } from './fields.ts';
import type { ObjectStatus, StatusOptions } from './status.ts';

/** The rule of one builtin kind (table of KUS §5.13.2); reached only when no generic rule decided. */
export type StatusRule = (object: UnstructuredObject, options: StatusOptions) => ObjectStatus;

/** How long a Pod may be unschedulable before that counts as a failure, in milliseconds. */
export const schedulingGraceMs = 15_000;
/** `progressDeadlineSeconds` that stands for "no deadline". */
const noDeadline = 2_147_483_647;

const current = (message = 'Resource is current'): ObjectStatus => ({ status: 'Current', message });
const inProgress = (message: string): ObjectStatus => ({ status: 'InProgress', message });
const failed = (message: string): ObjectStatus => ({ status: 'Failed', message });

/** The first test that holds makes the object InProgress. */
function unless(...tests: [boolean, string][]): ObjectStatus | undefined {
  const found = tests.find(([holds]) => holds);
  return found && inProgress(found[1]);
}

const replicasOf = (object: UnstructuredObject) => integerAt(object, 'spec', 'replicas') ?? 1;
const statusCount = (object: UnstructuredObject, field: string) => integerAt(object, 'status', field) ?? 0;

const alwaysCurrent: StatusRule = () => current('Resource is always ready');

const service: StatusRule = (object) =>
  textAt(object, 'spec', 'type') === 'LoadBalancer' && textAt(object, 'spec', 'clusterIP') === ''
    ? inProgress('ClusterIP not set. Service type: LoadBalancer')
    : current('Service is ready');

const persistentVolumeClaim: StatusRule = (object) =>
  textAt(object, 'status', 'phase') === 'Bound' ? current('PVC is Bound') : inProgress('PVC is not Bound');

const pod: StatusRule = (object, { now = Date.now() }) => {
  const phase = textAt(object, 'status', 'phase');
  if (phase === 'Succeeded') return current('Pod has completed successfully');
  if (phase === 'Failed') return current('Pod has completed, but not successfully');
  if (phase === 'Running') {
    if (conditionOf(object, 'Ready')?.status === 'True') return current('Pod is Ready');
    const crashing = crashLooping(object);
    return crashing.length > 0
      ? failed(`Containers in CrashLoop state: ${crashing.join(',')}`)
      : inProgress('Pod is running but is not Ready');
  }
  if (phase === 'Pending') {
    const scheduled = conditionOf(object, 'PodScheduled');
    if (scheduled?.status === 'False' && scheduled.reason === 'Unschedulable') {
      const age = now - Date.parse(object.metadata.creationTimestamp ?? '');
      return age > schedulingGraceMs ? failed('Pod could not be scheduled') : inProgress('Pod has not been scheduled');
    }
    return inProgress('Pod is in the Pending phase');
  }
  if (phase === '') return inProgress('Pod phase not available');
  throw new UnreadableStatusError(`unknown pod phase '${phase}'`);
};

function crashLooping(object: UnstructuredObject): string[] {
  const statuses = ['initContainerStatuses', 'containerStatuses'].flatMap((field) => {
    const list = at(object, 'status', field);
    return Array.isArray(list) ? (list as { name?: string; state?: { waiting?: { reason?: string } } }[]) : [];
  });
  return statuses.filter((each) => each.state?.waiting?.reason === 'CrashLoopBackOff').map((each) => each.name ?? '');
}

const deployment: StatusRule = (object) => {
  const progressing = conditionOf(object, 'Progressing');
  if (progressing?.reason === 'ProgressDeadlineExceeded') return failed('Progress deadline exceeded');
  const wanted = replicasOf(object);
  const [replicas, updated] = [statusCount(object, 'replicas'), statusCount(object, 'updatedReplicas')];
  const [available, ready] = [statusCount(object, 'availableReplicas'), statusCount(object, 'readyReplicas')];
  const deadline = integerAt(object, 'spec', 'progressDeadlineSeconds');
  const rolledOut =
    deadline === undefined ||
    deadline === noDeadline ||
    (progressing?.status === 'True' && progressing.reason === 'NewReplicaSetAvailable');
  return (
    unless(
      [wanted > replicas, `replicas: ${replicas}/${wanted}`],
      [wanted > updated, `Updated: ${updated}/${wanted}`],
      [replicas > wanted, `Pending termination: ${replicas - wanted}`],
      [updated > available, `Available: ${available}/${updated}`],
      [wanted > ready, `Ready: ${ready}/${wanted}`],
      [!rolledOut, 'ReplicaSet not Available'],
      [conditionOf(object, 'Available')?.status !== 'True', 'Deployment not Available'],
    ) ?? current(`Deployment is available. Replicas: ${replicas}`)
  );
};

const replicaSet: StatusRule = (object) => {
  const wanted = replicasOf(object);
  const count = (field: string) => statusCount(object, field);
  return (
    unless(
      [conditionOf(object, 'ReplicaFailure')?.status === 'True', 'Replica Failure condition. Check Pods'],
      [wanted > count('fullyLabeledReplicas'), `Labelled: ${count('fullyLabeledReplicas')}/${wanted}`],
      [wanted > count('availableReplicas'), `Available: ${count('availableReplicas')}/${wanted}`],
      [wanted > count('readyReplicas'), `Ready: ${count('readyReplicas')}/${wanted}`],
      [count('replicas') > wanted, `Pending termination: ${count('replicas') - wanted}`],
    ) ?? current(`ReplicaSet is available. Replicas: ${count('replicas')}`)
  );
};

const statefulSet: StatusRule = (object) => {
  if (textAt(object, 'spec', 'updateStrategy', 'type') === 'OnDelete') {
    return current('StatefulSet is using the ondelete update strategy');
  }
  const wanted = replicasOf(object);
  const count = (field: string) => statusCount(object, field);
  const scaled = unless(
    [wanted > count('replicas'), `Replicas: ${count('replicas')}/${wanted}`],
    [wanted > count('readyReplicas'), `Ready: ${count('readyReplicas')}/${wanted}`],
    [count('replicas') > wanted, `Pending termination: ${count('replicas') - wanted}`],
  );
  if (scaled) return scaled;
  const partition = integerAt(object, 'spec', 'updateStrategy', 'rollingUpdate', 'partition');
  if (partition !== undefined) {
    const due = wanted - partition;
    return count('updatedReplicas') < due
      ? inProgress(`updated: ${count('updatedReplicas')}/${due}`)
      : current(`Partition rollout complete. updated: ${count('updatedReplicas')}`);
  }
  return (
    unless(
      [wanted > count('currentReplicas'), `current: ${count('currentReplicas')}/${wanted}`],
      [
        textAt(object, 'status', 'currentRevision') !== textAt(object, 'status', 'updateRevision'),
        'Waiting for updated revision to match current',
      ],
    ) ?? current(`All replicas scheduled as expected. Replicas: ${count('replicas')}`)
  );
};

const daemonSet: StatusRule = (object) => {
  const desired = integerAt(object, 'status', 'desiredNumberScheduled');
  if (object.metadata.generation === undefined || integerAt(object, 'status', 'observedGeneration') === undefined) {
    return inProgress('generation or observedGeneration is not known yet');
  }
  if (desired === undefined) return inProgress('Missing .status.desiredNumberScheduled');
  const count = (field: string) => statusCount(object, field);
  return (
    unless(
      [desired > count('currentNumberScheduled'), `Current: ${count('currentNumberScheduled')}/${desired}`],
      [desired > count('updatedNumberScheduled'), `Updated: ${count('updatedNumberScheduled')}/${desired}`],
      [desired > count('numberAvailable'), `Available: ${count('numberAvailable')}/${desired}`],
      [desired > count('numberReady'), `Ready: ${count('numberReady')}/${desired}`],
    ) ?? current(`All replicas scheduled as expected. Replicas: ${desired}`)
  );
};

const customResourceDefinition: StatusRule = (object) => {
  for (const { type, status, reason, message = '' } of conditionsOf(object)) {
    if (type === 'NamesAccepted' && status === 'False') return failed(message);
    if (type === 'Established' && status === 'False' && reason !== 'Installing') return failed(message);
    if (type === 'Established' && status === 'True') return current('CRD is established');
  }
  return inProgress('Install in progress');
};

const job: StatusRule = (object) => {
  if (at(object, 'spec', 'suspend') === true) return current('Job is suspended');
  const isTrue = (type: string) => conditionOf(object, type)?.status === 'True';
  if (isTrue('Complete')) return current(`Job Completed. succeeded: ${statusCount(object, 'succeeded')}`);
  if (isTrue('Failed')) return failed(`Job Failed. failed: ${statusCount(object, 'failed')}`);
  return inProgress(textAt(object, 'status', 'startTime') === '' ? 'Job not started' : 'Job in progress');
};

/** Rules by `group/Kind`. */
export const builtinRules: Readonly<Record<string, StatusRule>> = {
  '/Secret': alwaysCurrent,
  '/ConfigMap': alwaysCurrent,
  'batch/CronJob': alwaysCurrent,
  'policy/PodDisruptionBudget': alwaysCurrent,
  '/Service': service,
  '/PersistentVolumeClaim': persistentVolumeClaim,
  '/Pod': pod,
  'apps/Deployment': deployment,
  'extensions/Deployment': deployment,
  'apps/ReplicaSet': replicaSet,
  'extensions/ReplicaSet': replicaSet,
  'apps/StatefulSet': statefulSet,
  'apps/DaemonSet': daemonSet,
  'extensions/DaemonSet': daemonSet,
  'apiextensions.k8s.io/CustomResourceDefinition': customResourceDefinition,
  'batch/Job': job,
};
