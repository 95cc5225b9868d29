import { createHash } from 'node:crypto';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { commonFlags, runProgram } from '@gitops-toolkit/runtime';
import { kustomizeController } from './program.ts';
import { startWorld, type LogLine } from './testing/toolkit.ts';

let scratch: string;
let kube: Awaited<ReturnType<typeof startEmbeddedKube>>;
beforeAll(async () => {
  kube = await startEmbeddedKube({ simulate: false });
  scratch = await mkdtemp(join(tmpdir(), 'kustomize-controller-program-'));
  await writeFile(join(scratch, 'kubeconfig'), kube.kubeconfigYaml);
});
afterAll(async () => {
  await kube?.close();
  await rm(scratch, { recursive: true, force: true });
});

/** Runs the program until it ends by itself. */
async function run(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const code = await runProgram(kustomizeController, {
    args: ['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', ...args],
    env: { KUBECONFIG: join(scratch, 'kubeconfig'), RUNTIME_NAMESPACE: 'default' },
    stderr: { write: (text) => (output += text) },
    signal: AbortSignal.timeout(10_000),
  });
  return { code, output };
}

test('KUS-363: flags, with their defaults', async () => {
  const { code, output } = await run('--help');
  expect(code).toBe(0);
  const defaults = Object.fromEntries(
    [...output.matchAll(/^ +--(\S+)[^\n]*\n([^\n]*)/gm)].map(([, name, text]) => [
      name,
      /\(default ([^,)]*)/.exec(text!)?.[1],
    ]),
  );
  expect(defaults).toMatchObject({
    'metrics-addr': ':8080',
    'health-addr': ':9440',
    concurrent: '4',
    'concurrent-ssa': '4',
    'requeue-dependency': '30s',
    'http-retry': '9',
    'interval-jitter-percentage': '5',
    'min-retry-delay': '750ms',
    'max-retry-delay': '15m0s',
    'watch-configs-label-selector': 'reconcile.fluxcd.io/watch=Enabled',
    'leader-election-lease-duration': '35s',
    'leader-election-renew-deadline': '30s',
    'leader-election-retry-period': '5s',
    'token-cache-max-size': '100',
    'token-cache-max-duration': '1h0m0s',
  });
  const own = [
    'no-remote-bases',
    'default-service-account',
    'default-decryption-service-account',
    'default-kubeconfig-service-account',
    'sops-age-secret',
    'sops-vault-configmap',
    'override-manager',
    'custom-apply-stage-kinds',
    'insecure-kubeconfig-exec',
    'insecure-kubeconfig-tls',
    'no-cross-namespace-refs',
  ];
  expect(Object.keys(defaults)).toEqual(expect.arrayContaining([...Object.keys(commonFlags), ...own]));
  expect((await run('--no-such-flag')).code).not.toBe(0);
});

test.each([
  ['KUS-364', '--interval-jitter-percentage=100'],
  ['KUS-364', '--interval-jitter-percentage=-1'],
  ['KUS-364', '--watch-label-selector=!!'],
  ['KUS-364, KUS-372', '--feature-gates=NoSuchGate=true'],
  ['KUS-365', '--default-decryption-service-account=kms'],
  ['KUS-365', '--default-kubeconfig-service-account=kms'],
])('%s: %s ends the process', async (_numbers, flag) => {
  const { code, output } = await run(flag);
  expect(code).not.toBe(0);
  expect(output).toContain(/=/.test(flag) ? flag.slice(2, flag.indexOf('=')).split('-')[0] : flag);
});

test('KUS-366, KUS-368, KUS-369, KUS-372: probes, lease, all gates, and a graceful end', async () => {
  const world = await startWorld(startEmbeddedKube);
  const gates = Object.keys(kustomizeController.featureGates!);
  const controller = await world.controller(
    '--enable-leader-election',
    '--watch-label-selector=sharding.fluxcd.io/key=shard1',
    `--feature-gates=${gates.map((name, index) => `${name}=${index % 2 === 0}`).join(',')}`,
  );
  const line = async (msg: string) => {
    for (;;) {
      const found = controller.logs.find((candidate: LogLine) => candidate.msg === msg);
      if (found) return found as LogLine & { url: string };
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  };
  const { url } = await line('health server is listening');
  for (const path of ['healthz', 'readyz']) {
    const answer = await fetch(`${url.replace(/\/$/, '')}/${path}`);
    expect(answer.status).toBe(200);
  }
  const type = { group: 'coordination.k8s.io', version: 'v1', kind: 'Lease' };
  const leases = async () =>
    (await world.client.list<never>(type, { namespace: 'default' })).items as unknown as {
      metadata: { name: string };
      spec: { holderIdentity?: string };
    }[];
  while (!(await leases())[0]?.spec.holderIdentity) await new Promise((resolve) => setTimeout(resolve, 20));
  const [lease] = await leases();
  const digest = createHash('sha256').update('sharding.fluxcd.io/key=shard1').digest('hex');
  expect(lease!.metadata.name).toBe(`kustomize-controller-leader-election-${digest.slice(0, 8)}`);
  await controller.stop();
  expect((await leases())[0]!.spec.holderIdentity || '').toBe('');
  await world.close();
});
