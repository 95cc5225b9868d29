import { mkdir, mkdtemp, readdir, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import {
  condition,
  conditions,
  hasFailed,
  isReady,
  startController,
  type TestController,
} from '../testing/controller.ts';
import { startGit, type TestGit } from '../testing/repositories.ts';

let kube: EmbeddedKube;
let git: TestGit;
let storage: string;
let controller: TestController;

const start = async (...args: string[]) => {
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, storage, args });
};

beforeEach(async () => {
  kube = await startEmbeddedKube();
  git = await startGit();
  storage = await mkdtemp(join(tmpdir(), 'storage-'));
});
afterEach(async () => {
  await controller.stop();
  await git.close();
  await kube.close();
  await rm(storage, { recursive: true, force: true });
});

async function createApp() {
  const repository = await git.repository('app');
  await repository.commit({ 'a.yaml': '1' });
  await controller.create('app', { url: repository.url });
  const object = await controller.until('app', isReady);
  return { repository, object, artifact: object.status!.artifact! };
}

const good = ['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded'];
const newArtifacts = () => controller.events('app').filter((text) => text === 'Normal NewArtifact').length;

test('SRC-177, SRC-209, SRC-210, SRC-531: a corrupted file is noticed, reported and replaced', async () => {
  await start();
  const { artifact } = await createApp();
  await writeFile(join(storage, artifact.path), 'corrupt');
  const object = await controller.request('app');
  expect(conditions(object)).toEqual(good);
  expect(object.status!.artifact).toMatchObject({ digest: artifact.digest, revision: artifact.revision });
  expect(await controller.files(object)).toEqual({ 'a.yaml': '1' });
  const event = await controller.event('app', ({ reason }) => reason === 'ArtifactVerificationFailed');
  expect(event).toMatchObject({
    type: 'Warning',
    message: `failed to verify integrity of artifact: computed digest doesn't match '${artifact.digest}'`,
  });
});

test('SRC-99, SRC-180, SRC-208, SRC-211, SRC-530: a file that is gone is made again, which is no news', async () => {
  await start();
  const { artifact } = await createApp();
  await controller.event('app', ({ reason }) => reason === 'NewArtifact');
  await rm(join(storage, artifact.path));
  const noticed = controller.until(
    'app',
    (object) => condition(object, 'Ready')?.status === 'Unknown' && object.status?.artifact === undefined,
  );
  const object = await controller.request('app');
  expect(condition(await noticed, 'Reconciling')!.message).toBe('building artifact: disappeared from storage');
  expect(conditions(object)).toEqual(good);
  expect(object.status!.artifact).toMatchObject({ digest: artifact.digest, revision: artifact.revision });
  // A later event tells that none is still on its way.
  await controller.request('app');
  await controller.event('app', ({ reason }) => reason === 'GitOperationSucceeded');
  expect(newArtifacts()).toBe(1);
});

test('SRC-181, SRC-212, SRC-482: after a restart on the same storage nothing is fetched, only the address is brought up to date', async () => {
  await start();
  const { artifact } = await createApp();
  await controller.stop();
  const before = git.requests.length;
  await start('--storage-adv-addr=artifacts.example.com');
  const url = `http://artifacts.example.com/${artifact.path}`;
  const object = await controller.until('app', ({ status }) => status?.artifact?.url === url);
  expect(object.status!.artifact).toEqual({ ...artifact, url });
  expect(conditions(object)).toEqual(good);
  // The server may have to be asked what it can do, once per process.
  expect(git.requests.slice(before).filter(({ method }) => method === 'POST')).toHaveLength(1);
});

test('SRC-180, SRC-382: after a restart on empty storage the same artifact is made again', async () => {
  await start();
  const { artifact } = await createApp();
  await controller.event('app', ({ reason }) => reason === 'NewArtifact');
  await controller.stop();
  await rm(join(storage, 'gitrepository'), { recursive: true });
  await rm(join(storage, '.git-objects'), { recursive: true });
  await start();
  const object = await controller.until(
    'app',
    (found) => isReady(found) && !found.status!.artifact!.url.startsWith(artifact.url.slice(0, 22)),
  );
  expect(object.status!.artifact).toMatchObject({ digest: artifact.digest, path: artifact.path });
  expect(await controller.files(object)).toEqual({ 'a.yaml': '1' });
  await controller.request('app');
  await controller.event('app', ({ reason }) => reason === 'GitOperationSucceeded');
  expect(newArtifacts()).toBe(1);
});

test('SRC-127, SRC-136: an artifact directory that cannot be made, and recovery', async () => {
  await start();
  const obstacle = join(storage, 'gitrepository');
  await writeFile(obstacle, 'a file where a directory should be');
  const repository = await git.repository('app');
  await repository.commit({ 'a.yaml': '1' });
  await controller.create('app', { url: repository.url });
  const object = await controller.until('app', hasFailed);
  expect(conditions(object)).toEqual([
    'Reconciling=True ProgressingWithRetry',
    'Ready=False DirectoryCreationFailed',
    'StorageOperationFailed=True DirectoryCreationFailed',
  ]);
  expect(condition(object, 'Ready')!.message).toContain('failed to create artifact directory:');
  await rm(obstacle);
  expect(conditions(await controller.until('app', isReady))).toEqual(good);
});

test('what a killed process was working on is removed', async () => {
  await mkdir(join(storage, '.work/gitrepository-killed/tree'), { recursive: true });
  await start();
  await createApp();
  expect(await readdir(join(storage, '.work'))).toEqual([]);
});

test('SRC-389: an artifact recorded in the directory of another object is not touched, and replaced by one of its own', async () => {
  await start();
  const { artifact } = await createApp();
  const other = await git.repository('other');
  await other.commit({ 'b.yaml': '1' });
  await controller.create('other', { url: other.url });
  await controller.until('other', isReady);
  await controller.patchStatus('other', { artifact });
  const object = await controller.request('other');
  expect(object.status!.artifact!.path).toMatch(/^gitrepository\/default\/other\//);
  expect((await fetch(artifact.url)).status).toBe(200);
});

test('SRC-173, SRC-393, SRC-472: old artifacts are collected, the last two stay', async () => {
  await start();
  const { repository } = await createApp();
  for (const content of ['2', '3', '4']) {
    await repository.commit({ 'a.yaml': content });
    await controller.request('app');
  }
  const { status } = await controller.request('app');
  const names = await readdir(join(storage, 'gitrepository/default/app'));
  const artifacts = names.filter((name) => name.endsWith('.tar.gz'));
  expect(artifacts).toHaveLength(2);
  expect(artifacts).toContain(status!.artifact!.path.split('/').at(-1));
  expect(names.filter((name) => name.endsWith('.lock')).sort()).toEqual(artifacts.map((name) => `${name}.lock`).sort());
  const event = await controller.event('app', ({ reason }) => reason === 'GarbageCollectionSucceeded');
  expect(event).toMatchObject({ type: 'Normal', message: 'garbage collected 1 artifacts' });
});
