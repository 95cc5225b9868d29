/** The command lines of all six programs, as upstream's manifests and people's patches write them. */
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { KubeObject } from '@gitops-toolkit/api';
import type { KubeClient } from '@gitops-toolkit/kube';
import { freePorts, waitFor } from '../processes/index.ts';
import { suite, type Case, type Context } from '../runner/suite.ts';
import {
  connect,
  controllerNames,
  installToolkit,
  kinds,
  mainOf,
  namespace,
  startController,
  type ControllerName,
} from '../toolkit/index.ts';

interface Shared {
  client: KubeClient;
}

/** Flags by name with their defaults, as `--help` prints them; '' where there is none. */
type Defaults = Record<string, string>;

/** The flags of RTM §7.1 that every controller has. */
const everywhere: Defaults = {
  'metrics-addr': ':8080',
  'health-addr': ':9440',
  'log-level': 'info',
  'log-encoding': 'json',
  'enable-leader-election': 'false',
  'leader-election-release-on-cancel': 'true',
  'leader-election-lease-duration': '35s',
  'leader-election-renew-deadline': '30s',
  'leader-election-retry-period': '5s',
  'min-retry-delay': '750ms',
  'max-retry-delay': '15m0s',
  'kube-api-qps': '50',
  'kube-api-burst': '300',
  'watch-all-namespaces': 'true',
  'watch-configs-label-selector': 'reconcile.fluxcd.io/watch=Enabled',
  'feature-gates': '',
  'token-cache-max-size': '100',
  'token-cache-max-duration': '1h0m0s',
  'default-service-account': '',
};
const selector: Defaults = { 'watch-label-selector': '' };
const jitter: Defaults = { 'interval-jitter-percentage': '5' };
const dependency: Defaults = { 'requeue-dependency': '30s' };
const references: Defaults = { 'no-cross-namespace-refs': 'false' };
const download: Defaults = { 'http-retry': '9' };
const remotes: Defaults = {
  'insecure-kubeconfig-exec': 'false',
  'insecure-kubeconfig-tls': 'false',
  'override-manager': '',
  'default-kubeconfig-service-account': '',
};
const concurrent = (count: number): Defaults => ({ concurrent: String(count) });
const events: Defaults = { 'events-addr': '' };

/** Everything that `--help` must list, per program (RTM §7.1 and §7.2). */
const declared: Record<ControllerName, Defaults> = {
  'source-controller': {
    ...{ ...everywhere, ...events, ...concurrent(2), ...selector, ...jitter, ...dependency },
    'storage-path': '/data',
    'storage-addr': ':9090',
    'storage-adv-addr': '',
    'artifact-retention-ttl': '1m0s',
    'artifact-retention-records': '2',
    'artifact-digest-algo': 'sha256',
    'helm-index-max-size': '52428800',
    'helm-chart-max-size': '10485760',
    'helm-chart-file-max-size': '5242880',
    'helm-cache-max-size': '0',
    'helm-cache-ttl': '15m0s',
    'helm-cache-purge-interval': '1m0s',
    'ssh-kex-algos': '',
    'ssh-hostkey-algos': '',
  },
  'kustomize-controller': {
    ...{ ...everywhere, ...events, ...concurrent(4), ...selector, ...jitter, ...dependency },
    ...{ ...references, ...download, ...remotes },
    'concurrent-ssa': '4',
    'no-remote-bases': 'false',
    'default-decryption-service-account': '',
    'sops-age-secret': '',
    'sops-vault-configmap': '',
    'custom-apply-stage-kinds': '',
  },
  'helm-controller': {
    ...{ ...everywhere, ...events, ...concurrent(4), ...selector, ...jitter, ...dependency },
    ...{ ...references, ...download, ...remotes },
    'graceful-shutdown-timeout': '10m0s',
    'http-timeout': '30s',
    'snapshot-digest-algo': 'sha256',
    'oom-watch-memory-threshold': '95',
    'oom-watch-interval': '500ms',
    'oom-watch-max-memory-path': '',
    'oom-watch-current-memory-path': '',
  },
  'notification-controller': {
    ...{ ...everywhere, ...concurrent(4), ...references },
    'events-addr': ':9090',
    receiverAddr: ':9292',
    'rate-limit-interval': '5m0s',
    'export-http-path-metrics': 'false',
  },
  'image-reflector-controller': {
    ...{ ...everywhere, ...events, ...concurrent(4), ...selector, ...dependency, ...references },
    'storage-path': '/data',
    'storage-value-log-file-size': '268435456',
    'storage-compression-threshold': '64',
    'gc-interval': '10',
  },
  'image-automation-controller': {
    ...{ ...everywhere, ...events, ...concurrent(4), ...selector, ...references },
    'ssh-kex-algos': '',
    'ssh-hostkey-algos': '',
  },
};

/** Values that have no default to repeat, or whose default cannot be used here. */
const values: Defaults = {
  'events-addr': 'http://127.0.0.1:9/',
  'enable-leader-election': 'true',
  'leader-election-lease-duration': '4s',
  'leader-election-renew-deadline': '3s',
  'leader-election-retry-period': '500ms',
  'watch-label-selector': '!sharding.fluxcd.io/key',
  'override-manager': 'an-editor',
  'ssh-kex-algos': 'curve25519-sha256',
  'ssh-hostkey-algos': 'ssh-ed25519',
  'custom-apply-stage-kinds': 'rbac.authorization.k8s.io/Role',
  'sops-age-secret': 'age',
  'sops-vault-configmap': 'vaults',
};
/** Addresses are chosen by the suite; gates are on trial elsewhere; these need a gate that is off. */
const left = new Set(['metrics-addr', 'health-addr', 'feature-gates']);
const gated = /^default-(service-account|kubeconfig-service-account|decryption-service-account)$/;

