import type { Condition } from '@gitops-toolkit/api';
import { findCondition } from '../conditions/set.ts';
import type { ConditionPolicy } from './definition.ts';
import { finishRun, type RunEnd } from './finish.ts';
import type { ReconciledObject } from './object.ts';
import { failing, ignored, retry, stalling, waiting, type Outcome } from './outcome.ts';

const now = Date.parse('2026-01-02T15:04:05Z');
const object = (conditions: Condition[] = [], extra: Partial<ReconciledObject['metadata']> = {}): ReconciledObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'b', generation: 3, ...extra },
  status: { observedGeneration: 2, ...(conditions.length > 0 ? { conditions } : {}) },
});
const condition = (
  type: string,
  status: Condition['status'],
  reason = `${type}Reason`,
  message = `${type} message`,
): Condition => ({ type, status, reason, message, observedGeneration: 3, lastTransitionTime: '2026-01-01T00:00:00Z' });
const succeeded = (outcome: Outcome = {}): RunEnd => ({ kind: 'succeeded', outcome });
const failed = (error: unknown): RunEnd => ({ kind: 'failed', error });

/** Finishes a run and shows what a reader of the object sees, as `status reason: message` by type. */
function finish(o: ReconciledObject, end: RunEnd, policy?: ConditionPolicy) {
  const requeue = finishRun(o, end, policy, now);
  const view = Object.fromEntries(
    (o.status?.conditions ?? []).map((c) => [c.type, `${c.status} ${c.reason}: ${c.message}`]),
  );
  return { requeue, view, observed: o.status?.observedGeneration };
}

const summary: ConditionPolicy = {
  summary: [
    'StorageOperationFailed',
    'FetchFailed',
    'ArtifactOutdated',
    'ArtifactInStorage',
    'SourceVerified',
    'Stalled',
    'Reconciling',
  ],
  negative: ['StorageOperationFailed', 'FetchFailed', 'ArtifactOutdated'],
  bipolar: ['SourceVerified'],
};

