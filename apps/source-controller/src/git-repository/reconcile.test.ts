import { createHash } from 'node:crypto';
import { readdir } from 'node:fs/promises';
import { join } from 'node:path';
import { startEmbeddedKube, type EmbeddedKube } from '@gitops-toolkit/embedded-kube';
import { condition, conditions, isReady, startController, type TestController } from '../testing/controller.ts';
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

describe('a new repository', () => {
  test('SRC-61, SRC-62, SRC-64, SRC-66, SRC-104, SRC-105, SRC-267, SRC-313, SRC-487: becomes an artifact of its files', async () => {
    const repository = await git.repository('app');
    const commit = await repository.commit({ 'a.yaml': 'a: 1\n', 'deep/b.yaml': 'b: 2\n' });
    await controller.create('app', { url: repository.url });
    const object = await controller.until('app', isReady);

    expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
    const message = `stored artifact for revision 'master@sha1:${commit}'`;
    expect(condition(object, 'Ready')).toMatchObject({ message, observedGeneration: 1 });
    expect(condition(object, 'ArtifactInStorage')).toMatchObject({ message, observedGeneration: 1 });

    const artifact = object.status!.artifact!;
    expect(artifact).toMatchObject({
      revision: `master@sha1:${commit}`,
      path: `gitrepository/default/app/${commit}.tar.gz`,
      url: `http://${controller.address}/gitrepository/default/app/${commit}.tar.gz`,
      lastUpdateTime: expect.stringMatching(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/),
    });
    const bytes = Buffer.from(await (await fetch(artifact.url)).arrayBuffer());
    expect(artifact.digest).toBe(`sha256:${createHash('sha256').update(bytes).digest('hex')}`);
    expect(artifact.size).toBe(bytes.length);
    expect(await controller.files(object)).toEqual({ 'a.yaml': 'a: 1\n', 'deep/b.yaml': 'b: 2\n' });
  });

  test('SRC-167, SRC-179: is announced, with the subject of the commit cut to 50 characters', async () => {
    const repository = await git.repository('announced');
    const subject = `${'🚀'.repeat(50)} and a bit more`;
    await repository.commit({ 'a.yaml': '' }, { message: `${subject}\n\nBody` });
    await controller.create('announced', { url: repository.url });
    const { status } = await controller.until('announced', isReady);
    const event = await controller.event('announced', ({ reason }) => reason === 'NewArtifact');
    expect(event).toMatchObject({
      type: 'Normal',
      message: `stored artifact for commit '${'🚀'.repeat(50)}...'`,
      metadata: {
        annotations: {
          'source.toolkit.fluxcd.io/revision': status!.artifact!.revision,
          'source.toolkit.fluxcd.io/digest': status!.artifact!.digest,
        },
      },
    });
  });

  test('SRC-97, SRC-98, SRC-100, SRC-185, SRC-362: tells on the way what is being done', async () => {
    const repository = await git.repository('steps');
    const commit = await repository.commit({ 'a.yaml': '' });
    const seen: string[] = [];
    const stages: string[] = [];
    const done = controller.until('steps', (object) => {
      const reconciling = condition(object, 'Reconciling');
      const ready = condition(object, 'Ready');
      if (reconciling) seen.push(`${ready?.status} ${reconciling.reason} ${reconciling.message}`);
      stages.push(reconciling ? 'at work' : object.metadata.finalizers ? 'finalizer added' : 'created');
      return isReady(object);
    });
    await controller.create('steps', { url: repository.url });
    await done;
    expect([...new Set(seen)]).toEqual([
      'Unknown Progressing processing object: new generation -1 -> 1',
      'Unknown Progressing building artifact',
      `Unknown Progressing building artifact: new upstream revision 'master@sha1:${commit}'`,
    ]);
    expect([...new Set(stages)]).toEqual(['created', 'finalizer added', 'at work']);
    const { metadata } = await controller.until('steps', isReady);
    expect(metadata.finalizers).toEqual(['finalizers.fluxcd.io']);
  });

  test('SRC-282, SRC-377, SRC-401, SRC-402: takes files as they are, no links, and leaves the usual things out', async () => {
    const repository = await git.repository('files');
    await repository.commit({
      'run.sh': { executable: '#!/bin/sh\n' },
      link: { link: 'run.sh' },
      'picture.png': 'x',
      '.github/workflows/ci.yaml': 'x',
      '.gitignore': 'x',
      '.gitattributes': '* text eol=crlf\n',
    });
    await controller.create('files', { url: repository.url });
    expect(await controller.files(await controller.until('files', isReady))).toEqual({ 'run.sh': '#!/bin/sh\n' });
  });

  test('SRC-72, SRC-510: ignore rules of the repository and of the object', async () => {
    const repository = await git.repository('ignore');
    await repository.commit({ '.sourceignore': '**.txt\n', 'foo.txt': 'foo', 'manifest.yaml': 'm' });
    await controller.create('ignore', { url: repository.url });
    const before = await controller.until('ignore', isReady);
    expect(Object.keys(await controller.files(before)).sort()).toEqual(['.sourceignore', 'manifest.yaml']);
    expect(before.status!.observedIgnore).toBeUndefined();

    await controller.patch('ignore', { spec: { ignore: '!**.txt' } });
    const after = await controller.until('ignore', (object) => isReady(object) && object.metadata.generation === 2);
    expect(Object.keys(await controller.files(after)).sort()).toEqual(['.sourceignore', 'foo.txt', 'manifest.yaml']);
    expect(after.status!.observedIgnore).toBe('!**.txt');

    await controller.patch('ignore', { spec: { ignore: null } });
    const again = await controller.until('ignore', (object) => isReady(object) && object.metadata.generation === 3);
    expect(again.status!.artifact!.digest).toBe(before.status!.artifact!.digest);
    expect(again.status!.observedIgnore).toBeUndefined();
  });
});

