import { kubeconfigOfSecret } from '../index.ts';

const secret = (data?: Record<string, string>) => ({
  apiVersion: 'v1',
  kind: 'Secret',
  metadata: { name: 'remote', namespace: 'apps' },
  data: data && Object.fromEntries(Object.entries(data).map(([key, text]) => [key, btoa(text)])),
});

test('RTM-535: without a key it is value, then value.yaml; a given key is the only one', () => {
  expect(kubeconfigOfSecret(secret({ value: 'a', 'value.yaml': 'b', other: 'c' }))).toBe('a');
  expect(kubeconfigOfSecret(secret({ 'value.yaml': 'b', other: 'c' }))).toBe('b');
  expect(kubeconfigOfSecret(secret({ value: 'a', other: 'c' }), 'other')).toBe('c');
});

test('RTM-280: a key that is missing is named', () => {
  const text = (key: string) => `KubeConfig secret 'apps/remote' does not contain a '${key}' key with a kubeconfig`;
  expect(() => kubeconfigOfSecret(secret({ value: 'a' }), 'other')).toThrow(text('other'));
  expect(() => kubeconfigOfSecret(secret({ other: 'a' }))).toThrow(text('value'));
  expect(() => kubeconfigOfSecret(secret())).toThrow(text('value'));
});
