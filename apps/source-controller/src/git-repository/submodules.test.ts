import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import type { TestRepository } from '@gitops-toolkit/git/testing';
import { condition, hasFailed, isReady, startController, type TestController } from '../testing/controller.ts';
import { startGit, type TestGit } from '../testing/repositories.ts';

const auth = { username: 'ada', password: 's3cret' };
let kube: EmbeddedKube;
let git: TestGit;
let controller: TestController;

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGit({ auth });
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml });
  await controller.secret('git', auth);
});
afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
});

/** Commits a submodule in `lib/`. */
async function commitModule(repository: TestRepository, url: string, commit: string): Promise<string> {
  await repository.commit({ '.gitmodules': `[submodule "lib"]\n\tpath = lib\n\turl = ${url}\n` });
  await repository.git('update-index', '--add', '--cacheinfo', `160000,${commit},lib`);
  await repository.git('commit', '--quiet', '-m', 'Submodule');
  return repository.git('rev-parse', 'HEAD');
}

const secretRef = { name: 'git' };

test('SRC-73, SRC-223, SRC-283, SRC-286: submodules become part of the artifact, and leave it again', async () => {
  const library = await git.repository('library');
  const old = await library.commit({ 'lib.yaml': 'old', 'docs/a.md': 'd' });
  await library.commit({ 'lib.yaml': 'new' });
  const app = await git.repository('app');
  await app.commit({ 'app.yaml': 'a' });
  const commit = await commitModule(app, '../library', old);

  await controller.create('app', { url: app.url, secretRef });
  const without = await controller.until('app', isReady);
  expect(await controller.files(without)).toEqual({ 'app.yaml': 'a' });
  expect(without.status!.observedRecurseSubmodules).toBeUndefined();

  await controller.patch('app', { spec: { recurseSubmodules: true } });
  const object = await controller.until('app', (found) => isReady(found) && found.metadata.generation === 2);
  expect(object.status!.artifact!.revision).toBe(`master@sha1:${commit}`);
  expect(object.status!.observedRecurseSubmodules).toBe(true);
  expect(await controller.files(object)).toEqual({ 'app.yaml': 'a', 'lib/lib.yaml': 'old', 'lib/docs/a.md': 'd' });
  // Then there is nothing to do.
  const requests = git.requests.length;
  expect((await controller.request('app')).status!.artifact).toEqual(object.status!.artifact);
  expect(git.requests.length - requests).toBe(1);

  await controller.patch('app', { spec: { recurseSubmodules: false } });
  const again = await controller.until('app', (found) => isReady(found) && found.metadata.generation === 3);
  expect(again.status!.artifact!.digest).toBe(without.status!.artifact!.digest);
  expect(again.status!.observedRecurseSubmodules).toBeUndefined();
});

test('SRC-285: together with a sparse checkout', async () => {
  const library = await git.repository('sparse-library');
  const oid = await library.commit({ 'lib.yaml': '1', 'docs/a.md': 'd' });
  const app = await git.repository('sparse');
  await app.commit({ 'app.yaml': 'a' });
  await commitModule(app, '../sparse-library', oid);
  await controller.create('sparse', { url: app.url, secretRef, recurseSubmodules: true, sparseCheckout: ['lib/docs'] });
  expect(await controller.files(await controller.until('sparse', isReady))).toEqual({ 'lib/docs/a.md': 'd' });
});

test('SRC-117, SRC-284: one that fails fails the checkout, and the artifact that was there stays', async () => {
  const app = await git.repository('broken');
  await app.commit({ 'app.yaml': 'a' });
  await controller.create('broken', { url: app.url, secretRef, recurseSubmodules: true });
  const { status } = await controller.until('broken', isReady);
  await commitModule(app, '../not-there', '1'.repeat(40));
  await controller.request('broken');
  const object = await controller.until('broken', hasFailed);
  const { reason, message } = condition(object, 'FetchFailed')!;
  expect(reason).toBe('GitOperationFailed');
  expect(message).toMatch(/^failed to checkout and determine revision: .*submodule 'lib': .*repository not found/);
  expect(object.status!.artifact).toEqual(status!.artifact);
});