describe('a repository that is known', () => {
  test('SRC-77, SRC-181, SRC-515: a request brings in a new commit at once', async () => {
    const repository = await git.repository('moving');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('moving', { url: repository.url });
    const first = await controller.until('moving', isReady);
    const commit = await repository.commit({ 'a.yaml': '2' });
    const second = await controller.request('moving');
    expect(second.status!.artifact!.revision).toBe(`master@sha1:${commit}`);
    expect(await controller.files(second)).toEqual({ 'a.yaml': '2' });
    // Consumers that have not heard yet still find the old one (SRC-395).
    expect((await fetch(first.status!.artifact!.url)).status).toBe(200);
    await controller.event('moving', ({ reason, message }) => reason === 'NewArtifact' && message.includes('A commit'));
  });

  test('SRC-102, SRC-216: a new revision is announced as such', async () => {
    const repository = await git.repository('outdated');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('outdated', { url: repository.url });
    await controller.until('outdated', isReady);
    const commit = await repository.commit({ 'a.yaml': '2' });
    const announced = controller.until('outdated', (object) => condition(object, 'ArtifactOutdated') !== undefined);
    await controller.request('outdated');
    expect(condition(await announced, 'ArtifactOutdated')).toMatchObject({
      status: 'True',
      reason: 'NewRevision',
      message: `new upstream revision 'master@sha1:${commit}'`,
    });
    const object = await controller.until('outdated', isReady);
    expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
  });

  test('a branch that was pushed by force is followed', async () => {
    const repository = await git.repository('forced');
    await repository.commit({ 'a.yaml': '1' });
    await repository.commit({ 'a.yaml': '2' });
    await controller.create('forced', { url: repository.url });
    await controller.until('forced', isReady);
    await repository.git('reset', '--quiet', '--hard', 'HEAD~1');
    const commit = await repository.commit({ 'b.yaml': '3' });
    const object = await controller.request('forced');
    expect(object.status!.artifact!.revision).toBe(`master@sha1:${commit}`);
    expect(await controller.files(object)).toEqual({ 'a.yaml': '1', 'b.yaml': '3' });
  });

  test('SRC-169, SRC-217, SRC-218, SRC-219, SRC-529: costs one request and no write while nothing changes', async () => {
    const repository = await git.repository('idle');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('idle', { url: repository.url, interval: '50ms' });
    const writes = () =>
      kube
        .stats()
        .filter(({ verb }) => ['create', 'update', 'patch', 'delete'].includes(verb))
        .reduce((sum, { count }) => sum + count, 0);
    const looks = () => git.requests.filter(({ url }) => url.includes('/idle/')).length;
    // Counted at the end of each run, as its line is logged.
    const runs: { looks: number; writes: number; fetched: number }[] = [];
    await new Promise<void>((done) => {
      const stop = controller.onLog(({ msg, name }) => {
        if (name !== 'idle' || !msg.startsWith('no changes since last reconciliation')) return;
        const fetched = git.requests.filter(({ url, method }) => method === 'GET' && url.includes('/idle/')).length;
        runs.push({ looks: looks(), writes: writes(), fetched });
        if (runs.length < 6) return;
        stop();
        done();
      });
    });
    const [, second] = runs;
    const last = runs.at(-1)!;
    expect(last.looks - second!.looks).toBe(4);
    expect(last.writes - second!.writes).toBe(0);
    const object = await controller.until('idle', isReady);
    await controller.patch('idle', { spec: { suspend: true } });
    expect(object.status!.artifact!.lastUpdateTime).toBeDefined();
    expect(controller.events('idle')).toEqual(['Normal NewArtifact']);
  });

  test('SRC-171: whoever asks for a run hears that nothing has changed', async () => {
    const repository = await git.repository('asked');
    const commit = await repository.commit({ 'a.yaml': '1' });
    await controller.create('asked', { url: repository.url });
    await controller.until('asked', isReady);
    await controller.request('asked');
    const event = await controller.event('asked', ({ reason }) => reason === 'GitOperationSucceeded');
    expect(event).toMatchObject({
      type: 'Normal',
      message: `no changes since last reconciliation: observed revision 'master@sha1:${commit}'`,
    });
  });

  test('SRC-218, SRC-500: a revision that an old version stored in its form is known', async () => {
    const repository = await git.repository('legacy');
    const commit = await repository.commit({ 'a.yaml': '1' });
    await controller.create('legacy', { url: repository.url });
    const { status } = await controller.until('legacy', isReady);
    const revision = `master/${commit}`;
    await controller.patchStatus('legacy', { artifact: { revision } });
    await controller.until('legacy', (object) => object.status?.artifact?.revision === revision);
    const object = await controller.request('legacy');
    expect(object.status!.artifact).toEqual({ ...status!.artifact, revision });
  });

  test('SRC-136, SRC-226, SRC-509, SRC-511: conditions that are left over from before do not survive a good run', async () => {
    const repository = await git.repository('leftover');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('leftover', { url: repository.url, suspend: true });
    const left = ['FetchFailed', 'IncludeUnavailable', 'StorageOperationFailed', 'ArtifactOutdated', 'SourceVerified'];
    await controller.patchStatus('leftover', {
      sourceVerificationMode: 'HEAD',
      conditions: [...left, 'Stalled', 'Reconciling'].map((type) => ({
        ...{ type, status: 'True', reason: 'Before', message: '', lastTransitionTime: '2024-01-01T00:00:00Z' },
      })),
    });
    await controller.patch('leftover', { spec: { suspend: false } });
    const object = await controller.until('leftover', isReady);
    expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);
    expect(object.status!.sourceVerificationMode).toBeUndefined();
  });

  test('SRC-225, SRC-532: another interval is observed and nothing else happens', async () => {
    const repository = await git.repository('interval');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('interval', { url: repository.url });
    const { status } = await controller.until('interval', isReady);
    await controller.patch('interval', { spec: { interval: '20m' } });
    const after = await controller.until('interval', (object) => object.status?.observedGeneration === 2);
    expect(after.status!.artifact).toEqual(status!.artifact);
    expect(isReady(after)).toBe(true);
  });

  test('SRC-220, SRC-223, SRC-316: other ignore rules make another artifact of the same revision', async () => {
    const repository = await git.repository('rules');
    await repository.commit({ 'a.yaml': '1', 'b.yaml': '2' });
    await controller.create('rules', { url: repository.url });
    const before = (await controller.until('rules', isReady)).status!.artifact!;
    await controller.patch('rules', { spec: { ignore: 'b.yaml' } });
    const object = await controller.until('rules', ({ status }) => status?.observedIgnore === 'b.yaml');
    const after = object.status!.artifact!;
    expect(after).toMatchObject({ revision: before.revision, url: before.url });
    expect(after.digest).not.toBe(before.digest);
    expect(await controller.files(object)).toEqual({ 'a.yaml': '1' });
  });
});

