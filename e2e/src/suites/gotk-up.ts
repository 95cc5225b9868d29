/** `gotk up`, the first command of every newcomer, as a program. */
import assert from 'node:assert/strict';
import { execFile } from 'node:child_process';
import { mkdir, readdir, readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { createRepository } from '@gitops-toolkit/git/testing';
import { findBinaries } from '../../control-plane/binaries.ts';
import { waitFor, type Program } from '../processes/index.ts';
import { suite, type Case, type Context } from '../runner/suite.ts';
import { connect, kinds, namespace } from '../toolkit/index.ts';

const run = promisify(execFile);
const gotk = resolve(import.meta.dirname, '../../../apps/cli/src/main.ts');
const needsNoCluster = { real: 'it brings its own API server', existing: 'it brings its own API server' };

interface Running {
  program: Program;
  /** Everything printed so far. */
  output(): Promise<string>;
  /** Directory for its temporary files, empty before. */
  temporary: string;
}

/** Starts `gotk up` with a directory for temporary files of its own. */
async function up(context: Context, ...args: string[]): Promise<Running> {
  const temporary = join(context.folder, 'tmp');
  await mkdir(temporary);
  const program = await context.start({
    name: 'gotk',
    command: process.execPath,
    args: [gotk, 'up', ...args],
    env: { TMPDIR: temporary },
  });
  return { program, temporary, output: () => readFile(program.logFile, 'utf8') };
}

/** No scratch directory, and no process that was started from one. */
async function assertNothingLeft({ temporary }: Running, signal: AbortSignal): Promise<void> {
  assert.deepEqual(await readdir(temporary), []);
  const isLeft = async () => (await commandLines()).some((line) => line.includes(temporary));
  await waitFor('the controllers to be gone', async () => !(await isLeft()), { signal, timeoutMs: 5_000 });
}

/** Command lines of every process, where the system tells. */
async function commandLines(): Promise<string[]> {
  const ids = (await readdir('/proc').catch(() => [])).filter((name) => /^\d+$/.test(name));
  return Promise.all(ids.map((id) => readFile(`/proc/${id}/cmdline`, 'utf8').catch(() => '')));
}

/** The end of a program that is expected to end by itself. */
async function codeOf({ program }: Running): Promise<number | null> {
  return (await program.exited).code;
}

/** The path that it prints for `KUBECONFIG`, once everything is Ready. */
async function kubeconfigOf(running: Running, signal: AbortSignal): Promise<string> {
  const text = await waitFor(
    'the applications to be Ready',
    async () => {
      assert.equal(running.program.ending, undefined, 'gotk runs');
      const output = await running.output();
      const isReady = (name: string) => output.includes(`✔ Kustomization/${name} (flux-system): Applied revision`);
      return ['sample', 'infrastructure', 'shop-staging', 'shop-production'].every(isReady) && output;
    },
    { signal, timeoutMs: 60_000 },
  );
  const path = /KUBECONFIG=(\S+?)\)?$/m.exec(text)?.[1];
  assert.ok(path, text);
  return path;
}

const kubectl: Case<undefined> = {
  name: 'the kubeconfig that it prints works with kubectl, and Ctrl-C ends everything',
  timeoutMs: 120_000,
  notOn: needsNoCluster,
  async run(context) {
    const { signal } = context;
    const { kubectl: program } = await findBinaries({ signal });
    const running = await up(context);
    const kubeconfig = await kubeconfigOf(running, signal);
    const env = { ...process.env, KUBECONFIG: kubeconfig, HOME: context.folder };
    const call = async (...args: string[]) => (await run(program, args, { env, signal })).stdout;

    assert.match(await call('version'), /Client Version: v1\.35\./);
    assert.match(
      await call('get', 'kustomizations', '-n', namespace),
      /^shop-staging +\S+ +True +Applied revision: main@sha1/m,
    );
    assert.match(await call('get', 'deploy,svc,promo', '-n', 'shop-staging'), /deployment\.apps\/storefront +1\/1/);
    const manifest = join(context.folder, 'extra.yaml');
    await writeFile(manifest, 'apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: extra\ndata:\n  a: b\n');
    assert.match(await call('apply', '-f', manifest), /configmap\/extra created/);
    assert.match(await call('apply', '--server-side', '-f', manifest), /configmap\/extra serverside-applied/);
    assert.match(await call('describe', 'configmap', 'extra'), /^a:\n----\nb$/m);
    assert.match(await call('describe', 'gitrepository', 'sample', '-n', namespace), /stored artifact for commit/);
    assert.match(await call('delete', '-f', manifest), /"extra" deleted/);

    process.kill(running.program.pid, 'SIGINT');
    assert.equal(await codeOf(running), 0);
    await assertNothingLeft(running, signal);
  },
};

