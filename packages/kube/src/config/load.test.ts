import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { delimiter, join } from 'node:path';
import { KubeConfigError, loadConfig } from '../index.ts';

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'kubeconfig-'));
});
afterEach(() => rm(folder, { recursive: true }));

const kubeconfig = (name: string, rest = '', user = '') => `
apiVersion: v1
kind: Config
current-context: ${name}
contexts: [{name: ${name}, context: {cluster: ${name}, user: ${name}, namespace: ns-${name}}}]
clusters: [{name: ${name}, cluster: {server: 'https://${name}.example:6443/'${rest}}}]
users: [{name: ${name}, user: {${user}}}]
`;

async function file(name: string, text: string): Promise<string> {
  await writeFile(join(folder, name), text);
  return join(folder, name);
}

test('a named kubeconfig wins over the environment, and settings given win over both', async () => {
  const [one, two] = [await file('one', kubeconfig('one')), await file('two', kubeconfig('two'))];
  const config = await loadConfig({ kubeconfig: one, env: { KUBECONFIG: two }, qps: 7, userAgent: undefined });
  expect(config).toMatchObject({ server: 'https://one.example:6443', namespace: 'ns-one', qps: 7 });
});

test('KUBECONFIG lists files; the first to name something wins, and missing files are passed over', async () => {
  const one = await file('one', kubeconfig('one'));
  const two = await file('two', kubeconfig('two').replaceAll('ns-two', 'later'));
  const env = { KUBECONFIG: [join(folder, 'absent'), one, two].join(delimiter) };
  expect(await loadConfig({ env })).toMatchObject({ server: 'https://one.example:6443' });
  expect(await loadConfig({ env, context: 'two' })).toMatchObject({ server: 'https://two.example:6443' });
  await expect(loadConfig({ env, context: 'three' })).rejects.toThrow('no context "three"');
});

test('file paths are relative to the kubeconfig that names them', async () => {
  const user = 'tokenFile: token, client-certificate: c.crt, exec: {apiVersion: x, command: ./bin/login}';
  const path = await file('one', kubeconfig('one', ', certificate-authority: ca.crt', user));
  expect(await loadConfig({ kubeconfig: path })).toMatchObject({
    tls: { caFile: join(folder, 'ca.crt'), certFile: join(folder, 'c.crt') },
    auth: { tokenFile: join(folder, 'token'), exec: { command: join(folder, 'bin/login') } },
  });
});

test('in a cluster the ServiceAccount is used, unless a kubeconfig is named', async () => {
  const pod = join(folder, 'sa');
  await mkdir(pod);
  await writeFile(join(pod, 'token'), 'secret');
  await writeFile(join(pod, 'namespace'), 'flux-system');
  const env = { KUBERNETES_SERVICE_HOST: 'fd00::1', KUBERNETES_SERVICE_PORT: '443', HOME: folder };
  expect(await loadConfig({ env, serviceAccountFolder: pod })).toEqual({
    server: 'https://[fd00::1]:443',
    namespace: 'flux-system',
    tls: { caFile: join(pod, 'ca.crt') },
    auth: { tokenFile: join(pod, 'token') },
  });
  const one = await file('one', kubeconfig('one'));
  const named = await loadConfig({ kubeconfig: one, env, serviceAccountFolder: pod });
  expect(named.server).toBe('https://one.example:6443');
  await expect(loadConfig({ env, inCluster: false })).rejects.toThrow('no API server to connect to');
  await expect(loadConfig({ env: {}, inCluster: true })).rejects.toThrow('not in a cluster');
});

test('impersonation and the proxy of a trusted kubeconfig are followed', async () => {
  const user = 'as: jane, as-groups: [devs], as-uid: "1", as-user-extra: {k: [v]}';
  const path = await file('one', kubeconfig('one', ", proxy-url: 'socks5://p:1080', disable-compression: true", user));
  expect(await loadConfig({ kubeconfig: path })).toMatchObject({
    impersonate: { user: 'jane', groups: ['devs'], uid: '1', extra: { k: ['v'] } },
    proxyUrl: 'socks5://p:1080',
    disableCompression: true,
  });
});

test('what is wrong is said without quoting the file', async () => {
  const cases: [string, RegExp][] = [
    ['users: [{user: {token: hunter2}}]', /users\[0\] has no name/],
    ['a: b: hunter2', /is not valid YAML \(line 1\)/],
    ['- hunter2', /a mapping is expected/],
    [kubeconfig('x').replace('https://x.example:6443/', 'ftp://x'), /needs a server URL/],
    [kubeconfig('x').replace('user: x', 'user: y'), /names user "y", which is not there/],
    [kubeconfig('x', ', certificate-authority-data: aHVudGVyMg=='), /not base64 of a PEM text/],
  ];
  for (const [text, message] of cases) {
    const path = await file('bad', text);
    const error = await loadConfig({ kubeconfig: path }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(KubeConfigError);
    expect((error as Error).message).toMatch(message);
    expect((error as Error).message).not.toContain('hunter2');
  }
});
