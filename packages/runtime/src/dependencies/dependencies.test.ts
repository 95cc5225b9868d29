import { isDependencyReady } from './ready.ts';
import { sortByDependency } from './sort.ts';

const names = (objects: Parameters<typeof sortByDependency>[0]) =>
  sortByDependency(objects).map(({ namespace, name }) => `${namespace}/${name}`);
const o = (namespace: string, name: string, ...dependsOn: { namespace?: string; name: string }[]) => ({
  namespace,
  name,
  dependsOn,
});

describe('order', () => {
  test('RTM-226, RTM-519: dependencies first; a missing namespace is that of the dependent; strangers are ignored', () => {
    expect(names([o('x', 'c', { name: 'b' }), o('x', 'b', { namespace: 'y', name: 'a' }), o('y', 'a')])).toEqual([
      'y/a',
      'x/b',
      'x/c',
    ]);
    expect(names([o('x', 'b', { name: 'unknown' }), o('y', 'unknown')])).toEqual(['x/b', 'y/unknown']);
  });

  test('RTM-226, RTM-519: a circle is an error that shows the way round, also of one', () => {
    expect(() => names([o('n', 'a', { name: 'b' }), o('n', 'b', { name: 'a' })])).toThrow(
      'circular dependency detected: n/a -> n/b -> n/a',
    );
    expect(() => names([o('n', 'a', { name: 'a' })])).toThrow('circular dependency detected: n/a -> n/a');
  });

  test('RTM-226: long chains do not exhaust the stack', () => {
    const chain = Array.from({ length: 20_000 }, (_, i) => o('n', `${i}`, { name: `${i + 1}` }));
    expect(names(chain)[0]).toBe('n/19999');
  });
});

test('RTM-220: ready means conditions, the current generation observed, and Ready True', () => {
  const ready = { type: 'Ready', status: 'True' as const, reason: 'R', message: '', lastTransitionTime: '' };
  const dependency = (status: object) => ({
    apiVersion: 'v1',
    kind: 'K',
    metadata: { name: 'd', generation: 2 },
    status,
  });
  expect(isDependencyReady(dependency({ observedGeneration: 2, conditions: [ready] }))).toBe(true);
  expect(isDependencyReady(dependency({ observedGeneration: 1, conditions: [ready] }))).toBe(false);
  expect(isDependencyReady(dependency({ observedGeneration: 2 }))).toBe(false);
  expect(isDependencyReady(dependency({ observedGeneration: 2, conditions: [{ ...ready, status: 'False' }] }))).toBe(
    false,
  );
});
