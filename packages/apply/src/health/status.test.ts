import type { UnstructuredObject } from '@gitops-toolkit/api';
import { UnreadableStatusError } from './fields.ts';
import { mayVanish, statusOf } from './status.ts';

const created = '2026-01-01T00:00:00Z';
const now = Date.parse(created) + 10_000;

function make(apiVersion: string, kind: string, rest: object, metadata: object = {}): UnstructuredObject {
  return {
    apiVersion,
    kind,
    metadata: { name: 'it', creationTimestamp: created, ...metadata },
    ...rest,
  } as UnstructuredObject;
}
const condition = (type: string, status: string, reason = 'Any') => ({
  type,
  status,
  reason,
  message: `${type} ${status}`,
});
const conditions = (...list: object[]) => ({ status: { conditions: list } });

type Row = [name: string, object: UnstructuredObject, status: string];

describe('KUS-302: generic rules', () => {
  const rows: Row[] = [
    ['deletion', make('v1', 'ConfigMap', {}, { deletionTimestamp: created }), 'Terminating'],
    [
      'older observed generation',
      make('x.org/v1', 'Any', { status: { observedGeneration: 1 } }, { generation: 2 }),
      'InProgress',
    ],
    ['Reconciling', make('x.org/v1', 'Any', conditions(condition('Reconciling', 'True'))), 'InProgress'],
    ['Stalled', make('x.org/v1', 'Any', conditions(condition('Stalled', 'True'))), 'Failed'],
    [
      'the first of both wins',
      make('x.org/v1', 'Any', conditions(condition('Stalled', 'True'), condition('Reconciling', 'True'))),
      'Failed',
    ],
    ['Ready', make('x.org/v1', 'Any', conditions(condition('Ready', 'True'))), 'Current'],
    ['Ready False', make('x.org/v1', 'Any', conditions(condition('Ready', 'False'))), 'InProgress'],
    ['Ready Unknown', make('x.org/v1', 'Any', conditions(condition('Ready', 'Unknown'))), 'InProgress'],
  ];
  test.each(rows)('%s', (_, object, status) => expect(statusOf(object).status).toBe(status));

  test('names both generations', () => {
    const object = make('x.org/v1', 'Any', { status: { observedGeneration: 1 } }, { generation: 2 });
    expect(statusOf(object).message).toBe('Any generation is 2, but latest observed generation is 1');
  });
  test('KUS-309: generations that are not integers cannot be read', () => {
    const odd = make('x.org/v1', 'Any', { status: { observedGeneration: '1' } }, { generation: 1 });
    expect(() => statusOf(odd)).toThrow(UnreadableStatusError);
    expect(() => statusOf(odd)).toThrow('.status.observedGeneration is not an integer');
  });
  test('KUS-310: malformed conditions cannot be read', () => {
    for (const malformed of ['odd', {}, ['odd'], [null]]) {
      const object = make('x.org/v1', 'Any', { status: { conditions: malformed } });
      expect(() => statusOf(object)).toThrow(UnreadableStatusError);
    }
  });
  test('KUS-307: an object that says nothing of itself is Current', () => {
    expect(statusOf(make('x.org/v1', 'Any', {})).status).toBe('Current');
    expect(statusOf(make('x.org/v1', 'Any', { status: 'odd' })).status).toBe('Current');
  });
  test('KUS-308: kinds of the toolkit are judged by Reconciling, Stalled, Ready', () => {
    const of = (...list: object[]) =>
      statusOf(make('source.toolkit.fluxcd.io/v1', 'GitRepository', conditions(...list))).status;
    expect(of(condition('Reconciling', 'True'), condition('Ready', 'True'))).toBe('InProgress');
    expect(of(condition('Stalled', 'True'), condition('Ready', 'False'))).toBe('Failed');
    expect(of(condition('Ready', 'False'))).toBe('InProgress');
  });
});

