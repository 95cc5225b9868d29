import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import {
  condition,
  conditions,
  hasFailed,
  isReady,
  startController,
  type TestController,
} from '../testing/controller.ts';
import { freePort } from '../testing/program.ts';
import { startGit, type TestGit } from '../testing/repositories.ts';

let kube: EmbeddedKube;
let git: TestGit;
let controller: TestController;

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGit();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, args: ['--concurrent=4'] });
});
afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
});

/** Conditions of a failure that is tried again. */
const retried = (reason: string) => [
  'Reconciling=True ProgressingWithRetry',
  `Ready=False ${reason}`,
  `FetchFailed=True ${reason}`,
];
/** Conditions of a failure that only another spec helps against. */
const stalled = (reason: string) => [`Stalled=True ${reason}`, `Ready=False ${reason}`, `FetchFailed=True ${reason}`];

describe('what is wrong is said, by the condition and by an event', () => {
  test('SRC-117, SRC-176, SRC-197, SRC-278: a host that cannot be reached', async () => {
    const url = `http://127.0.0.1:${await freePort()}/app`;
    await controller.create('unreachable', { url });
    const object = await controller.until('unreachable', hasFailed);
    expect(conditions(object)).toEqual(retried('GitOperationFailed'));
    const message = `failed to checkout and determine revision: unable to list remote for '${url}'`;
    expect(condition(object, 'Ready')!.message).toContain(message);
    expect(condition(object, 'FetchFailed')!.message).toBe(condition(object, 'Ready')!.message);
    // The generation is not done with.
    expect(object.status!.observedGeneration).toBe(-1);
    const event = await controller.event('unreachable', ({ reason }) => reason === 'GitOperationFailed');
    expect(event).toMatchObject({ type: 'Warning', message: condition(object, 'Ready')!.message });
  });

  test('SRC-277: a branch that does not exist', async () => {
    const repository = await git.repository('branchless');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('branchless', { url: repository.url, ref: { branch: 'nope' } });
    const object = await controller.until('branchless', hasFailed);
    expect(conditions(object)).toEqual(retried('GitOperationFailed'));
    expect(condition(object, 'Ready')!.message).toContain(`couldn't find remote ref "refs/heads/nope"`);
  });

  test('SRC-118, SRC-279: a repository without commits', async () => {
    const repository = await git.repository('empty');
    await controller.create('empty', { url: repository.url });
    const object = await controller.until('empty', hasFailed);
    expect(conditions(object)).toEqual(retried('EmptyGitRepository'));
    expect(condition(object, 'Ready')!.message).toContain('git repository is empty');
  });

  test('SRC-278: a repository that does not exist', async () => {
    await controller.create('missing', { url: `${git.url}/no-such-repository` });
    const object = await controller.until('missing', hasFailed);
    expect(conditions(object)).toEqual(retried('GitOperationFailed'));
    expect(condition(object, 'Ready')!.message).toContain('repository not found');
  });

  test('SRC-276, SRC-502: a commit that is not a full hash', async () => {
    const repository = await git.repository('abbreviated');
    const commit = await repository.commit({ 'a.yaml': '1' });
    await controller.create('abbreviated', { url: repository.url, ref: { commit: commit.slice(0, 10) } });
    const object = await controller.until('abbreviated', hasFailed);
    expect(conditions(object)).toEqual(retried('GitOperationFailed'));
    const text = `unable to resolve commit object for '${commit.slice(0, 10)}': object not found`;
    expect(condition(object, 'Ready')!.message).toContain(text);
  });

  test('SRC-108, SRC-200, SRC-426: a URL that is none stalls, and its password is not repeated', async () => {
    await controller.create('no-url', { url: 'https://ada:s3cret@exa mple.com/app' });
    const object = await controller.until('no-url', hasFailed);
    expect(conditions(object)).toEqual(stalled('URLInvalid'));
    expect(condition(object, 'Ready')!.message).toContain(`failed to parse url 'https://ada:***@exa mple.com/app'`);
    await controller.until('no-url', ({ status }) => status?.observedGeneration === 1);
    await controller.event('no-url', ({ type, reason }) => type === 'Warning' && reason === 'URLInvalid');
    expect(JSON.stringify([object.status, controller.logs])).not.toContain('s3cret');
  });

  test('SRC-109: a Secret that does not exist', async () => {
    const repository = await git.repository('secretless');
    await controller.create('secretless', { url: repository.url, secretRef: { name: 'nowhere' } });
    const object = await controller.until('secretless', hasFailed);
    expect(conditions(object)).toEqual(retried('AuthenticationFailed'));
    expect(condition(object, 'Ready')!.message).toContain(`failed to get secret 'default/nowhere'`);
  });

  test('SRC-107: a proxy Secret that does not exist, or says nothing', async () => {
    await controller.create('proxy', { url: `${git.url}/any`, proxySecretRef: { name: 'no-proxy' } });
    const missing = await controller.until('proxy', hasFailed);
    expect(conditions(missing)).toEqual(retried('AuthenticationFailed'));
    const prefix = 'failed to configure proxy options:';
    expect(condition(missing, 'Ready')!.message).toBe(`${prefix} secret 'default/no-proxy' not found`);
    await controller.secret('no-proxy', { username: 'ada' });
    await controller.until('proxy', (object) =>
      condition(object, 'Ready')!.message.includes("key 'address' not found"),
    );
    await controller.remove('proxy');
  });

  test('SRC-215: a server that does not answer', async () => {
    const slow = await startGit();
    try {
      const repository = await slow.repository('slow');
      slow.fault({ kind: 'hang' });
      await controller.create('slow', { url: repository.url, timeout: '100ms' });
      const object = await controller.until('slow', hasFailed);
      expect(conditions(object)).toEqual(retried('GitOperationFailed'));
      expect(condition(object, 'Ready')!.message).toContain('deadline of 0.1s exceeded');
      await controller.remove('slow');
    } finally {
      await slow.close();
    }
  });

  test('hosts that do not answer delay nobody else', async () => {
    const silent = await startGit();
    try {
      silent.fault({ kind: 'hang' });
      // More than there are workers.
      const names = ['silent-1', 'silent-2', 'silent-3', 'silent-4', 'silent-5'];
      for (const name of names) await controller.create(name, { url: `${silent.url}/${name}` });
      for (const name of names)
        await controller.until(name, (object) => condition(object, 'Reconciling')?.message === 'building artifact');
      const repository = await git.repository('undelayed');
      await repository.commit({ 'a.yaml': '1' });
      await controller.create('undelayed', { url: repository.url });
      await controller.until('undelayed', isReady);
    } finally {
      await silent.close();
    }
  });

  test('what this version cannot do is refused', async () => {
    const repository = await git.repository('unsupported');
    await controller.create('unsupported', { url: repository.url, provider: 'azure' });
    const object = await controller.until('unsupported', hasFailed);
    expect(conditions(object)).toEqual(stalled('Unsupported'));
    expect(condition(object, 'Ready')!.message).toContain(`spec.provider 'azure'`);
    expect(git.requests.filter(({ url }) => url.includes('/unsupported'))).toEqual([]);
  });

  test('SRC-115: a GitHub App without the provider', async () => {
    await controller.secret('github', { githubAppID: '1' });
    await controller.create('github', { url: `${git.url}/any`, secretRef: { name: 'github' } });
    const object = await controller.until('github', hasFailed);
    expect(conditions(object)).toEqual(retried('InvalidProviderConfiguration'));
    expect(condition(object, 'Ready')!.message).toContain(`'default/github' has github app data`);
  });
});