describe('Ready from the outcome', () => {
  test('RTM-481: an error clears Stalled and shows as Failed', () => {
    const { view, requeue, observed } = finish(object([condition('Stalled', 'True')]), failed(new Error('boom')));
    expect(view).toEqual({ Ready: 'False Failed: boom' });
    expect(requeue).toMatchObject({ kind: 'backoff', error: { message: 'boom' } });
    expect(observed).toBe(2);
  });

  test('RTM-482, RTM-484: an error keeps Reconciling, now to be retried, and Ready turns False', () => {
    const before = [condition('Stalled', 'True'), condition('Reconciling', 'True'), condition('Ready', 'True')];
    expect(finish(object(before), failed(new Error('boom'))).view).toEqual({
      Reconciling: 'True ProgressingWithRetry: Reconciling message',
      Ready: 'False Failed: boom',
    });
  });

  test('RTM-483: a plain error leaves the reason that a step gave', () => {
    const { view, requeue } = finish(object([condition('Ready', 'False')]), failed(new Error('boom')));
    expect(view.Ready).toBe('False ReadyReason: Ready message');
    expect(requeue.kind).toBe('backoff');
  });

  test('RTM-485: stalling removes Reconciling, says why in Stalled and Ready, and is final', () => {
    const before = [condition('Reconciling', 'True'), condition('Ready', 'True')];
    const { view, requeue, observed } = finish(object(before), failed(stalling('InvalidPath', 'no such path')));
    expect(view).toEqual({ Stalled: 'True InvalidPath: no such path', Ready: 'False InvalidPath: no such path' });
    expect(requeue).toEqual({ kind: 'never', terminal: true });
    expect(observed).toBe(3);
  });

  test('KUS-83: a stalling error may leave the generation unobserved', () => {
    const error = stalling('FeatureGateDisabled', 'gate is off', { observed: false });
    expect(finish(object(), failed(error)).observed).toBe(2);
  });

  test('RTM-486: a requeue removes Stalled and keeps Ready False', () => {
    for (const outcome of [{ requeue: 'now' }, { requeue: 5 }] as Outcome[]) {
      const before = [condition('Stalled', 'True'), condition('Ready', 'False')];
      const { view, requeue } = finish(object(before), succeeded({ requeue: outcome.requeue }));
      expect(view.Stalled).toBeUndefined();
      if (outcome.requeue === 'now') expect(view.Ready).toBe('False ReadyReason: Ready message');
      expect(requeue).toEqual(outcome.requeue === 'now' ? { kind: 'limited' } : { kind: 'after', ms: 5 });
    }
  });

  test('RTM-487, RTM-117: success removes Reconciling and gives Ready a default text', () => {
    const { view, requeue, observed } = finish(object([condition('Reconciling', 'True')]), succeeded());
    expect(view).toEqual({ Ready: 'True Succeeded: reconciliation succeeded' });
    expect(requeue).toEqual({ kind: 'interval' });
    expect(observed).toBe(3);
  });

  test('KUS-42, KUS-377: success carries the reason and message of the outcome', () => {
    const outcome = { ready: { reason: 'ReconciliationSucceeded', message: 'Applied revision: main@sha1:1' } };
    const before = [condition('Reconciling', 'True'), condition('Ready', 'Unknown')];
    const { view, observed } = finish(object(before), succeeded(outcome));
    expect(view).toEqual({ Ready: 'True ReconciliationSucceeded: Applied revision: main@sha1:1' });
    expect(observed).toBe(3);
  });

  test('RTM-126, KUS-43: a failed run is retried with the last progress message; the generation stays', () => {
    const before = [condition('Reconciling', 'True', 'Progressing', 'Building'), condition('Ready', 'Unknown')];
    const { view, requeue, observed } = finish(object(before), failed(retry('BuildFailed', 'bad yaml', 60_000)));
    expect(view).toEqual({
      Reconciling: 'True ProgressingWithRetry: Building',
      Ready: 'False BuildFailed: bad yaml',
    });
    expect(requeue).toEqual({ kind: 'after', ms: 60_000 });
    expect(observed).toBe(2);
  });

  test('RTM-490: an immediate requeue without conditions leaves Ready absent', () => {
    const { view, observed } = finish(object(), succeeded({ requeue: 'now' }));
    expect(view).toEqual({});
    expect(observed).toBe(2);
  });

  test('RTM-122: a wait without a delay takes the interval, one of zero runs at once', () => {
    const requeueOf = (delay?: number) => finish(object(), failed(waiting('DependencyNotReady', 'm', delay))).requeue;
    expect(requeueOf()).toEqual({ kind: 'interval' });
    expect(requeueOf(0)).toEqual({ kind: 'again' });
    expect(requeueOf(30_000)).toEqual({ kind: 'after', ms: 30_000 });
  });

  test('RTM-177, KUS-77: suspending a ready object keeps it current and its words unchanged', () => {
    const { view, requeue, observed } = finish(object([condition('Ready', 'True')]), { kind: 'suspended' });
    expect(view).toEqual({ Ready: 'True ReadyReason: Ready message' });
    expect(observed).toBe(3);
    expect(requeue).toEqual({ kind: 'never' });
  });

  test('KUS-77: suspending an object that is not ready changes nothing', () => {
    const before = [condition('Stalled', 'True'), condition('Ready', 'False')];
    const { view, observed } = finish(object(before), { kind: 'suspended' });
    expect(view).toEqual({ Stalled: 'True StalledReason: Stalled message', Ready: 'False ReadyReason: Ready message' });
    expect(observed).toBe(2);
  });
});

