import type { Condition } from '@gitops-toolkit/api';
import { applyConditionChanges, diffConditions } from './conditions.ts';
import { mergePatch } from './merge.ts';

const condition = (type: string, message = 'm', observedGeneration = 1): Condition => ({
  type,
  status: 'True',
  reason: 'R',
  message,
  observedGeneration,
  lastTransitionTime: `2026-01-01T00:00:0${message.length}Z`,
});
const apply = (server: Condition[], before: Condition[], after: Condition[], owned: string[] = [], generation = 1) =>
  applyConditionChanges(server, diffConditions(before, after), { owned: (type) => owned.includes(type), generation });

describe('merge patches', () => {
  test('RTM-196: hold only the differences', () => {
    expect(mergePatch({ a: 1, b: { c: 1, d: 2 }, l: [1] }, { a: 1, b: { c: 1, d: 3 }, l: [1, 2] })).toEqual({
      b: { d: 3 },
      l: [1, 2],
    });
    expect(mergePatch({ a: { b: 1 } }, { a: {} })).toEqual({ a: { b: null } });
    expect(mergePatch({ a: 1 }, { b: { c: {} } })).toEqual({ a: null, b: { c: {} } });
    expect(mergePatch({ a: { b: [{ c: 1 }] } }, { a: { b: [{ c: 1 }] }, z: undefined })).toBeUndefined();
  });
});

describe('conditions that are not owned', () => {
  test('RTM-187: adding fails when another state is there, and is nothing when it is equal', () => {
    expect(() => apply([condition('A', 'other')], [], [condition('A')])).toThrow(/add condition 'A'/);
    expect(apply([condition('A')], [], [condition('A')])).toBeUndefined();
    expect(apply([], [], [condition('A')])).toEqual([condition('A')]);
  });

  test('RTM-187: changing fails when the entry is gone, or is neither as before nor as wanted', () => {
    const [before, after] = [[condition('A', 'old')], [condition('A', 'new')]];
    expect(() => apply([], before, after)).toThrow(/change condition 'A'.*gone/);
    expect(() => apply([condition('A', 'foreign')], before, after)).toThrow(/change condition 'A'/);
    expect(apply(before, before, after)).toEqual(after);
  });

  test('RTM-190, RTM-504: what is already as wanted keeps its time', () => {
    const server = [{ ...condition('A', 'new'), lastTransitionTime: '2020-01-01T00:00:00Z' }];
    expect(apply(server, [condition('A', 'old')], [condition('A', 'new')])).toBeUndefined();
  });

  test('RTM-187: removing fails when the entry differs from what it was', () => {
    expect(() => apply([condition('A', 'foreign')], [condition('A')], [])).toThrow(/remove condition 'A'/);
    expect(apply([], [condition('A')], [])).toBeUndefined();
    expect(apply([condition('A')], [condition('A')], [])).toEqual([]);
  });

  test('RTM-189: a foreign type survives', () => {
    const foreign = condition('Foreign');
    expect(apply([foreign], [], [condition('Ready')], ['Ready'])).toEqual([condition('Ready'), foreign]);
  });
});

describe('conditions that are owned', () => {
  test('RTM-188, RTM-503, RTM-505: our value wins, also over a removal', () => {
    const [before, after] = [[condition('A', 'old')], [condition('A', 'new')]];
    expect(apply([condition('A', 'foreign')], before, after, ['A'])).toEqual(after);
    expect(apply([], before, after, ['A'])).toEqual(after);
    expect(apply([condition('A', 'foreign')], before, [], ['A'])).toEqual([]);
  });

  test('RTM-191: they are stamped with the generation of the object they go to', () => {
    expect(apply([], [], [condition('A', 'm', 1)], ['A'], 4)).toEqual([condition('A', 'm', 4)]);
  });
});

test('a state that came and went unseen is no difference', () => {
  const again = { ...condition('A'), lastTransitionTime: '2027-01-01T00:00:00Z' };
  expect(diffConditions([condition('A')], [again])).toEqual([]);
});