describe('life of an object', () => {
  test('SRC-187: suspension stops everything and keeps the artifact', async () => {
    const repository = await git.repository('suspended');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('suspended', { url: repository.url, interval: '50ms' });
    const { status } = await controller.until('suspended', isReady);
    await controller.patch('suspended', { spec: { suspend: true } });
    await controller.until('suspended', (object) => object.status?.observedGeneration === 2);
    await repository.commit({ 'a.yaml': '2' });
    const looks = git.requests.length;
    const object = await controller.request('suspended');
    expect(git.requests.length).toBe(looks);
    expect(object.status!.artifact).toEqual(status!.artifact);
    expect(conditions(object)).toEqual(['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded']);

    await controller.patch('suspended', { spec: { suspend: false } });
    await controller.until('suspended', (found) => found.status?.artifact?.revision !== status!.artifact!.revision);
    await controller.patch('suspended', { spec: { suspend: true } });
  });

  test('SRC-188, SRC-363: deletion, even of a suspended object, removes the files', async () => {
    const repository = await git.repository('deleted');
    await repository.commit({ 'a.yaml': '1' });
    await controller.create('deleted', { url: repository.url });
    const { status } = await controller.until('deleted', isReady);
    await controller.patch('deleted', { spec: { suspend: true } });
    await controller.remove('deleted');
    await controller.gone('deleted');
    expect((await fetch(status!.artifact!.url)).status).toBe(404);
    expect(await readdir(join(controller.storage, 'gitrepository/default'))).not.toContain('deleted');
    await controller.event('deleted', ({ reason }) => reason === 'GarbageCollectionSucceeded');
  });

  test('SRC-191: no run leaves a working directory behind', async () => {
    expect(await readdir(join(controller.storage, '.work'))).toEqual([]);
  });
});
