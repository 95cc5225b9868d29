import type { Condition, KubeObject } from '@gitops-toolkit/api';
import {
  conditionsOf,
  findCondition,
  isFalse,
  isReady,
  isReconciling,
  isStalled,
  isTrue,
  isUnknown,
  markFalse,
  markReconciling,
  markStalled,
  markTrue,
  markUnknown,
  removeCondition,
  setCondition,
  truncateMessage,
  type ConditionsObject,
} from './set.ts';
import { markProgress } from './progress.ts';
import { mergeConditions, summarise } from './summary.ts';

const t0 = Date.parse('2026-01-02T15:04:05.678Z');
const t1 = t0 + 60_000;
const object = (generation = 1, conditions?: Condition[]): ConditionsObject => ({
  apiVersion: 'example.org/v1',
  kind: 'Thing',
  metadata: { name: 'a', namespace: 'b', generation },
  ...(conditions ? { status: { conditions } } : {}),
});
const condition = (type: string, status: Condition['status'], observedGeneration = 1, reason = `${type}Reason`) => ({
  type,
  status,
  reason,
  message: `${type} message`,
  observedGeneration,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});
const types = (o: KubeObject) => conditionsOf(o).map(({ type }) => type);

describe('setting a condition', () => {
  test('RTM-83, RTM-86: stamps the generation, and the time in whole seconds unless one is given', () => {
    const o = object(7);
    markTrue(o, 'Ready', 'R', 'm', t0);
    expect(findCondition(o, 'Ready')).toMatchObject({
      observedGeneration: 7,
      lastTransitionTime: '2026-01-02T15:04:05Z',
    });
    setCondition(
      o,
      { type: 'Old', status: 'True', reason: 'R', message: 'm', lastTransitionTime: '2020-01-01T00:00:00Z' },
      t0,
    );
    expect(findCondition(o, 'Old')!.lastTransitionTime).toBe('2020-01-01T00:00:00Z');
  });

  test('RTM-84: an equal state keeps its time; only the generation moves', () => {
    const o = object(1);
    markTrue(o, 'Ready', 'R', 'm', t0);
    o.metadata.generation = 2;
    markTrue(o, 'Ready', 'R', 'm', t1);
    expect(findCondition(o, 'Ready')).toMatchObject({
      observedGeneration: 2,
      lastTransitionTime: '2026-01-02T15:04:05Z',
    });
  });

  test('RTM-85: a changed status, reason or message moves the time', () => {
    for (const change of [
      { status: 'False' as const, reason: 'R', message: 'm' },
      { status: 'True' as const, reason: 'R2', message: 'm' },
      { status: 'True' as const, reason: 'R', message: 'm2' },
    ]) {
      const o = object();
      markTrue(o, 'Ready', 'R', 'm', t0);
      setCondition(o, { type: 'Ready', ...change }, t1);
      expect(findCondition(o, 'Ready')!.lastTransitionTime).toBe('2026-01-02T15:05:05Z');
    }
  });

  test('RTM-87, RTM-500: messages are cut to 32768 bytes including the dots', () => {
    expect(truncateMessage('x'.repeat(32768))).toHaveLength(32768);
    expect(truncateMessage('x'.repeat(32769))).toBe(`${'x'.repeat(32765)}...`);
    expect(truncateMessage('abcdef', 2)).toBe('...');
    const cut = truncateMessage('ä'.repeat(20_000));
    expect(Buffer.byteLength(cut)).toBeLessThanOrEqual(32768);
    expect(cut).toMatch(/^ä+\.\.\.$/);
  });

  test('RTM-88: Stalled, Reconciling, Ready, then newest generation, then type', () => {
    const o = object(2, [condition('B', 'True', 1), condition('A', 'True', 1), condition('C', 'True', 2)]);
    for (const type of ['Ready', 'Reconciling', 'Stalled']) markTrue(o, type, 'R', 'm');
    expect(types(o)).toEqual(['Stalled', 'Reconciling', 'Ready', 'C', 'A', 'B']);
  });

  test('RTM-89: marking Reconciling removes Stalled and the reverse; setting directly does not', () => {
    const o = object();
    markStalled(o, 'S', 'm');
    markReconciling(o, 'R', 'm');
    expect(types(o)).toEqual(['Reconciling']);
    markStalled(o, 'S', 'm');
    expect(types(o)).toEqual(['Stalled']);
    markTrue(o, 'Reconciling', 'R', 'm');
    expect(types(o)).toEqual(['Stalled', 'Reconciling']);
  });

  test('RTM-90: predicates', () => {
    const o = object();
    expect([isTrue(o, 'X'), isFalse(o, 'X'), isUnknown(o, 'X')]).toEqual([false, false, true]);
    markTrue(o, 'Ready', 'R', 'm');
    expect(isReady(o)).toBe(true);
    markTrue(o, 'Stalled', 'R', 'm');
    expect([isStalled(o), isReady(o)]).toEqual([true, false]);
    markTrue(o, 'Reconciling', 'R', 'm');
    expect([isStalled(o), isReconciling(o)]).toEqual([false, false]);
    removeCondition(o, 'Stalled');
    expect([isReconciling(o), isReady(o)]).toEqual([true, false]);
  });

  test('RTM-91: what is found is a copy', () => {
    const o = object();
    markFalse(o, 'Ready', 'R', 'm');
    findCondition(o, 'Ready')!.status = 'True';
    expect(isFalse(o, 'Ready')).toBe(true);
    expect(findCondition(o, 'Missing')).toBeUndefined();
  });

  test('RTM-501: unreadable conditions count as absent', () => {
    const o = { ...object(), status: { conditions: 'nonsense' } } as unknown as ConditionsObject;
    expect(conditionsOf(o)).toEqual([]);
    markTrue(o, 'Ready', 'R', 'm');
    expect(types(o)).toEqual(['Ready']);
  });
});