describe('KUS-302: builtin kinds', () => {
  const pod = (status: object) => make('v1', 'Pod', { status });
  const ds = (status: object, metadata: object = { generation: 1 }) =>
    make('apps/v1', 'DaemonSet', { status }, metadata);
  const allScheduled = {
    observedGeneration: 1,
    desiredNumberScheduled: 1,
    currentNumberScheduled: 1,
    updatedNumberScheduled: 1,
    numberAvailable: 1,
    numberReady: 1,
  };
  const rs = (status: object) => make('apps/v1', 'ReplicaSet', { spec: { replicas: 2 }, status });
  const sts = (status: object, spec: object = {}) =>
    make('apps/v1', 'StatefulSet', { spec: { replicas: 2, ...spec }, status });
  const allSet = {
    replicas: 2,
    readyReplicas: 2,
    currentReplicas: 2,
    updatedReplicas: 2,
    currentRevision: 'a',
    updateRevision: 'a',
  };
  const crd = (...list: object[]) => make('apiextensions.k8s.io/v1', 'CustomResourceDefinition', conditions(...list));
  const rows: Row[] = [
    ['Secret', make('v1', 'Secret', {}), 'Current'],
    ['ConfigMap', make('v1', 'ConfigMap', {}), 'Current'],
    ['CronJob', make('batch/v1', 'CronJob', conditions(condition('Ready', 'False'))), 'Current'],
    ['PodDisruptionBudget', make('policy/v1', 'PodDisruptionBudget', {}), 'Current'],
    ['Service', make('v1', 'Service', { spec: {} }), 'Current'],
    [
      'Service LoadBalancer without cluster IP',
      make('v1', 'Service', { spec: { type: 'LoadBalancer' } }),
      'InProgress',
    ],
    [
      'Service LoadBalancer',
      make('v1', 'Service', { spec: { type: 'LoadBalancer', clusterIP: '10.0.0.1' } }),
      'Current',
    ],
    ['PVC bound', make('v1', 'PersistentVolumeClaim', { status: { phase: 'Bound' } }), 'Current'],
    ['PVC pending', make('v1', 'PersistentVolumeClaim', { status: { phase: 'Pending' } }), 'InProgress'],
    ['Pod succeeded', pod({ phase: 'Succeeded' }), 'Current'],
    ['Pod failed', pod({ phase: 'Failed' }), 'Current'],
    ['Pod ready', pod({ phase: 'Running', conditions: [condition('Ready', 'True')] }), 'Current'],
    ['Pod running', pod({ phase: 'Running' }), 'InProgress'],
    [
      'Pod crashing',
      pod({ phase: 'Running', containerStatuses: [{ name: 'a', state: { waiting: { reason: 'CrashLoopBackOff' } } }] }),
      'Failed',
    ],
    [
      'Pod unschedulable for a moment',
      pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] }),
      'InProgress',
    ],
    ['Pod pending', pod({ phase: 'Pending' }), 'InProgress'],
    ['Pod without phase', pod({}), 'InProgress'],
    ['ReplicaSet short of labelled', rs({}), 'InProgress'],
    ['ReplicaSet short of available', rs({ fullyLabeledReplicas: 2 }), 'InProgress'],
    ['ReplicaSet short of ready', rs({ fullyLabeledReplicas: 2, availableReplicas: 2 }), 'InProgress'],
    [
      'ReplicaSet with too many',
      rs({ replicas: 3, fullyLabeledReplicas: 3, availableReplicas: 3, readyReplicas: 3 }),
      'InProgress',
    ],
    ['ReplicaSet', rs({ replicas: 2, fullyLabeledReplicas: 2, availableReplicas: 2, readyReplicas: 2 }), 'Current'],
    [
      'ReplicaSet that fails',
      rs({
        conditions: [condition('ReplicaFailure', 'True')],
        replicas: 2,
        fullyLabeledReplicas: 2,
        availableReplicas: 2,
        readyReplicas: 2,
      }),
      'InProgress',
    ],
    ['StatefulSet OnDelete', sts({}, { updateStrategy: { type: 'OnDelete' } }), 'Current'],
    ['StatefulSet short of replicas', sts({ replicas: 1 }), 'InProgress'],
    ['StatefulSet short of ready', sts({ replicas: 2, readyReplicas: 1 }), 'InProgress'],
    ['StatefulSet with too many', sts({ replicas: 3, readyReplicas: 3 }), 'InProgress'],
    [
      'StatefulSet partition under way',
      sts({ replicas: 2, readyReplicas: 2 }, { updateStrategy: { rollingUpdate: { partition: 1 } } }),
      'InProgress',
    ],
    [
      'StatefulSet partition done',
      sts(
        { replicas: 2, readyReplicas: 2, updatedReplicas: 1 },
        { updateStrategy: { rollingUpdate: { partition: 1 } } },
      ),
      'Current',
    ],
    ['StatefulSet short of current', sts({ replicas: 2, readyReplicas: 2, currentReplicas: 1 }), 'InProgress'],
    ['StatefulSet between revisions', sts({ ...allSet, updateRevision: 'b' }), 'InProgress'],
    ['StatefulSet', sts(allSet), 'Current'],
    ['DaemonSet without generation', ds(allScheduled, {}), 'InProgress'],
    ['DaemonSet without observed generation', ds({ ...allScheduled, observedGeneration: undefined }), 'InProgress'],
    ['DaemonSet without desired', ds({ observedGeneration: 1 }), 'InProgress'],
    ['DaemonSet short of current', ds({ ...allScheduled, currentNumberScheduled: 0 }), 'InProgress'],
    ['DaemonSet short of updated', ds({ ...allScheduled, updatedNumberScheduled: 0 }), 'InProgress'],
    ['DaemonSet short of available', ds({ ...allScheduled, numberAvailable: 0 }), 'InProgress'],
    ['DaemonSet short of ready', ds({ ...allScheduled, numberReady: 0 }), 'InProgress'],
    ['DaemonSet', ds(allScheduled), 'Current'],
    ['CRD with refused names', crd(condition('NamesAccepted', 'False')), 'Failed'],
    ['CRD not established', crd(condition('Established', 'False', 'Other')), 'Failed'],
    ['CRD being installed', crd(condition('Established', 'False', 'Installing')), 'InProgress'],
    ['CRD established', crd(condition('NamesAccepted', 'True'), condition('Established', 'True')), 'Current'],
    ['CRD without conditions', crd(), 'InProgress'],
  ];
  test.each(rows)('%s', (_, object, status) => expect(statusOf(object, { now }).status).toBe(status));

  test('a Pod that stays unschedulable fails after 15 s; an unknown phase cannot be read', () => {
    const object = pod({ phase: 'Pending', conditions: [condition('PodScheduled', 'False', 'Unschedulable')] });
    expect(statusOf(object, { now: now + 6_000 }).status).toBe('Failed');
    expect(() => statusOf(pod({ phase: 'Odd' }))).toThrow(UnreadableStatusError);
  });
});