/** The program's `--help` as flag to default. */
async function readHelp(context: Context, name: ControllerName): Promise<Defaults> {
  const program = await context.start({ name, command: process.execPath, args: [mainOf(name), '--help'] });
  assert.equal((await program.exited).code, 0);
  const text = await readFile(program.logFile, 'utf8');
  const flags: Defaults = {};
  for (const [, flag, description = ''] of text.matchAll(/^ +--([A-Za-z-]+).*\n +(.*)$/gm)) {
    flags[flag!] = /\(default (.*?)(?:, variable \w+)?\)$/.exec(description)?.[1] ?? '';
  }
  return flags;
}

const help: Case<Shared> = {
  name:
    'RTM-346, RTM-347, RTM-348, RTM-349, RTM-350, RTM-351, RTM-352, RTM-353, RTM-354, RTM-355, RTM-356, RTM-357, RTM-358, ' +
    'RTM-359, RTM-360, RTM-361, RTM-362, RTM-363, RTM-364, RTM-365, RTM-366, RTM-367, RTM-368, RTM-369, RTM-370: ' +
    'each program has the flags of its kind, with their defaults, and no others',
  async run(context) {
    for (const name of controllerNames) {
      const sorted = (flags: Defaults) => Object.entries(flags).sort(([a], [b]) => (a < b ? -1 : 1));
      assert.deepEqual(sorted(await readHelp(context, name)), sorted(declared[name]), name);
    }
  },
};

const unknown: Case<Shared> = {
  name: 'RTM-266: an unknown flag ends each program with 2 and names the flag',
  async run(context) {
    for (const name of controllerNames) {
      const args = [mainOf(name), '--no-such-flag=1'];
      const program = await context.start({ name, command: process.execPath, args });
      assert.equal((await program.exited).code, 2, name);
      assert.match(await program.logTail(), /unknown flag: --no-such-flag/);
    }
  },
};

/** Starts a program with each of its flags on the command line, and looks at every endpoint of it. */
const starts = (name: ControllerName): Case<Shared> => ({
  name:
    'RTM-257, RTM-361, RTM-403, RTM-436, RTM-438, RTM-474, RTM-475: ' +
    `${name} with every flag given serves probes and metrics, and leads`,
  async run(context, { client }) {
    const [storage, receiver, listener] = await freePorts(3);
    const own: Defaults = {
      ...values,
      'storage-path': context.folder,
      'storage-addr': `127.0.0.1:${storage}`,
      'storage-adv-addr': `127.0.0.1:${storage}`,
      receiverAddr: `127.0.0.1:${receiver}`,
      ...(name === 'notification-controller' && { 'events-addr': `127.0.0.1:${listener}` }),
    };
    const args = Object.entries(declared[name])
      .filter(([flag]) => !left.has(flag) && !gated.test(flag))
      .map(([flag, value]) => `--${flag}=${own[flag] ?? value}`);
    const controller = await startController(context, name, args);
    assert.equal(await controller.probe('/healthz'), 200);
    assert.equal(await controller.probe('/readyz'), 200);
    const lease = await leaseOf(client, name, own, context.signal);
    assert.ok(lease.spec.holderIdentity);
    assert.equal(lease.spec.leaseDurationSeconds, 4);
    await waitFor(
      'the metrics to tell that it leads',
      async () =>
        new RegExp(`^leader_election_master_status\\{name="${lease.metadata.name}"\\} 1$`, 'm').test(
          await controller.metrics(),
        ),
      { signal: context.signal },
    );
    assert.match(await controller.metrics(), /^rest_client_requests_total\{/m);
    const lines = (await readFile(join(context.folder, `${name}.log`), 'utf8')).trim().split('\n');
    for (const line of lines) assert.ok((JSON.parse(line) as { level: string }).level, line);
    assert.deepEqual(await controller.program.stop(), { code: 0, signal: null });
    assert.equal(
      (await leaseOf(client, name, own, context.signal, '')).spec.holderIdentity,
      '',
      'the lease is given up',
    );
  },
});

type Lease = KubeObject & { spec: { holderIdentity: string; leaseDurationSeconds: number } };

/** The lease of a program, once it is (or is no more) held. Its name ends with a hash where there is a selector. */
async function leaseOf(
  client: KubeClient,
  name: ControllerName,
  flags: Defaults,
  signal: AbortSignal,
  holder?: string,
): Promise<Lease> {
  const sharded = 'watch-label-selector' in declared[name] && flags['watch-label-selector'] !== '';
  const pattern = new RegExp(`^${name}-leader-election${sharded ? '-[0-9a-f]{8}' : ''}$`);
  return waitFor(
    `the lease of ${name}`,
    async () =>
      (await client.list<Lease>(kinds.leases, { namespace })).items.find(
        ({ metadata, spec }) =>
          pattern.test(metadata.name) && (holder === undefined ? spec.holderIdentity : spec.holderIdentity === holder),
      ),
    { signal },
  );
}

export default suite<Shared>('flags', [help, unknown, ...controllerNames.map(starts)], {
  async setup(context) {
    const client = await connect(context);
    await installToolkit(client, context.signal);
    return { client };
  },
});