describe('Ready as a summary', () => {
  test('RTM-492: a good condition alone makes Ready True with its words', () => {
    const { view } = finish(object([condition('ArtifactInStorage', 'True')]), succeeded(), summary);
    expect(view.Ready).toBe('True ArtifactInStorageReason: ArtifactInStorage message');
  });

  test('RTM-493, SRC-197: the condition of the failure speaks, not the text of the error', () => {
    const before = [condition('FetchFailed', 'True'), condition('Reconciling', 'True')];
    const { view, requeue, observed } = finish(object(before), failed(new Error('boom')), summary);
    expect(view.Ready).toBe('False FetchFailedReason: FetchFailed message');
    expect(view.Reconciling).toMatch(/^True ProgressingWithRetry/);
    expect(requeue.kind).toBe('backoff');
    expect(observed).toBe(2);
  });

  test('RTM-494, SRC-200: stalling is final and outweighs a good condition', () => {
    const before = [condition('ArtifactInStorage', 'True'), condition('Reconciling', 'True')];
    const { view, requeue, observed } = finish(object(before), failed(stalling('URLInvalid', 'bad url')), summary);
    expect(view.Ready).toBe('False URLInvalid: bad url');
    expect(view.Stalled).toBe('True URLInvalid: bad url');
    expect(view.Reconciling).toBeUndefined();
    expect(requeue).toEqual({ kind: 'never', terminal: true });
    expect(observed).toBe(3);
  });

  test('RTM-495, RTM-116, RTM-124, SRC-91: a success that is not Ready is a failure', () => {
    const { view, requeue, observed } = finish(object([condition('ArtifactOutdated', 'True')]), succeeded(), summary);
    expect(view.Ready).toMatch(/^False ArtifactOutdatedReason/);
    expect(requeue).toMatchObject({ kind: 'backoff', error: { message: 'ArtifactOutdated message' } });
    expect(observed).toBe(2);
  });

  test('RTM-123, SRC-90: a bipolar condition that is False overrides', () => {
    const before = [condition('ArtifactInStorage', 'True'), condition('SourceVerified', 'False')];
    expect(finish(object(before), succeeded(), summary).view.Ready).toBe(
      'False SourceVerifiedReason: SourceVerified message',
    );
  });

  test('SRC-92: a failure without a condition of its own still makes Ready False', () => {
    const before = [condition('ArtifactInStorage', 'True'), condition('Reconciling', 'True', 'Progressing', 'busy')];
    expect(finish(object(before), failed(new Error('boom')), summary).view.Ready).toBe(
      'False ProgressingWithRetry: busy',
    );
  });

  test('SRC-87: an error names the condition that carries it; polarity decides its status', () => {
    const fetch = failing('GitOperationFailed', 'no host', { condition: 'FetchFailed' });
    expect(finish(object(), failed(fetch), summary).view.FetchFailed).toBe('True GitOperationFailed: no host');
    const verify = failing('InvalidCommitSignature', 'bad', { condition: 'SourceVerified' });
    const { view } = finish(object([condition('ArtifactInStorage', 'True')]), failed(verify), summary);
    expect(view.SourceVerified).toBe('False InvalidCommitSignature: bad');
    expect(view.Ready).toBe('False InvalidCommitSignature: bad');
  });

  test('RTM-121, RTM-122, SRC-198: an ignored error counts as observed and waits for the interval', () => {
    const before = [
      condition('ArtifactInStorage', 'True'),
      condition('Reconciling', 'True'),
      condition('Stalled', 'True'),
    ];
    const { view, requeue, observed } = finish(
      object(before),
      failed(ignored('GitOperationSucceeded', 'no change')),
      summary,
    );
    expect(Object.keys(view).sort()).toEqual(['ArtifactInStorage', 'Ready']);
    expect(view.Ready).toMatch(/^True/);
    expect(requeue).toEqual({ kind: 'interval' });
    expect(observed).toBe(3);
  });

  test('RTM-121, SRC-202: nothing is observed on an object without any condition', () => {
    const o = object();
    finishRun(o, { kind: 'suspended' }, summary, now);
    expect(o.status!.observedGeneration).toBe(2);
  });

  test('SRC-187: suspension summarises again, drops Stalled and observes the generation', () => {
    const before = [condition('ArtifactInStorage', 'True'), condition('Stalled', 'True')];
    const { view, observed } = finish(object(before), { kind: 'suspended' }, summary);
    expect(view.Stalled).toBeUndefined();
    expect(view.Ready).toMatch(/^True ArtifactInStorageReason/);
    expect(observed).toBe(3);
  });
});

describe('every way to end', () => {
  const ends: RunEnd[] = [
    succeeded(),
    succeeded({ requeue: 'now' }),
    failed(new Error('boom')),
    failed(stalling('R', 'm')),
    failed(waiting('R', 'm', 1)),
    failed(retry('R', 'm', 1)),
    failed(failing('R', 'm')),
    failed(ignored('R', 'm')),
    { kind: 'suspended' },
    { kind: 'prepared' },
  ];

  test('RTM-118, RTM-200, RTM-491: the request token is recorded as handled, whatever it says', () => {
    for (const end of ends)
      for (const token of ['foo', '']) {
        const o = object([], { annotations: { 'reconcile.fluxcd.io/requestedAt': token } });
        finishRun(o, end, {}, now);
        expect((o.status as { lastHandledReconcileAt?: string }).lastHandledReconcileAt).toBe(token);
      }
  });

  test('RTM-98, RTM-99, RTM-100, RTM-101, RTM-102: what status readers rely on holds after every finished run', () => {
    const starts: Condition[][] = [
      [],
      [condition('Ready', 'True')],
      [condition('Reconciling', 'True'), condition('Ready', 'Unknown')],
      [condition('Stalled', 'True'), condition('Ready', 'False')],
    ];
    for (const start of starts)
      for (const end of ends.slice(2, 8)) {
        const o = object(structuredClone(start));
        finishRun(o, end, {}, now);
        const ready = findCondition(o, 'Ready');
        const isTrue = (type: string) => findCondition(o, type)?.status === 'True';
        if (end.kind === 'failed' && (end.error as { class?: string }).class !== 'ignored') {
          expect(ready).toBeDefined();
          expect(ready!.status).toBe('False');
        }
        if (ready?.status === 'True') expect(isTrue('Stalled') || isTrue('Reconciling')).toBe(false);
        if (isTrue('Stalled') || isTrue('Reconciling')) expect(ready?.status).toBe('False');
        expect(isTrue('Stalled') && isTrue('Reconciling')).toBe(false);
      }
  });
});
