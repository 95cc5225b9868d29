import { idWith, leaseName } from './lease-name.ts';

test('RTM-257, RTM-262: one Lease per controller and shard', () => {
  expect(leaseName('kustomize-controller', '')).toBe('kustomize-controller-leader-election');
  expect(leaseName('c', 'sharding.fluxcd.io/key=shard1')).toBe('c-leader-election-73fdc1be');
  expect(leaseName('c', '!sharding.fluxcd.io/key')).toBe('c-leader-election-42da7484');
});

test('RTM-263, RTM-521: ids with additions', () => {
  expect(idWith('foo', 'bar')).toBe('foo-fcde2b2e');
  expect(idWith('foo', 'bar', 'baz')).toBe('foo-c8f8b724');
  expect(idWith('foo')).toBe('foo');
  expect(idWith('', 'bar')).toBe('');
  expect(idWith('foo', '')).toMatch(/^foo-e3b0c442$/);
});
