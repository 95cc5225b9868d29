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
let controller: TestController;

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGit();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml });
});
afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
});

describe('includes', () => {
  test('SRC-71, SRC-74, SRC-305, SRC-306, SRC-310, SRC-507: other artifacts become part of this one', async () => {
    const library = await git.repository('library');
    await library.commit({ 'charts/one.yaml': '1', 'other.yaml': 'x' });
    await controller.create('library', { url: library.url });
    const included = await controller.until('library', isReady);

    const app = await git.repository('app');
    const commit = await app.commit({ 'app.yaml': 'a' });
    const include = [
      { repository: { name: 'library' } },
      { repository: { name: 'library' }, fromPath: 'charts/one.yaml', toPath: 'deep/one.yaml' },
    ];
    await controller.create('app', { url: app.url, include });
    const object = await controller.until('app', isReady);
    expect(await controller.files(object)).toEqual({
      'app.yaml': 'a',
      'library/charts/one.yaml': '1',
      'library/other.yaml': 'x',
      'deep/one.yaml': '1',
    });
    expect(object.status).toMatchObject({
      artifact: { revision: `master@sha1:${commit}` },
      observedInclude: include,
      includedArtifacts: [included.status!.artifact, included.status!.artifact],
    });

    // A change of what is included is noticed at the next run.
    const before = object.status!.artifact!;
    await library.commit({ 'charts/one.yaml': '2' });
    await controller.request('library');
    const after = await controller.request('app');
    expect(after.status!.artifact!.revision).toBe(before.revision);
    expect(after.status!.artifact!.digest).not.toBe(before.digest);
    expect((await controller.files(after))['deep/one.yaml']).toBe('2');
    // And then there is nothing to do.
    const requests = git.requests.length;
    expect((await controller.request('app')).status!.artifact).toEqual(after.status!.artifact);
    expect(git.requests.length - requests).toBe(1);
  });

  test('SRC-120, SRC-121, SRC-175, SRC-199: waits for what is missing', async () => {
    const repository = await git.repository('waiting');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('waiting', { url: repository.url, include: [{ repository: { name: 'late' } }] });
    const object = await controller.until('waiting', (found) => condition(found, 'IncludeUnavailable') !== undefined);
    expect(conditions(object)).toEqual([
      'Reconciling=True ProgressingWithRetry',
      'Ready=False NotFound',
      'IncludeUnavailable=True NotFound',
    ]);
    expect(await controller.event('waiting', ({ reason }) => reason === 'NotFound')).toMatchObject({ type: 'Normal' });

    const late = await git.repository('late');
    await controller.create('late', { url: late.url, interval: '50ms' });
    await controller.until('waiting', (found) => condition(found, 'IncludeUnavailable')?.reason === 'NoArtifact');
    await late.commit({ 'late.yaml': '1' });
    const ready = await controller.until('waiting', isReady);
    expect(conditions(ready)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
    expect(Object.keys(await controller.files(ready)).sort()).toEqual(['a.yaml', 'late/late.yaml']);
    await controller.patch('late', { spec: { suspend: true } });
  });

  test('an artifact of another object is not included, whatever the status of the included one says', async () => {
    const repository = await git.repository('secrets');
    await repository.commit({ 'secret.yaml': 's3cret' });
    await controller.create('secrets', { url: repository.url });
    const { status } = await controller.until('secrets', isReady);
    await controller.create('borrower', { url: repository.url, suspend: true });
    await controller.patchStatus('borrower', { artifact: status!.artifact });
    await controller.create('thief', { url: repository.url, include: [{ repository: { name: 'borrower' } }] });
    await controller.until('thief', (found) => condition(found, 'IncludeUnavailable')?.reason === 'NoArtifact');
  });

  test.each([
    ['outside', '../../../path', 'x', 'no such file or directory'],
    ['occupied', '', '/', 'not empty'],
  ])('SRC-132, SRC-308, SRC-507: what cannot be copied is said: %s', async (name, fromPath, toPath, text) => {
    const repository = await git.repository(name);
    await repository.commit({ 'a.yaml': '1' });
    await controller.create(`${name}-base`, { url: repository.url });
    await controller.until(`${name}-base`, isReady);
    const include = [{ repository: { name: `${name}-base` }, fromPath, toPath }];
    await controller.create(name, { url: repository.url, include });
    const object = await controller.until(name, hasFailed);
    expect(condition(object, 'StorageOperationFailed')).toMatchObject({
      reason: 'CopyFailure',
      message: expect.stringContaining(`failed to copy '${name}-base' include from`),
    });
    expect(condition(object, 'Ready')!.message).toContain(text);
    expect(condition(object, 'Ready')!.message).not.toContain(controller.storage);
    await controller.patch(name, { spec: { suspend: true } });
  });
});

describe('sparse checkout', () => {
  test('SRC-75, SRC-287, SRC-289, SRC-504: only what begins like one of the entries', async () => {
    const repository = await git.repository('sparse');
    await repository.commit({
      '.sourceignore': '*.md',
      'dir1/a.yaml': '1',
      'dir1/README.md': 'kept',
      'dir10/b.yaml': '2',
      'dir2/c/d.yaml': '3',
      'dir2/e.yaml': '4',
    });
    await controller.create('sparse', { url: repository.url, sparseCheckout: ['./dir1', 'dir2/c/'] });
    const object = await controller.until('sparse', isReady);
    expect(await controller.files(object)).toEqual({
      'dir1/a.yaml': '1',
      'dir1/README.md': 'kept',
      'dir10/b.yaml': '2',
      'dir2/c/d.yaml': '3',
    });
    expect(object.status!.observedSparseCheckout).toEqual(['./dir1', 'dir2/c/']);

    await controller.patch('sparse', { spec: { sparseCheckout: ['dir2'] } });
    const other = await controller.until('sparse', (found) => found.status?.observedSparseCheckout?.length === 1);
    expect(Object.keys(await controller.files(other)).sort()).toEqual(['dir2/c/d.yaml', 'dir2/e.yaml']);
  });

  test.each(['nowhere', '../sibling'])('SRC-119, SRC-290, SRC-505: a directory that is not there: %s', async (path) => {
    const name = path.replaceAll(/\W/g, '');
    const repository = await git.repository(name);
    await repository.commit({ 'a.yaml': '1' });
    await controller.create(name, { url: repository.url, sparseCheckout: [path] });
    const object = await controller.until(name, hasFailed);
    const message = `failed to sparse checkout directories : sparse checkout dir '${path}' does not exist in repository:`;
    expect(condition(object, 'FetchFailed')).toMatchObject({
      reason: 'GitOperationFailed',
      message: expect.stringContaining(message),
    });
    await controller.patch(name, { spec: { suspend: true } });
  });
});
