import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { GitRepositoryRef } from '@gitops-toolkit/api';
import { condition, hasFailed, isReady, startController, type TestController } from '../testing/controller.ts';
import { startGit, type TestGit } from '../testing/repositories.ts';

let kube: EmbeddedKube;
let git: TestGit;
let controller: TestController;
let url: string;
/** Commits by what they are for. */
const commits: Record<string, string> = {};

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGit();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, args: ['--concurrent=4'] });

  const repository = await git.repository('app');
  url = repository.url;
  commits.first = await repository.commit({ 'file.txt': 'first' });
  await repository.tag('v0.1.0');
  commits.second = await repository.commit({ 'file.txt': 'second' });
  await repository.tag('v0.2.0', { message: 'Annotated' });
  await repository.tag('not-a-version');
  commits.master = await repository.commit({ 'file.txt': 'master' });
  await repository.branch('feature/x');
  commits.feature = await repository.commit({ 'file.txt': 'feature' });
  await repository.git('update-ref', 'refs/pull/420/head', 'HEAD');
});
afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
});

const cases: [string, GitRepositoryRef | undefined, string, string][] = [
  ['SRC-266: the default branch is master', undefined, 'master', 'master'],
  ['SRC-267: a branch', { branch: 'feature/x' }, 'feature/x', 'feature'],
  ['SRC-268: a lightweight tag', { tag: 'v0.1.0' }, 'v0.1.0', 'first'],
  ['SRC-268: an annotated tag, by its commit', { tag: 'v0.2.0' }, 'v0.2.0', 'second'],
  ['SRC-269, SRC-270: the highest version in a range', { semver: '>=0.1.0' }, 'v0.2.0', 'second'],
  ['SRC-270: below an upper bound', { semver: '<0.2.0' }, 'v0.1.0', 'first'],
  ['SRC-272: a branch by its full name', { name: 'refs/heads/feature/x' }, 'refs/heads/feature/x', 'feature'],
  ['SRC-274: a pull request', { name: 'refs/pull/420/head' }, 'refs/pull/420/head', 'feature'],
  ['SRC-265, SRC-275: a commit of a branch', { branch: 'master', commit: 'first' }, 'master', 'first'],
  ['SRC-265: a tag before a version range', { tag: 'v0.1.0', semver: '*' }, 'v0.1.0', 'first'],
];

test.each(cases)('%s', async (title, given, name, content) => {
  const object = `case-${cases.findIndex(([candidate]) => candidate === title)}`;
  const ref = given?.commit === undefined ? given : { ...given, commit: commits[given.commit]! };
  await controller.create(object, { url, ref });
  const found = await controller.until(object, isReady);
  expect(found.status!.artifact).toMatchObject({
    revision: `${name}@sha1:${commits[content]}`,
    path: `gitrepository/default/${object}/${commits[content]}.tar.gz`,
  });
  expect(await controller.files(found)).toEqual({ 'file.txt': content });

  // Whatever the reference: nothing new, nothing done.
  const before = git.requests.length;
  const again = await controller.request(object);
  expect(git.requests.length - before).toBe(1);
  expect(again.status!.artifact).toEqual(found.status!.artifact);
  await controller.event(object, ({ reason }) => reason === 'GitOperationSucceeded');
});

test('SRC-275: a commit without a branch has a revision without a name', async () => {
  await controller.create('bare-commit', { url, ref: { commit: commits.second! } });
  const { status } = await controller.until('bare-commit', isReady);
  expect(status!.artifact!.revision).toBe(`sha1:${commits.second}`);
});

test('SRC-502: a commit of another branch is not found', async () => {
  await controller.create('elsewhere', { url, ref: { branch: 'master', commit: commits.feature! } });
  const object = await controller.until('elsewhere', hasFailed);
  expect(condition(object, 'FetchFailed')).toMatchObject({
    reason: 'GitOperationFailed',
    message: expect.stringContaining('object not found'),
  });
});

test('SRC-271: a range that no version is in, and one that is none', async () => {
  await controller.create('no-version', { url, ref: { semver: '>=1.0.0' } });
  const none = await controller.until('no-version', hasFailed);
  expect(condition(none, 'FetchFailed')!.message).toContain('no match found for semver: >=1.0.0');
  await controller.patch('no-version', { spec: { ref: { semver: 'newest' } } });
  const wanted = 'semver parse error: improper constraint';
  await controller.until('no-version', (object) => condition(object, 'FetchFailed')!.message.includes(wanted));
});