describe('summary', () => {
  test('RTM-92: nothing in scope leaves the target alone', () => {
    const o = object(1, [condition('Ready', 'True'), condition('Other', 'False')]);
    summarise(o, { types: ['Missing'] });
    expect(findCondition(o, 'Ready')).toMatchObject({ status: 'True', reason: 'ReadyReason' });
    expect(mergeConditions(undefined, 'Ready')).toBeUndefined();
    expect(mergeConditions([], 'Ready')).toBeUndefined();
  });

  test('RTM-93, RTM-94: groups decide in order of priority', () => {
    const negative = ['Bad'];
    const verdict = (...conditions: Condition[]) => mergeConditions(conditions, 'Ready', { negative })?.status;
    const [badTrue, badFalse] = [condition('Bad', 'True'), condition('Bad', 'False')];
    const [goodTrue, goodFalse, unknown] = [condition('G', 'True'), condition('H', 'False'), condition('U', 'Unknown')];
    expect(verdict(badTrue, goodFalse, goodTrue, unknown)).toBe('False');
    expect(verdict(goodFalse, goodTrue, badFalse, unknown)).toBe('False');
    expect(verdict(goodTrue, badFalse, unknown)).toBe('True');
    expect(verdict(badFalse, unknown)).toBe('True');
    expect(verdict(unknown)).toBe('Unknown');
  });

  test('RTM-95: reason and message come from the first type of the list, else from the standard order', () => {
    const all = [condition('A', 'True'), condition('B', 'True')];
    expect(mergeConditions(all, 'Ready', { types: ['B', 'A'] })).toMatchObject({
      reason: 'BReason',
      message: 'B message',
    });
    expect(mergeConditions(all, 'Ready')).toMatchObject({ reason: 'AReason' });
  });

  test('RTM-96, RTM-499: with the latest generation only, older groups do not count', () => {
    const all = [condition('Old', 'False', 1), condition('New', 'True', 2)];
    expect(mergeConditions(all, 'Ready', { latestGeneration: true })?.status).toBe('True');
    expect(mergeConditions(all, 'Ready')?.status).toBe('False');
  });

  test('RTM-498: missing entries are skipped; an inverted target inverts, two inversions cancel', () => {
    expect(mergeConditions([undefined, condition('A', 'True')], 'Ready')?.status).toBe('True');
    expect(mergeConditions([condition('A', 'True')], 'Bad', { negative: ['Bad'] })?.status).toBe('False');
    expect(mergeConditions([condition('A', 'True')], 'Bad', { negative: ['A', 'Bad'] })?.status).toBe('True');
  });
});

test('RTM-120, RTM-497: progress keeps a decided Ready, overwrites an undecided one, and drift makes it Unknown', () => {
  const progress = (before: Condition[], drift = false) => {
    const o = object(1, before);
    markProgress(o, 'Progressing', 'busy', drift);
    expect(findCondition(o, 'Reconciling')).toMatchObject({ status: 'True', reason: 'Progressing', message: 'busy' });
    return findCondition(o, 'Ready');
  };
  expect(progress([condition('Ready', 'True')])).toMatchObject({ status: 'True', reason: 'ReadyReason' });
  expect(progress([condition('Ready', 'False')])).toMatchObject({ status: 'False', reason: 'ReadyReason' });
  expect(progress([condition('Ready', 'Unknown')])).toMatchObject({ status: 'Unknown', message: 'busy' });
  expect(progress([])).toMatchObject({ status: 'Unknown', reason: 'Progressing', message: 'busy' });
  expect(progress([condition('Ready', 'True')], true)).toMatchObject({ status: 'Unknown', message: 'busy' });
});

test('RTM-90: unknown is a status of its own', () => {
  const o = object();
  markUnknown(o, 'Ready', 'R', 'm');
  expect([isTrue(o, 'Ready'), isFalse(o, 'Ready'), isUnknown(o, 'Ready')]).toEqual([false, false, true]);
});