describe('recovery', () => {
  test('SRC-168, SRC-533: the artifact survives an outage, and its end is told once', async () => {
    const own = await startGit();
    try {
      const repository = await own.repository('outage');
      await repository.commit({ 'a.yaml': '1' });
      await controller.create('outage', { url: repository.url, interval: '50ms' });
      const before = await controller.until('outage', isReady);
      own.fault({ kind: 'status', status: 503 });
      const failed = await controller.until('outage', hasFailed);
      expect(conditions(failed)).toEqual([
        ...retried('GitOperationFailed').slice(0, 2),
        'ArtifactInStorage=True Succeeded',
        'FetchFailed=True GitOperationFailed',
      ]);
      expect(failed.status!.artifact).toEqual(before.status!.artifact);
      expect(await controller.files(failed)).toEqual({ 'a.yaml': '1' });
      own.fault(undefined);
      const after = await controller.until('outage', isReady);
      expect(conditions(after)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
      const { revision } = after.status!.artifact!;
      const event = await controller.event('outage', ({ reason }) => reason === 'Succeeded');
      expect(event).toMatchObject({ type: 'Normal', message: `stored artifact for commit '${revision}'` });
      expect(controller.events('outage').filter((text) => text === 'Normal Succeeded')).toHaveLength(1);
      await controller.patch('outage', { spec: { suspend: true } });
    } finally {
      await own.close();
    }
  });

  test('SRC-136, SRC-511: the first commit, or a corrected spec, leaves nothing of the failure', async () => {
    const repository = await git.repository('corrected');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('corrected', { url: repository.url, ref: { branch: 'nope' }, interval: '20m' });
    await controller.until('corrected', hasFailed);
    await controller.patch('corrected', { spec: { ref: { branch: 'master' } } });
    const object = await controller.until('corrected', isReady);
    expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
  });
});
