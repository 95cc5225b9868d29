/** What the status of each kind looks like while it is at work, and once it is done. */
import { createHash } from 'node:crypto';
import { type JsonObject, type KubeJson, timeText, valueAt } from '../object/json.ts';
import { type Behaviour, conditions } from './behaviour.ts';
import type { ResourcePath } from './client.ts';

export interface Simulated {
  path: ResourcePath;
  /** The kind is one whose objects need nothing done: skip such an object. */
  skip?: (object: KubeJson) => boolean;
  /** Status at once after a change; undefined: none. */
  progressing?: (object: KubeJson) => JsonObject;
  /** Status after the delay, or undefined to leave things as they are. */
  settled: (object: KubeJson, behaviour: Behaviour) => JsonObject | undefined;
}

const replicasOf = (object: KubeJson) => Number(valueAt(object, 'spec', 'replicas') ?? 1);
const observed = (object: KubeJson) => ({ observedGeneration: object.metadata.generation });

const deployment: Simulated = {
  path: { apiVersion: 'apps/v1', plural: 'deployments' },
  progressing: (object) => {
    const replicas = replicasOf(object);
    const ready = Math.min(Number(valueAt(object, 'status', 'readyReplicas') ?? 0), replicas);
    return {
      ...observed(object),
      replicas,
      updatedReplicas: 0,
      readyReplicas: ready,
      availableReplicas: ready,
      unavailableReplicas: replicas - ready,
      conditions: conditions(object, [
        ready > 0 || replicas === 0
          ? {
              type: 'Available',
              status: 'True',
              reason: 'MinimumReplicasAvailable',
              message: 'Deployment has minimum availability.',
            }
          : {
              type: 'Available',
              status: 'False',
              reason: 'MinimumReplicasUnavailable',
              message: 'Deployment does not have minimum availability.',
            },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'ReplicaSetUpdated',
          message: `ReplicaSet "${object.metadata.name}" is progressing.`,
        },
      ]),
    };
  },
  settled: (object, behaviour) => {
    const replicas = replicasOf(object);
    const name = object.metadata.name;
    if (behaviour === 'fail') {
      const message = `ReplicaSet "${name}" has timed out progressing.`;
      return {
        ...observed(object),
        conditions: conditions(object, [
          {
            type: 'Available',
            status: 'False',
            reason: 'MinimumReplicasUnavailable',
            message: 'Deployment does not have minimum availability.',
          },
          { type: 'Progressing', status: 'False', reason: 'ProgressDeadlineExceeded', message },
        ]),
      };
    }
    return {
      ...observed(object),
      replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      unavailableReplicas: null,
      conditions: conditions(object, [
        {
          type: 'Available',
          status: 'True',
          reason: 'MinimumReplicasAvailable',
          message: 'Deployment has minimum availability.',
        },
        {
          type: 'Progressing',
          status: 'True',
          reason: 'NewReplicaSetAvailable',
          message: `ReplicaSet "${name}" has successfully progressed.`,
        },
      ]),
    };
  },
};

const replicaSet: Simulated = {
  path: { apiVersion: 'apps/v1', plural: 'replicasets' },
  settled: (object, behaviour) => {
    const replicas = replicasOf(object);
    const ready = behaviour === 'succeed' ? replicas : 0;
    return {
      ...observed(object),
      replicas,
      fullyLabeledReplicas: replicas,
      readyReplicas: ready,
      availableReplicas: ready,
    };
  },
};

/** A revision name that changes with the template. */
function revision(object: KubeJson): string {
  const hash = createHash('sha256')
    .update(JSON.stringify(valueAt(object, 'spec', 'template') ?? null))
    .digest('hex');
  return `${object.metadata.name}-${hash.slice(0, 10)}`;
}

const statefulSet: Simulated = {
  path: { apiVersion: 'apps/v1', plural: 'statefulsets' },
  progressing: (object) => ({
    ...observed(object),
    replicas: replicasOf(object),
    currentReplicas: 0,
    updatedReplicas: 0,
    readyReplicas: 0,
    availableReplicas: 0,
    currentRevision: valueAt(object, 'status', 'currentRevision') ?? revision(object),
    updateRevision: revision(object),
    collisionCount: 0,
  }),
  settled: (object, behaviour) => {
    if (behaviour === 'fail') return undefined;
    const replicas = replicasOf(object);
    return {
      ...observed(object),
      replicas,
      currentReplicas: replicas,
      updatedReplicas: replicas,
      readyReplicas: replicas,
      availableReplicas: replicas,
      currentRevision: revision(object),
      updateRevision: revision(object),
      collisionCount: 0,
    };
  },
};

const daemonSet: Simulated = {
  path: { apiVersion: 'apps/v1', plural: 'daemonsets' },
  progressing: (object) => ({
    ...observed(object),
    desiredNumberScheduled: 1,
    currentNumberScheduled: 1,
    numberMisscheduled: 0,
    updatedNumberScheduled: 0,
    numberReady: 0,
    numberAvailable: 0,
    numberUnavailable: 1,
  }),
  settled: (object, behaviour) =>
    behaviour === 'fail'
      ? undefined
      : {
          ...observed(object),
          desiredNumberScheduled: 1,
          currentNumberScheduled: 1,
          numberMisscheduled: 0,
          updatedNumberScheduled: 1,
          numberReady: 1,
          numberAvailable: 1,
          numberUnavailable: null,
        },
};

