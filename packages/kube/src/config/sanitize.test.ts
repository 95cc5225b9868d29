import { sanitizeKubeconfig, sanitizedConfig } from '../index.ts';

const pem = Buffer.from('-----BEGIN CERTIFICATE-----\nx\n-----END CERTIFICATE-----\n').toString('base64');
const text = `
apiVersion: v1
kind: Config
current-context: c
preferences: {colors: true}
contexts: [{name: c, context: {cluster: c, user: u, namespace: n, extensions: []}}]
clusters:
- name: c
  cluster:
    server: https://remote.example:6443/path
    tls-server-name: name.example
    certificate-authority: /etc/passwd
    certificate-authority-data: ${pem}
    insecure-skip-tls-verify: true
    proxy-url: http://proxy.example:3128
    disable-compression: true
users:
- name: u
  user:
    client-certificate: /etc/client.crt
    client-certificate-data: ${pem}
    client-key: /etc/client.key
    client-key-data: ${pem}
    tokenFile: /var/run/secrets/kubernetes.io/serviceaccount/token
    token: inline
    username: user
    password: pass
    as: system:admin
    user-agent: mine
    as-groups: [system:masters]
    auth-provider: {name: gcp}
    exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/sh}
`;

test('RTM-281, KUS-346: only what is inline and harmless survives', () => {
  expect(sanitizeKubeconfig(text)).toEqual({
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'c',
    contexts: [{ name: 'c', context: { cluster: 'c', user: 'u', namespace: 'n' } }],
    clusters: [
      {
        name: 'c',
        cluster: {
          server: 'https://remote.example:6443/path',
          'tls-server-name': 'name.example',
          'certificate-authority-data': pem,
          'proxy-url': 'http://proxy.example:3128',
          'disable-compression': true,
        },
      },
    ],
    users: [
      {
        name: 'u',
        user: {
          'client-certificate-data': pem,
          'client-key-data': pem,
          token: 'inline',
          username: 'user',
          password: 'pass',
        },
      },
    ],
  });
});

test('RTM-281, RTM-283: the connection has no files, no borrowed identity, no user agent of its own, and 30 s for a request', () => {
  const config = sanitizedConfig(text);
  expect(config.tls).toMatchObject({ caFile: undefined, certFile: undefined, keyFile: undefined, insecure: false });
  expect(config.auth).toMatchObject({ token: 'inline', tokenFile: undefined, exec: undefined, provider: undefined });
  expect(config.impersonate).toBeUndefined();
  expect(config.userAgent).toBeUndefined();
  expect(config.timeoutMs).toBe(30_000);
});

test('RTM-282: exec and insecure TLS only where the operator allows them', () => {
  const allowed = sanitizedConfig(text, { allowExec: true, allowInsecureTls: true });
  expect(allowed.tls?.insecure).toBe(true);
  expect(allowed.auth?.exec?.command).toBe('/bin/sh');
  const refused = sanitizedConfig(text, { allowExec: false, allowInsecureTls: false });
  expect(refused.tls?.insecure).toBe(false);
  expect(refused.auth?.exec).toBeUndefined();
});

test('RTM-537: nothing stays nothing; certificate files go, inline data stays', () => {
  expect(sanitizedConfig(undefined)).toBeUndefined();
  const { user } = sanitizeKubeconfig(text).users[0]!;
  expect(user).not.toHaveProperty('client-certificate');
  expect(user['client-certificate-data']).toBe(pem);
});

test('a text that is no kubeconfig is refused under the name of where it came from', () => {
  expect(() => sanitizedConfig('[]', { origin: "Secret 'apps/remote'" })).toThrow("Secret 'apps/remote' is not a kube");
});
