import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { createRepository, startGitServer, type GitServer, type TestRepository } from '@gitops-toolkit/git/testing';
import { conditions, isReady, startController, type TestController } from '../testing/controller.ts';

let kube: EmbeddedKube;
let git: GitServer;
let controller: TestController;
const repositories: TestRepository[] = [];

async function serve(name: string, branch = 'master'): Promise<TestRepository> {
  const repository = await createRepository({ branch });
  repositories.push(repository);
  git.serve(name, repository.directory);
  return repository;
}

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGitServer({ repositories: {} });
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml });
});

afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
  for (const repository of repositories) await repository.remove();
});

test('a repository becomes an artifact', async () => {
  const repository = await serve('app');
  const commit = await repository.commit({ 'a.yaml': 'a: 1\n' }, { message: 'First' });
  await controller.create('app', { url: `${git.url}/app` });
  const object = await controller.until('app', isReady);
  expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
  expect(object.status!.artifact!.revision).toBe(`master@sha1:${commit}`);
  expect(await controller.files(object)).toEqual({ 'a.yaml': 'a: 1\n' });
});