const job: Simulated = {
  path: { apiVersion: 'batch/v1', plural: 'jobs' },
  skip: (object) =>
    valueAt(object, 'spec', 'suspend') === true || valueAt(object, 'status', 'completionTime') !== undefined,
  progressing: (object) => ({
    startTime: valueAt(object, 'status', 'startTime') ?? timeText(),
    active: Number(valueAt(object, 'spec', 'parallelism') ?? 1),
    ready: 1,
    terminating: 0,
    uncountedTerminatedPods: {},
  }),
  settled: (object, behaviour) => {
    const done = { active: null, ready: 0, terminating: 0, uncountedTerminatedPods: {} };
    if (behaviour === 'fail') {
      const text = {
        status: 'True' as const,
        reason: 'BackoffLimitExceeded',
        message: 'Job has reached the specified backoff limit',
      };
      return {
        ...done,
        failed: 1,
        conditions: conditions(object, [
          { type: 'FailureTarget', ...text },
          { type: 'Failed', ...text },
        ]),
      };
    }
    const text = {
      status: 'True' as const,
      reason: 'CompletionsReached',
      message: 'Reached expected number of succeeded pods',
    };
    return {
      ...done,
      succeeded: Number(valueAt(object, 'spec', 'completions') ?? 1),
      completionTime: valueAt(object, 'status', 'completionTime') ?? timeText(),
      conditions: conditions(object, [
        { type: 'SuccessCriteriaMet', ...text },
        { type: 'Complete', ...text },
      ]),
    };
  },
};

const pod: Simulated = {
  path: { apiVersion: 'v1', plural: 'pods' },
  skip: (object) => ['Succeeded', 'Failed'].includes(String(valueAt(object, 'status', 'phase'))),
  settled: (object, behaviour) => {
    const containers = (valueAt(object, 'spec', 'containers') as { name: string; image: string }[] | undefined) ?? [];
    const runsForEver = (valueAt(object, 'spec', 'restartPolicy') ?? 'Always') === 'Always';
    const phase = behaviour === 'fail' ? 'Failed' : runsForEver ? 'Running' : 'Succeeded';
    const ready = phase === 'Running' ? 'True' : 'False';
    const startedAt = (valueAt(object, 'status', 'startTime') as string | undefined) ?? timeText();
    const exitCode = phase === 'Failed' ? 1 : 0;
    const terminated = {
      exitCode,
      reason: phase === 'Failed' ? 'Error' : 'Completed',
      startedAt,
      finishedAt: timeText(),
    };
    return {
      phase,
      startTime: startedAt,
      podIP: address(object, '10.244'),
      conditions: conditions(object, [
        { type: 'Initialized', status: 'True' },
        { type: 'Ready', status: ready },
        { type: 'ContainersReady', status: ready },
        { type: 'PodScheduled', status: 'True' },
      ]),
      containerStatuses: containers.map(({ name, image }) => ({
        name,
        image,
        imageID: image,
        ready: phase === 'Running',
        started: phase === 'Running',
        restartCount: 0,
        state: phase === 'Running' ? { running: { startedAt } } : { terminated },
        lastState: {},
      })),
    };
  },
};

/** An address that stays the same for an object. */
function address(object: KubeJson, prefix: string): string {
  const hash = createHash('sha256')
    .update(object.metadata.uid ?? '')
    .digest();
  return `${prefix}${prefix.split('.').length === 2 ? `.${hash[1]!}` : ''}.${1 + (hash[0]! % 254)}`;
}

/** 203.0.113.0/24 is reserved for examples. */
const loadBalancer: Simulated['settled'] = (object, behaviour) =>
  behaviour === 'fail' ? undefined : { loadBalancer: { ingress: [{ ip: address(object, '203.0.113') }] } };

const service: Simulated = {
  path: { apiVersion: 'v1', plural: 'services' },
  skip: (object) => valueAt(object, 'spec', 'type') !== 'LoadBalancer',
  settled: (object, behaviour) => {
    const status = loadBalancer(object, behaviour) as { loadBalancer: { ingress: JsonObject[] } } | undefined;
    return (
      status && { loadBalancer: { ingress: status.loadBalancer.ingress.map((entry) => ({ ...entry, ipMode: 'VIP' })) } }
    );
  },
};

const ingress: Simulated = { path: { apiVersion: 'networking.k8s.io/v1', plural: 'ingresses' }, settled: loadBalancer };

const claim: Simulated = {
  path: { apiVersion: 'v1', plural: 'persistentvolumeclaims' },
  settled: (object, behaviour) =>
    behaviour === 'fail'
      ? undefined
      : {
          phase: 'Bound',
          accessModes: valueAt(object, 'spec', 'accessModes'),
          capacity: { storage: valueAt(object, 'spec', 'resources', 'requests', 'storage') },
        },
};

const disruptionBudget: Simulated = {
  path: { apiVersion: 'policy/v1', plural: 'poddisruptionbudgets' },
  settled: (object) => ({
    ...observed(object),
    currentHealthy: 1,
    desiredHealthy: 1,
    disruptionsAllowed: 0,
    expectedPods: 1,
    conditions: conditions(object, [
      { type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '' },
    ]),
  }),
};

/** Every kind that the simulation knows. */
export const simulatedKinds: readonly Simulated[] = [
  deployment,
  replicaSet,
  statefulSet,
  daemonSet,
  job,
  pod,
  service,
  ingress,
  claim,
  disruptionBudget,
];
