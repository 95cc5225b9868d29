import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { signatureTypeOf } from './armor.ts';
import { SignatureError } from './errors.ts';
import { signatureOfCommit, signatureOfTag } from './payload.ts';
import { verifySignature, type TrustedKeys } from './verify.ts';

// Made by git, GnuPG and OpenSSH: see the README there.
const read = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name));
const text = (name: string) => read(name).toString();
const commit = (name: string) => signatureOfCommit(read(`${name}.commit`))!;
const tag = (name: string) => signatureOfTag(read(`${name}.tag`))!;
const pgp = (...names: string[]): TrustedKeys => ({ pgp: names.map((name) => text(`${name}.asc`)), ssh: [] });
const ssh = (...names: string[]): TrustedKeys => ({ pgp: [], ssh: names.map((name) => text(`${name}.sshpub`)) });

async function refusal(...[signed, keys, object = 'commit']: Partial<Parameters<typeof verifySignature>>) {
  const failure = await verifySignature(signed, keys!, object).catch((error: unknown) => error);
  expect(failure).toBeInstanceOf(SignatureError);
  return (failure as SignatureError).message;
}

/** The id that GnuPG stores in the key as that of its first packet. */
function primaryKeyId(name: string): Promise<string> {
  return import('openpgp').then(async ({ readKey }) => {
    const key = await readKey({ armoredKey: text(`${name}.asc`) });
    return key.getFingerprint().slice(-16).toUpperCase();
  });
}

describe('PGP', () => {
  test.each(['rsa2048', 'ed25519', 'nistp256', 'nistp384', 'nistp521', 'brainpoolP256r1'])(
    'SRC-298, SRC-299: commits and tags signed by git with %s',
    async (name) => {
      const id = await primaryKeyId(name);
      expect(await verifySignature(commit(name), pgp(name), 'commit')).toBe(id);
      expect(await verifySignature(tag(name), pgp(name), 'tag')).toBe(id);
    },
  );

  test('SRC-299: a signature of a subkey is one of its primary key', async () => {
    const id = await primaryKeyId('subkey');
    expect(id).toMatch(/^[0-9A-F]{16}$/);
    expect(await verifySignature(commit('subkey'), pgp('subkey'), 'commit')).toBe(id);
    expect(await verifySignature(tag('subkey'), pgp('subkey'), 'tag')).toBe(id);
  });

  test('SRC-299: key rings are tried one by one, those that cannot be read are skipped', async () => {
    const id = await primaryKeyId('ed25519');
    const keys = pgp('rsa2048', 'ed25519');
    expect(await verifySignature(commit('ed25519'), { ...keys, pgp: ['garbage', ...keys.pgp] }, 'commit')).toBe(id);
    const inOne = { pgp: [keys.pgp.join('\n')], ssh: [] };
    expect(await verifySignature(commit('ed25519'), inOne, 'commit')).toBe(id);
    // The newer copy of a key counts, wherever it is.
    const copies = pgp('revoked', 'before-revoked');
    expect(await verifySignature(commit('revoked'), copies, 'commit')).toBe(await primaryKeyId('revoked'));
  });

  test('SRC-299: no key ring can be read', async () => {
    const keys = { pgp: ['garbage', '-----BEGIN PGP PUBLIC KEY BLOCK-----\n\nAAAA\n'], ssh: [] };
    const expected = 'unable to verify Git commit: unable to read armored key ring: there is no armored key in it';
    expect(await refusal(commit('ed25519'), keys)).toBe(expected);
    const damaged = text('ed25519.asc').replace(/\n\n\w{8}/, '\n\nAAAAAAAA');
    expect(await refusal(commit('ed25519'), { pgp: [damaged], ssh: [] })).toContain(
      'unable to read armored key ring: ',
    );
  });

  test('SRC-299: another key, another content, another signature', async () => {
    const prefix = 'unable to verify Git tag: unable to verify payload with any of the given key rings: ';
    expect(await refusal(tag('ed25519'), pgp('rsa2048', 'nistp256'), 'tag')).toBe(`${prefix}no matching key`);
    const { signature, payload } = commit('ed25519');
    const other = Buffer.from(payload).map((byte, index) => (index === 10 ? byte ^ 1 : byte));
    const message = await refusal({ signature, payload: other }, pgp('ed25519'));
    expect(message).toContain(
      'unable to verify Git commit: unable to verify payload with any of the given key rings: ',
    );
    expect(message).toContain(await primaryKeyId('ed25519'));
    expect(await refusal({ signature: tag('ed25519').signature, payload }, pgp('ed25519'))).toContain(
      'unable to verify',
    );
    const damaged = signature.replace(/\n\n\w{8}/, '\n\nAAAAAAAA');
    expect(await refusal({ signature: damaged, payload }, pgp('ed25519'))).toContain('the signature is damaged');
    const cut = signature.split('\n').slice(0, 4).join('\n');
    expect(await refusal({ signature: cut, payload }, pgp('ed25519'))).toContain('the armor has no end');
  });

  test.each([
    ['expired', /expired/],
    ['expired-subkey', /expired/],
    ['revoked', /revoked/],
    ['sha1', /SHA1/i],
  ])('a key that is no longer valid, or never was good enough, does not count: %s', async (name, why) => {
    expect(await refusal(commit(name), pgp(name))).toMatch(why);
  });

  test('a key that lives longer than it was meant to counts', async () => {
    expect(await verifySignature(commit('renewed'), pgp('renewed'), 'commit')).toBe(await primaryKeyId('renewed'));
    expect(await verifySignature(commit('revoked'), pgp('before-revoked'), 'commit')).toMatch(/^[0-9A-F]{16}$/);
  });
});