describe('KUS-302: Deployment', () => {
  const done = { replicas: 2, updatedReplicas: 2, availableReplicas: 2, readyReplicas: 2 };
  const good = [condition('Progressing', 'True', 'NewReplicaSetAvailable'), condition('Available', 'True')];
  const of = (status: object, spec: object = {}) =>
    statusOf(make('apps/v1', 'Deployment', { spec: { replicas: 2, progressDeadlineSeconds: 600, ...spec }, status }))
      .status;
  test.each([
    [
      'deadline exceeded',
      { ...done, conditions: [condition('Progressing', 'False', 'ProgressDeadlineExceeded')] },
      'Failed',
    ],
    ['short of replicas', { replicas: 1 }, 'InProgress'],
    ['short of updated', { replicas: 2, updatedReplicas: 1 }, 'InProgress'],
    ['old replicas pending termination', { ...done, replicas: 3, conditions: good }, 'InProgress'],
    ['short of available', { ...done, availableReplicas: 1, conditions: good }, 'InProgress'],
    ['short of ready', { ...done, readyReplicas: 1, conditions: good }, 'InProgress'],
    ['new ReplicaSet not available', { ...done, conditions: [condition('Available', 'True')] }, 'InProgress'],
    ['not Available', { ...done, conditions: [good[0]] }, 'InProgress'],
    ['rolled out', { ...done, conditions: good }, 'Current'],
  ])('%s', (_, status, expected) => expect(of(status)).toBe(expected));
  test('without a deadline Available is enough', () => {
    expect(of({ ...done, conditions: [good[1]] }, { progressDeadlineSeconds: undefined })).toBe('Current');
    expect(of({ ...done, conditions: [good[1]] }, { progressDeadlineSeconds: 2147483647 })).toBe('Current');
  });
  test('KUS-306: scaled to zero', () => expect(of({ conditions: good }, { replicas: 0 })).toBe('Current'));
});

describe('KUS-303, RTM-235: Job', () => {
  const of = (spec: object, status: object, metadata: object = {}) =>
    statusOf(make('batch/v1', 'Job', { spec, status }, metadata)).status;
  test('suspended, complete, failed, running, not started', () => {
    expect(of({ suspend: true }, {})).toBe('Current');
    expect(of({}, { conditions: [condition('Complete', 'True')] })).toBe('Current');
    expect(of({}, { conditions: [condition('Failed', 'True')] })).toBe('Failed');
    expect(of({}, { startTime: created, active: 1 })).toBe('InProgress');
    expect(of({}, {})).toBe('InProgress');
  });
  test('a finished Job is judged by its conditions, not by the generic rules', () => {
    expect(of({}, { conditions: [condition('Complete', 'True')] }, { deletionTimestamp: created })).toBe('Current');
  });
  test('a Job with a time to live may be gone when it is done', () => {
    expect(mayVanish(make('batch/v1', 'Job', { spec: { ttlSecondsAfterFinished: 0 } }))).toBe(true);
    expect(mayVanish(make('batch/v1', 'Job', { spec: {} }))).toBe(false);
  });
});
