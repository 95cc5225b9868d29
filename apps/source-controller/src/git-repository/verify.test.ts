import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import type { GitRepository, GitRepositorySpec } from '@gitops-toolkit/api';
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

const fixtures = join(import.meta.dirname, '../../testdata/signatures');

let kube: EmbeddedKube;
let git: TestGit;
let controller: TestController;
let repository: Awaited<ReturnType<TestGit['repository']>>;
/** By name of the ref: the id of what it points at. */
const ids: Record<string, string> = {};

beforeAll(async () => {
  kube = await startEmbeddedKube();
  git = await startGit();
  controller = await startController({ kubeconfigYaml: kube.kubeconfigYaml, args: ['--concurrent=4'] });
  repository = await signedRepository('signed');
  for (const line of (await repository.git('show-ref')).split('\n')) {
    const [id, ref] = line.split(' ');
    ids[ref!.replace(/^refs\/\w+\//, '')] = id!;
  }
  const key = (name: string) => readFile(join(fixtures, name), 'utf8');
  const keys = { pgp: await key('pgp.asc'), ssh: await key('ssh.sshpub') };
  await controller.secret('both', { 'pgp.asc': keys.pgp, 'ssh.sshpub': keys.ssh });
  await controller.secret('pgp', { author: keys.pgp });
  await controller.secret('ssh', { 'author.sshpub': keys.ssh });
  await controller.secret('others', { 'a.asc': await key('other.asc'), 'b.sshpub': await key('other.sshpub') });
  await controller.secret('garbage', { 'a.asc': 'garbage' });
  await controller.secret('empty', {});
});
afterAll(async () => {
  await controller?.stop();
  await git?.close();
  await kube?.close();
});

async function signedRepository(name: string) {
  const made = await git.repository(name);
  await made.git('fetch', '--quiet', join(fixtures, 'repository.bundle'), 'refs/*:refs/*');
  return made;
}

type Mode = NonNullable<NonNullable<GitRepositorySpec['verify']>['mode']>;
const verify = (mode: Mode, secret: string) => ({ mode, secretRef: { name: secret } });
const create = (name: string, ref: GitRepositorySpec['ref'], mode: Mode, secret: string) =>
  controller.create(name, { url: repository.url, ref, verify: verify(mode, secret) });
const verified = (object: GitRepository) => condition(object, 'SourceVerified');

const good = ['Ready=True Succeeded', 'ArtifactInStorage=True Succeeded', 'SourceVerified=True Succeeded'];

describe('signatures that are trusted', () => {
  const pgp = /^[0-9A-F]{16}$/;
  const ssh = /^SHA256:[A-Za-z0-9+/]{43}$/;

  type Expected = [kind: 'tag' | 'commit', ref: string, key: RegExp][];
  const pgpCommit: Expected = [['commit', 'pgp', pgp]];
  const sshCommit: Expected = [['commit', 'ssh', ssh]];
  const tagged = (tag: string, key: RegExp): Expected => [['tag', tag, key]];

  test.each<[string, string, GitRepositorySpec['ref'], Mode, string, Expected]>([
    ['SRC-513', 'head-pgp', { branch: 'pgp' }, 'HEAD', 'pgp', pgpCommit],
    ['SRC-292', 'head-ssh', { branch: 'ssh' }, 'HEAD', 'ssh', sshCommit],
    ['SRC-17', 'head-old-spelling', { branch: 'pgp' }, 'head', 'both', pgpCommit],
    ['SRC-292', 'head-by-commit', { commit: '<ssh>' }, 'HEAD', 'both', sshCommit],
    ['SRC-513', 'tag-pgp', { tag: 'pgp-of-unsigned' }, 'Tag', 'pgp', tagged('pgp-of-unsigned', pgp)],
    ['SRC-292', 'tag-ssh', { tag: 'ssh-of-pgp' }, 'Tag', 'ssh', tagged('ssh-of-pgp', ssh)],
    ['SRC-294', 'tag-by-version', { semver: '1.x' }, 'Tag', 'both', tagged('1.2.3', ssh)],
    ['SRC-294', 'tag-by-name', { name: 'refs/tags/pgp-of-pgp' }, 'Tag', 'both', tagged('pgp-of-pgp', pgp)],
    ['SRC-513', 'both-pgp', { tag: 'pgp-of-pgp' }, 'TagAndHEAD', 'pgp', [...tagged('pgp-of-pgp', pgp), ...pgpCommit]],
    ['SRC-303', 'mixed', { tag: 'pgp-of-ssh' }, 'TagAndHEAD', 'both', [...tagged('pgp-of-ssh', pgp), ...sshCommit]],
    ['SRC-303', 'mixed-too', { tag: 'ssh-of-pgp' }, 'TagAndHEAD', 'both', [...tagged('ssh-of-pgp', ssh), ...pgpCommit]],
  ])('SRC-76, SRC-106, SRC-172, SRC-291, SRC-293, %s: %s', async (_, name, ref, mode, secret, expected) => {
    const resolved = ref?.commit === undefined ? ref : { commit: ids[ref.commit.slice(1, -1)]! };
    await create(name, resolved, mode, secret);
    const object = await controller.until(name, isReady);
    expect(conditions(object)).toEqual(good);
    expect(object.status!.sourceVerificationMode).toBe(mode === 'head' ? 'HEAD' : mode);
    const [title, ...lines] = verified(object)!.message.split('\n');
    expect(title).toBe('verified signature of');
    expect(lines).toHaveLength(expected.length);
    for (const [index, [kind, of, key]] of expected.entries()) {
      const id = kind === 'tag' ? `${of}@${ids[of]}` : ids[of]!;
      const prefix = `\t- ${kind} '${id}' with key '`;
      expect(lines[index]!.slice(0, prefix.length)).toBe(prefix);
      expect(lines[index]!.slice(prefix.length, -1)).toMatch(key);
    }
    const event = await controller.event(name, ({ message }) => message.startsWith('verified signature of'));
    expect(event).toMatchObject({ type: 'Normal', reason: 'Succeeded', message: verified(object)!.message });
  });
});

describe('signatures that are not', () => {
  const stalled = (reason: string) => [
    `Stalled=True ${reason}`,
    `Ready=False ${reason}`,
    `SourceVerified=False ${reason}`,
  ];
  const retried = (reason: string) => [
    'Reconciling=True ProgressingWithRetry',
    `Ready=False ${reason}`,
    `SourceVerified=False ${reason}`,
  ];

  test.each<[string, string, GitRepositorySpec['ref'], Mode, string, string, string]>([
    [
      'SRC-122',
      'secret',
      { branch: 'pgp' },
      'HEAD',
      'none',
      'VerificationError',
      `public keys secret error: secret 'default/none' not found`,
    ],
    [
      'SRC-124',
      'tag-annotated',
      { tag: 'annotated' },
      'Tag',
      'both',
      'InvalidGitObject',
      `cannot verify signature of tag 'annotated@<annotated>' since it is not signed`,
    ],
    [
      'SRC-124',
      'tag-lightweight',
      { tag: 'lightweight' },
      'TagAndHEAD',
      'both',
      'InvalidGitObject',
      `cannot verify signature of tag 'lightweight' since it is not signed`,
    ],
    [
      'SRC-125',
      'tag-others',
      { tag: 'pgp-of-pgp' },
      'Tag',
      'others',
      'InvalidTagSignature',
      `signature verification of tag 'pgp-of-pgp@<pgp-of-pgp>' failed: unable to verify Git tag: unable to verify payload with any of the given key rings`,
    ],
    [
      'SRC-126, SRC-299',
      'commit-others',
      { branch: 'pgp' },
      'HEAD',
      'others',
      'InvalidCommitSignature',
      `signature verification of commit '<pgp>' failed: unable to verify Git commit: unable to verify payload with any of the given key rings`,
    ],
    [
      'SRC-126, SRC-300',
      'ssh-others',
      { branch: 'ssh' },
      'HEAD',
      'others',
      'InvalidCommitSignature',
      `signature verification of commit '<ssh>' failed: unable to verify Git commit SSH signature: unable to verify payload with any of the given authorized keys`,
    ],
    [
      'SRC-296',
      'unsigned',
      { branch: 'unsigned' },
      'HEAD',
      'both',
      'InvalidCommitSignature',
      `signature verification of commit '<unsigned>' failed: unsupported signature type: empty`,
    ],
    [
      'SRC-126',
      'tag-of-unsigned',
      { tag: 'pgp-of-unsigned' },
      'TagAndHEAD',
      'both',
      'InvalidCommitSignature',
      `signature verification of commit '<unsigned>' failed`,
    ],
    [
      'SRC-297',
      'no-pgp',
      { branch: 'pgp' },
      'HEAD',
      'empty',
      'InvalidCommitSignature',
      'PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)',
    ],
    [
      'SRC-297',
      'no-ssh',
      { branch: 'ssh' },
      'HEAD',
      'pgp',
      'InvalidCommitSignature',
      'SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)',
    ],
    [
      'SRC-299',
      'key-garbage',
      { branch: 'pgp' },
      'HEAD',
      'garbage',
      'InvalidCommitSignature',
      'unable to read armored key ring: ',
    ],
  ])('SRC-90, SRC-304, SRC-513, %s: %s', async (_, name, ref, mode, secret, reason, message) => {
    await create(name, ref, mode, secret);
    const object = await controller.until(name, hasFailed);
    expect(conditions(object)).toEqual(retried(reason));
    const expected = message.replaceAll(/<([^>]+)>/g, (_match, of: string) => ids[of]!);
    expect(verified(object)!.message).toContain(expected);
    expect(condition(object, 'Ready')!.message).toBe(verified(object)!.message);
    expect(object.status!.artifact).toBeUndefined();
    expect(object.status!.sourceVerificationMode).toBeUndefined();
    await controller.event(name, (event) => event.type === 'Warning' && event.reason === reason);
    await controller.patch(name, { spec: { suspend: true } });
  });

  test.each<[string, GitRepositorySpec['ref'], Mode]>([
    ['branch', { branch: 'pgp' }, 'Tag'],
    ['name', { name: 'refs/heads/pgp' }, 'TagAndHEAD'],
    ['default', undefined, 'Tag'],
  ])('SRC-123, SRC-294: a tag is to be verified, and there is none: %s', async (kind, ref, mode) => {
    if (ref === undefined) await repository.git('update-ref', 'refs/heads/master', ids.pgp!);
    const name = `no-tag-${kind}`;
    await create(name, ref, mode, 'both');
    const object = await controller.until(name, hasFailed);
    expect(conditions(object)).toEqual(stalled('InvalidVerificationMode'));
    const message = `cannot verify tag object's signature if a tag reference is not specified`;
    expect(verified(object)!.message).toBe(message);
    expect(object.status!.artifact).toBeUndefined();
  });

  test('SRC-213: what cannot be found is told before signatures are', async () => {
    const spec = { url: repository.url, ref: { branch: 'unsigned' }, sparseCheckout: ['nowhere'] };
    await controller.create('order', { ...spec, verify: verify('HEAD', 'both') });
    const object = await controller.until('order', hasFailed);
    expect(condition(object, 'Ready')!.reason).toBe('GitOperationFailed');
    expect(verified(object)).toBeUndefined();
    await controller.patch('order', { spec: { suspend: true } });
  });
});

describe('from one revision to the next', () => {
  test('SRC-136, SRC-213, SRC-304: what is not signed does not replace what is', async () => {
    const moving = await signedRepository('moving');
    const go = (to: string) => moving.git('update-ref', 'refs/heads/master', ids[to]!);
    await go('pgp');
    await controller.create('moving', { url: moving.url, verify: verify('HEAD', 'both') });
    const before = (await controller.until('moving', isReady)).status!.artifact!;

    await go('unsigned');
    await controller.request('moving');
    const refused = await controller.until('moving', hasFailed);
    expect(verified(refused)).toMatchObject({ status: 'False', reason: 'InvalidCommitSignature' });
    expect(condition(refused, 'ArtifactInStorage')!.status).toBe('True');
    expect(refused.status).toMatchObject({ artifact: before, sourceVerificationMode: 'HEAD' });
    expect((await fetch(before.url)).status).toBe(200);

    // Back to what is stored: it is verified again, and is the same.
    await go('pgp');
    const back = await controller.request('moving').then(() => controller.until('moving', isReady));
    expect(conditions(back)).toEqual(good);
    expect(back.status!.artifact).toEqual(before);

    await go('ssh');
    const after = await controller.request('moving');
    expect(after.status!.artifact!.revision).toBe(`master@sha1:${ids.ssh}`);
    expect(verified(after)!.message).toContain(`commit '${ids.ssh}'`);
  });

  test('SRC-223, SRC-224: another mode verifies what is stored, unless both were verified', async () => {
    await controller.create('modes', { url: repository.url, ref: { tag: 'pgp-of-pgp' } });
    const { status } = await controller.until('modes', isReady);
    const change = async (mode: Mode) => {
      const { metadata } = await controller.patch('modes', { spec: { verify: verify(mode, 'both') } });
      return controller.until(
        'modes',
        (object) => object.status?.observedGeneration === metadata.generation && isReady(object),
      );
    };
    const seen: [string | undefined, number][] = [];
    for (const mode of ['HEAD', 'Tag', 'TagAndHEAD', 'Tag', 'HEAD'] as const) {
      const object = await change(mode);
      expect(object.status!.artifact).toEqual(status!.artifact);
      seen.push([object.status!.sourceVerificationMode, verified(object)!.message.split('\n').length - 1]);
    }
    // Nothing was verified the last two times: what is known satisfies every mode.
    const satisfied: [string, number] = ['TagAndHEAD', 2];
    expect(seen).toEqual([['HEAD', 1], ['Tag', 1], satisfied, satisfied, satisfied]);
  });

  test('SRC-224, SRC-304: a mode that the stored revision does not satisfy', async () => {
    await create('stricter', { tag: 'pgp-of-unsigned' }, 'Tag', 'both');
    const before = (await controller.until('stricter', isReady)).status!.artifact!;
    await controller.patch('stricter', { spec: { verify: { mode: 'TagAndHEAD' } } });
    const object = await controller.until(
      'stricter',
      (found) => verified(found)?.status === 'False' && hasFailed(found),
    );
    expect(condition(object, 'Ready')!.reason).toBe('InvalidCommitSignature');
    expect(object.status).toMatchObject({ artifact: before, sourceVerificationMode: 'Tag' });
    await controller.patch('stricter', { spec: { suspend: true } });
  });

  test('SRC-225, SRC-226: other keys are looked at when there is something new', async () => {
    await create('rotated', { branch: 'pgp' }, 'HEAD', 'pgp');
    await controller.until('rotated', isReady);
    await controller.patch('rotated', { spec: { verify: { secretRef: { name: 'others' } } } });
    const object = await controller.until('rotated', (found) => found.status?.observedGeneration === 2);
    expect(conditions(object)).toEqual(good);
    await controller.patch('rotated', { spec: { ref: { branch: 'ssh' } } });
    const refused = await controller.until('rotated', hasFailed);
    expect(condition(refused, 'Ready')!.reason).toBe('InvalidCommitSignature');
    await controller.patch('rotated', { spec: { suspend: true } });
  });

  test('SRC-226, SRC-291: nothing is said of signatures when nobody asks for them', async () => {
    await create('dropped', { branch: 'pgp' }, 'HEAD', 'pgp');
    const { status } = await controller.until('dropped', isReady);
    await controller.patch('dropped', { spec: { verify: null } });
    const object = await controller.until(
      'dropped',
      (found) => found.status?.observedGeneration === 2 && isReady(found),
    );
    expect(conditions(object)).toEqual(good.slice(0, 2));
    expect(object.status!.sourceVerificationMode).toBeUndefined();
    expect(object.status!.artifact).toEqual(status!.artifact);
  });
});
