import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type { GitRepository } from '@gitops-toolkit/api';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { commonFlags, runProgram } from '@gitops-toolkit/runtime';
import { sourceController } from './program.ts';
import { condition, isReady, startController } from './testing/controller.ts';
import { freePort, runProcess } from './testing/program.ts';
import { startGit } from './testing/repositories.ts';

let scratch: string;
beforeAll(async () => {
  scratch = await mkdtemp(join(tmpdir(), 'source-controller-'));
  const cluster = { name: 'c', cluster: { server: `http://127.0.0.1:${await freePort()}` } };
  const context = { name: 'c', context: { cluster: 'c' } };
  const config = { apiVersion: 'v1', kind: 'Config', clusters: [cluster], contexts: [context], 'current-context': 'c' };
  await writeFile(join(scratch, 'kubeconfig'), JSON.stringify(config));
});
afterAll(() => rm(scratch, { recursive: true, force: true }));

/** Runs the program in this process until it ends by itself. */
async function run(...args: string[]): Promise<{ code: number; output: string }> {
  let output = '';
  const code = await runProgram(sourceController, {
    args: ['--metrics-addr=127.0.0.1:0', '--health-addr=127.0.0.1:0', ...args],
    env: { KUBECONFIG: join(scratch, 'kubeconfig') },
    stderr: { write: (text) => (output += text) },
    signal: AbortSignal.timeout(10_000),
  });
  return { code, output };
}

test('SRC-430, SRC-431, SRC-433, SRC-435, SRC-436, SRC-438, SRC-439, SRC-440: flags, with their defaults', async () => {
  const { code, output } = await run('--help');
  expect(code).toBe(0);
  const flags = Object.fromEntries(
    [...output.matchAll(/^ +--(\S+)[^\n]*\n([^\n]*)/gm)].map(([, name, text]) => [
      name,
      /\(default ([^,)]*)/.exec(text!)?.[1],
    ]),
  );
  expect(flags).toMatchObject({
    concurrent: '2',
    'storage-path': '/data',
    'storage-addr': ':9090',
    'artifact-retention-ttl': '1m0s',
    'artifact-retention-records': '2',
    'artifact-digest-algo': 'sha256',
    'metrics-addr': ':8080',
  });
  const expected = [
    ...Object.keys(commonFlags),
    'storage-adv-addr',
    'ssh-kex-algos',
    'ssh-hostkey-algos',
    'helm-cache-ttl',
  ];
  const absent = ['no-cross-namespace-refs', 'http-retry'];
  expect(Object.keys(flags)).toEqual(expect.arrayContaining(expected.filter((name) => !absent.includes(name))));
  for (const name of absent) expect(flags).not.toHaveProperty(name);
});

test('an unknown flag ends the program with 2', async () => {
  const { code, output } = await run('--nope');
  expect(code).toBe(2);
  expect(output).toContain('unknown flag: --nope');
});

test.each([
  ['SRC-367: a storage directory that is not there', ['--storage-path=/no/such/dir'], 'invalid dir path: /no/such/dir'],
  [
    'SRC-371, SRC-483: a bind address without port',
    ['--storage-addr=invalid-address'],
    "invalid storage address 'invalid-address'",
  ],
  ['SRC-387: an unknown digest algorithm', ['--artifact-digest-algo=md5'], "unsupported digest algorithm 'md5'"],
  [
    'SRC-418: a default service account without its gate',
    ['--default-service-account=x'],
    'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
  ],
  ['SRC-452: an unknown feature gate', ['--feature-gates=Nope=true'], "feature gate 'Nope'"],
  ['SRC-444: jitter of 100 percent', ['--interval-jitter-percentage=100'], '--interval-jitter-percentage'],
])('%s ends the program with 1', async (_title, args, text) => {
  const { code, output } = await run(`--storage-path=${scratch}`, ...args);
  expect(code).toBe(1);
  expect(output).toContain(text);
});

test('SRC-455: the former gate of optimised clones is still accepted', async () => {
  const { output } = await run(`--storage-path=/no/such/dir`, '--feature-gates=OptimizedGitClones=false');
  expect(output).toContain('invalid dir path');
  expect(output).not.toContain('not supported');
});

test('SRC-456: an address that is taken ends the program with 1', async () => {
  const taken = createServer();
  await new Promise<void>((listening) => taken.listen(0, '127.0.0.1', listening));
  const { port } = taken.address() as { port: number };
  const { code, output } = await run(`--storage-path=${scratch}`, `--storage-addr=127.0.0.1:${port}`);
  expect(code).toBe(1);
  expect(output).toContain('cannot serve artifacts at');
  await new Promise((closed) => taken.close(closed));
});

describe('the program itself', () => {
  test('SRC-456, SRC-461: serves artifacts and probes, and stops on SIGTERM', async () => {
    const [storage, health] = [await freePort(), await freePort()];
    const kubeconfig = join(scratch, 'kubeconfig');
    const addresses = [`--storage-addr=127.0.0.1:${storage}`, `--health-addr=127.0.0.1:${health}`];
    const args = [`--storage-path=${scratch}`, '--metrics-addr=127.0.0.1:0', ...addresses];
    const lines: string[] = [];
    const program = runProcess({ args, kubeconfig, onLine: (line) => lines.push(line) });
    try {
      expect(await answers(`http://127.0.0.1:${health}/healthz`)).toBe(200);
      expect(await answers(`http://127.0.0.1:${storage}/`)).toBe(200);
      program.stop();
      expect(await program.ended).toBe(0);
      expect(lines.join('\n')).toContain('shutting down');
    } finally {
      program.kill();
    }
  });

  test('killed at any moment and started again it carries on', async () => {
    const kube = await startEmbeddedKube();
    const git = await startGit();
    const storage = await mkdtemp(join(scratch, 'storage-'));
    const start = () => startController({ kubeconfigYaml: kube.kubeconfigYaml, storage, process: true });
    let controller = await start();
    try {
      const repository = await git.repository('app');
      await repository.commit({ 'a.yaml': '1' });
      await controller.create('app', { url: repository.url, interval: '100ms' });
      await controller.until('app', isReady);
      // In the middle of nothing, and of a change that it has announced.
      for (const when of ['idle', 'ArtifactOutdated']) {
        const commit = await repository.commit({ 'a.yaml': when });
        const isThere = (object: GitRepository) => object.status!.artifact!.revision === `master@sha1:${commit}`;
        if (when === 'ArtifactOutdated')
          await controller.until('app', (object) => condition(object, when) !== undefined || isThere(object));
        await controller.kill();
        controller = await start();
        const object = await controller.until('app', (found) => isReady(found) && isThere(found));
        expect(await controller.files(object)).toEqual({ 'a.yaml': when });
      }
    } finally {
      await controller.kill();
      await git.close();
      await kube.close();
    }
  });
});

/** The status of an answer, once there is one. */
async function answers(url: string): Promise<number> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    try {
      return (await fetch(url)).status;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await new Promise((resolve) => setImmediate(resolve));
    }
  }
}