describe('SSH', () => {
  const names = ['ssh-ed25519', 'ssh-ecdsa-256', 'ssh-ecdsa-384', 'ssh-ecdsa-521', 'ssh-rsa-3072'];

  test.each(names)('SRC-298, SRC-300, SRC-301: commits and tags signed by git with %s', async (name) => {
    const fingerprint = await verifySignature(commit(name), ssh(...names), 'commit');
    expect(fingerprint).toMatch(/^SHA256:[A-Za-z0-9+/]{43}$/);
    expect(await verifySignature(tag(name), ssh(name), 'tag')).toBe(fingerprint);
    const other = names[(names.indexOf(name) + 1) % names.length]!;
    expect(await refusal(tag(name), ssh(other), 'tag')).toBe(
      'unable to verify Git tag SSH signature: unable to verify payload with any of the given authorized keys: no matching key',
    );
    const payload = Buffer.from('other content');
    expect(await refusal({ ...commit(name), payload }, ssh(name))).toBe(
      'unable to verify Git commit SSH signature: unable to verify payload with any of the given authorized keys: the signature does not match the payload',
    );
  });

  test('SRC-300: the fingerprint is the one that OpenSSH shows', async () => {
    const fingerprint = await verifySignature(commit('ssh-ed25519'), ssh('ssh-ed25519'), 'commit');
    expect(fingerprint).toBe(text('ssh-ed25519.fingerprint').trim());
  });

  const payload = read('unsigned.commit');

  test('SRC-300: either hash algorithm, and no other namespace than git', async () => {
    const short = { signature: text('ssh-sha256.signature'), payload };
    expect(await verifySignature(short, ssh('ssh-ed25519'), 'commit')).toMatch(/^SHA256:/);
    const file = { signature: text('ssh-file.signature'), payload };
    expect(await refusal(file, ssh('ssh-ed25519'))).toContain(`namespace 'file', not for 'git'`);
  });

  test('SRC-300: authorized_keys with options, comments, blank lines and keys that are not supported', async () => {
    const [type, key] = text('ssh-ed25519.sshpub').split(' ');
    const securityKey = `sk-ssh-ed25519@openssh.com ${wire('sk-ssh-ed25519@openssh.com', 'x'.repeat(32), 'ssh:')}`;
    const keys = [
      '# people',
      '',
      securityKey,
      `  command="echo \\"a b\\" # c",no-pty ${type} ${key} Ada Lovelace  `,
    ].join('\r\n');
    expect(await verifySignature(commit('ssh-ed25519'), { pgp: [], ssh: [keys] }, 'commit')).toMatch(/^SHA256:/);
  });

  test('SRC-300: one bad line makes a text unreadable, the others count', async () => {
    const good = text('ssh-ed25519.sshpub');
    const bad = `${good}\nssh-ed25519 s3cret\n`;
    const signed = commit('ssh-ed25519');
    expect(await verifySignature(signed, { pgp: [], ssh: [bad, good] }, 'commit')).toMatch(/^SHA256:/);
    const message = await refusal(signed, { pgp: [], ssh: [bad] });
    expect(message).toContain('unable to parse authorized keys: line 3 has no public key');
    expect(message).not.toContain('s3cret');
    expect(await refusal(signed, { pgp: [], ssh: [bad, text('ssh-rsa-3072.sshpub')] })).toContain('no matching key');
    expect(await refusal(signed, { pgp: [], ssh: [''] })).toContain('no matching key');
  });

  test.each([
    ['no end', (armor: string) => armor.replace(/-----END.*/s, '')],
    ['no base64', (armor: string) => armor.replace(/\nU/, '\n%')],
    ['too short', (armor: string) => armor.replace(/\n\S+\n-----END/, '\n-----END')],
    ['another version', (armor: string) => armor.replace('SSHSIG', '').replace('U1NIU0lHAAAAAQ', 'U1NIU0lHAAAAAg')],
  ])('SRC-300: damaged armor: %s', async (_, damage) => {
    const { signature } = commit('ssh-ed25519');
    const message = await refusal({ signature: damage(signature), payload }, ssh('ssh-ed25519'));
    expect(message).toContain('unable to verify Git commit SSH signature: unable to unarmor SSH signature: ');
  });
});