export default suite('gotk-up', [
  {
    name: '--once ends with 0 when the sample repository is Ready, and leaves nothing behind',
    timeoutMs: 90_000,
    notOn: needsNoCluster,
    async run(context) {
      const running = await up(context, '--once', '--timeout', '60s');
      assert.equal(await codeOf(running), 0);
      assert.match(await running.output(), /everything is Ready: \d+ objects/);
      await assertNothingLeft(running, context.signal);
    },
  },
  {
    name: '--once ends with 1 at the timeout and says what is not Ready, and why',
    notOn: needsNoCluster,
    async run(context) {
      const url = 'http://127.0.0.1:9/nowhere.git';
      const running = await up(context, '--once', '--timeout', '5s', '--repo', url, '--branch', 'main');
      assert.equal(await codeOf(running), 1);
      const output = await running.output();
      const summary = output.slice(output.indexOf('not Ready after 5 s:'));
      assert.match(summary, /^ {2}GitRepository\/nowhere in flux-system: GitOperationFailed: .*127\.0\.0\.1/m);
      assert.match(summary, /^ {2}Kustomization\/nowhere in flux-system: ArtifactFailed: /m);
      await assertNothingLeft(running, context.signal);
    },
  },
  {
    name: 'a mistake in the command line ends with 2',
    notOn: needsNoCluster,
    async run(context) {
      const running = await up(context, '--onse');
      assert.equal(await codeOf(running), 2);
      assert.match(await running.output(), /--onse/);
    },
  },
  {
    name: 'a directory is served as it is: what is committed there is applied',
    timeoutMs: 90_000,
    notOn: needsNoCluster,
    async run(context) {
      const repository = await createRepository({ directory: join(context.folder, 'mine'), branch: 'trunk' });
      const manifest = (value: string) =>
        `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: mine\n  namespace: default\ndata:\n  value: ${value}\n`;
      await repository.commit({ 'deploy/a.yaml': manifest('one') });
      const running = await up(context, '--repo', repository.directory, '--path', './deploy', '--interval', '2s');
      const shows = (text: string) =>
        waitFor(`'${text}' in the output`, async () => (await running.output()).includes(text), {
          signal: context.signal,
        });
      await shows('✔ Kustomization/mine (flux-system): Applied revision: trunk@sha1:');
      const commit = await repository.commit({ 'deploy/a.yaml': manifest('two') });
      await shows(`✔ Kustomization/mine (flux-system): Applied revision: trunk@sha1:${commit.slice(0, 8)}`);
      process.kill(running.program.pid, 'SIGTERM');
      assert.equal(await codeOf(running), 0);
      await assertNothingLeft(running, context.signal);
    },
  },
  kubectl,
  {
    name: '--kubeconfig uses a cluster, and takes everything back at the end',
    timeoutMs: 120_000,
    async run(context) {
      const { kubeconfig } = context.controlPlane;
      const running = await up(context, '--once', '--timeout', '60s', '--kubeconfig', kubeconfig);
      assert.equal(await codeOf(running), 0);
      const client = await connect(context);
      for (const name of ['shop-staging', 'shop-production']) {
        await waitFor(
          `namespace ${name} to go`,
          async () => (await client.find(kinds.namespaces, { name })) === undefined,
          { signal: context.signal },
        );
      }
      await assertNothingLeft(running, context.signal);
    },
  },
]);