describe('the kind of a signature', () => {
  test('SRC-295: is told by the first line of its armor', async () => {
    expect(signatureTypeOf(commit('ed25519').signature)).toBe('openpgp');
    expect(signatureTypeOf(tag('ssh-ed25519').signature)).toBe('ssh');
    expect(signatureTypeOf('-----BEGIN SIGNED MESSAGE-----\n')).toBe('x509');
    expect(signatureTypeOf('-----BEGIN PGP MESSAGE-----\n')).toBe('unknown');
    expect(signatureTypeOf('')).toBe('empty');
  });

  test('SRC-295, SRC-296: what cannot be verified is refused', async () => {
    const keys = { ...pgp('ed25519'), ...ssh('ssh-ed25519') };
    const payload = read('unsigned.commit');
    expect(signatureOfCommit(payload)).toBeUndefined();
    expect(await refusal(undefined, keys)).toBe('unsupported signature type: empty');
    const signature = '-----BEGIN SIGNED MESSAGE-----\n-----END SIGNED MESSAGE-----\n';
    expect(await refusal({ signature, payload }, keys)).toBe('unsupported signature type: x509');
    expect(await refusal({ signature: 'x', payload }, keys)).toBe('unsupported signature type: unknown');
  });

  test('SRC-297: keys of the other kind are of no use', async () => {
    expect(await refusal(commit('ed25519'), ssh('ssh-ed25519'))).toBe(
      'PGP signature detected but no PGP public keys found in secret (keys with .asc suffix)',
    );
    expect(await refusal(tag('ssh-ed25519'), pgp('ed25519'), 'tag')).toBe(
      'SSH signature detected but no SSH public keys found in secret (keys with .sshpub suffix)',
    );
  });

  test.each(['ed25519', 'ssh-ed25519'])('SRC-302: white space and text around the armor: %s', async (name) => {
    const keys = name === 'ed25519' ? pgp(name) : ssh(name);
    const { signature, payload } = commit(name);
    const around = ` \n\t${signature.replaceAll('\n', '  \r\n')}\n  and more text\n`;
    expect(await verifySignature({ signature: around, payload }, keys, 'commit')).toBeTruthy();
  });
});

describe('what is signed', () => {
  test('SRC-298: every signature header leaves the commit, nothing else does', () => {
    const raw = [
      'tree 4b825dc642cb6eb9a060e54bf8d69288fbee4904',
      'author A <a@example.com> 1 +0000',
      'gpgsig first',
      ' line',
      'encoding latin1',
      'gpgsig-sha256 other',
      ' line',
      'gpgsigned by nobody',
      'gpgsig second',
      '',
      'Subject \xe9',
      'gpgsig no header',
      '',
    ].join('\n');
    const signed = signatureOfCommit(Buffer.from(raw, 'latin1'))!;
    expect(signed.signature).toBe('first\nline\n');
    expect(Buffer.from(signed.payload).toString('latin1')).toBe(
      [...raw.split('\n').slice(0, 2), 'encoding latin1', 'gpgsigned by nobody', ...raw.split('\n').slice(9)].join(
        '\n',
      ),
    );
  });

  test('SRC-298: the last armor of a tag is its signature', () => {
    const armor = '-----BEGIN PGP SIGNATURE-----\nx\n-----END PGP SIGNATURE-----\n';
    const message = `object ${'0'.repeat(40)}\n\nQuoted:\n${armor}End\n`;
    const signed = signatureOfTag(Buffer.from(message + armor))!;
    expect(signed.signature).toBe(armor);
    expect(Buffer.from(signed.payload).toString()).toBe(message);
    expect(
      signatureOfTag(Buffer.from('object x\n\n not at the start of a line -----BEGIN PGP SIGNATURE-----')),
    ).toBeUndefined();
  });

  test('random damage is refused, and nothing else happens', async () => {
    const random = generator(7);
    for (const name of ['ssh-ed25519', 'ssh-ecdsa-256', 'ed25519', 'subkey']) {
      const keys = name.startsWith('ssh') ? ssh(name) : pgp(name);
      const raw = read(`${name}.commit`);
      for (let round = 0; round < 40; round++) {
        const damaged = Buffer.from(raw);
        const position = 5 + random(raw.indexOf('-----END') - 6);
        damaged[position] = damaged[position]! ^ (1 << random(7));
        const signed = signatureOfCommit(damaged);
        const outcome = await verifySignature(signed, keys, 'commit').catch((error: unknown) => error);
        // White space in an armor is nobody's business, nor is what PGP does not sign of a signature.
        const isHarmless = typeof outcome === 'string' && position > raw.indexOf('gpgsig');
        if (!isHarmless) expect(outcome).toBeInstanceOf(SignatureError);
      }
    }
  });
});

/** An SSH key of arbitrary fields. */
function wire(...fields: string[]): string {
  const parts = fields.map((field) => {
    const length = Buffer.alloc(4);
    length.writeUInt32BE(field.length);
    return Buffer.concat([length, Buffer.from(field)]);
  });
  return Buffer.concat(parts).toString('base64');
}

function generator(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
