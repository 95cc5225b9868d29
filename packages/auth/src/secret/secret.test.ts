import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import {
  authMethodsFrom,
  basicAuthFrom,
  bearerFrom,
  caFrom,
  githubAppFrom,
  identityToken,
  makeSecret,
  maskError,
  maskToken,
  proxyFrom,
  registryAuthsFrom,
  SecretFormatError,
  SecretKeyError,
  SecretNotFoundError,
  sshFrom,
  tlsFrom,
  tlsOptionsOf,
  tokenFrom,
  UnsupportedIdentityError,
} from '../index.ts';

const testdata = (name: string) => readFileSync(join(import.meta.dirname, 'testdata', name), 'utf8');
const cert = testdata('cert.pem');
const key = testdata('key.pem');
const secret = (values: Record<string, string>, type?: string) =>
  makeSecret({ namespace: 'apps', name: 'creds' }, values, type);

describe('basic auth', () => {
  test('RTM-288, RTM-530: both keys are needed, either may be empty, special characters stay', () => {
    expect(basicAuthFrom(secret({ username: '', password: '' }))).toEqual({ username: '', password: '' });
    expect(basicAuthFrom(secret({ username: 'user@domain.com', password: 'p:ä$' }))).toEqual({
      username: 'user@domain.com',
      password: 'p:ä$',
    });
  });

  test('RTM-288: one key without the other is malformed; the error names both', () => {
    expect(() => basicAuthFrom(secret({ username: 'u' }))).toThrow(/malformed basic auth.*'username'.*'password'/);
    expect(() => basicAuthFrom(secret({ password: 'hidden' }))).toThrow(/malformed basic auth.*'password'.*'username'/);
    expect(() => basicAuthFrom(secret({ password: 'hidden' }))).not.toThrow(/hidden/);
  });

  test('RTM-299: a missing key is named together with the Secret', () => {
    expect(() => basicAuthFrom(secret({}))).toThrow(SecretKeyError);
    expect(() => basicAuthFrom(secret({}))).toThrow(/'apps\/creds'.*'username'/);
    expect(new SecretNotFoundError({ namespace: 'apps', name: 'creds' }).message).toContain(
      "secret 'apps/creds' not found",
    );
  });
});

test('RTM-289, RTM-290, RTM-533: tokens must be present and may be empty', () => {
  expect(bearerFrom(secret({ bearerToken: '' }))).toBe('');
  expect(tokenFrom(secret({ token: '' }))).toBe('');
  expect(() => bearerFrom(secret({ token: 't' }))).toThrow(/bearerToken/);
  expect(() => tokenFrom(secret({ bearerToken: 't' }))).toThrow(/'token'/);
});

describe('TLS', () => {
  test('RTM-286: a CA alone, a pair alone, or all three', () => {
    expect(tlsFrom(secret({ 'ca.crt': cert }))).toEqual({ ca: cert, legacyKeys: [] });
    expect(tlsFrom(secret({ 'tls.crt': cert, 'tls.key': key }))).toEqual({ cert, key, legacyKeys: [] });
    expect(tlsFrom(secret({ 'ca.crt': cert, 'tls.crt': cert, 'tls.key': key }))).toMatchObject({ ca: cert, cert, key });
    expect(caFrom(secret({ 'ca.crt': cert }))).toBe(cert);
  });

  test('RTM-286: half a pair names both keys, nothing names all', () => {
    expect(() => tlsFrom(secret({ 'tls.crt': cert }))).toThrow("contains 'tls.crt' but missing 'tls.key'");
    expect(() => tlsFrom(secret({ 'tls.key': key }))).toThrow("contains 'tls.key' but missing 'tls.crt'");
    expect(() => tlsFrom(secret({}))).toThrow(/'ca.crt'.*'tls.crt'.*'tls.key'/);
  });

  test('RTM-287, RTM-532: old names count where the standard name is absent, and are reported', () => {
    const material = tlsFrom(secret({ caFile: cert, certFile: cert, keyFile: key }));
    expect(material).toMatchObject({ ca: cert, cert, key });
    expect(material.legacyKeys.sort()).toEqual(['caFile', 'certFile', 'keyFile']);
    expect(tlsFrom(secret({ 'ca.crt': cert, caFile: 'garbage' }))).toEqual({ ca: cert, legacyKeys: [] });
  });

  test('RTM-532: garbage is a parse error', () => {
    expect(() => tlsFrom(secret({ 'ca.crt': 'garbage' }))).toThrow(/failed to parse CA certificate/);
    expect(() => tlsFrom(secret({ 'tls.crt': 'garbage', 'tls.key': key }))).toThrow(
      /failed to parse TLS certificate and key/,
    );
  });

  test('RTM-298: only the given CA is trusted unless the system pool is asked for', () => {
    expect(tlsOptionsOf({ ca: cert, legacyKeys: [] }).ca).toEqual([cert]);
    const withSystem = tlsOptionsOf({ ca: cert, legacyKeys: [] }, { addSystemCAs: true });
    expect(withSystem.ca!.length).toBeGreaterThan(1);
    expect(withSystem).not.toHaveProperty('rejectUnauthorized');
  });
});

describe('proxy', () => {
  test('RTM-291: credentials become userinfo, a username alone is enough', () => {
    const both = proxyFrom(secret({ address: 'http://proxy:3128', username: 'me@x', password: 'a/b' }));
    expect(decodeURIComponent(both.username)).toBe('me@x');
    expect(decodeURIComponent(both.password)).toBe('a/b');
    expect(proxyFrom(secret({ address: 'http://proxy:3128', username: 'me' })).href).toBe('http://me@proxy:3128/');
    expect(() => proxyFrom(secret({}))).toThrow(/'address'/);
    expect(() => proxyFrom(secret({ address: '' }))).toThrow(/empty/);
  });

  test('RTM-531: 2048 characters are accepted, 2049 are not', () => {
    const address = (length: number) => `http://${'h'.repeat(60)}/`.padEnd(length, 'x');
    expect(proxyFrom(secret({ address: address(2048) })).protocol).toBe('http:');
    expect(() => proxyFrom(secret({ address: address(2049) }))).toThrow(/2048/);
  });

  test('RTM-531: only http, https and socks5', () => {
    for (const address of ['ftp://p:1', 'socks4://p:1', 'proxy:8080', '//p'])
      expect(() => proxyFrom(secret({ address }))).toThrow(/http:\/\/, https:\/\/, socks5:\/\//);
    expect(proxyFrom(secret({ address: 'socks5://p:1080' })).href).toMatch(/^socks5:\/\/p:1080/);
    expect(proxyFrom(secret({ address: 'socks5://p:1080', username: 'u', password: 'w' })).href).toMatch(
      /^socks5:\/\/u:w@p:1080/,
    );
  });
});

test('RTM-292: SSH needs identity and known_hosts', () => {
  expect(sshFrom(secret({ identity: 'i', known_hosts: 'k', 'identity.pub': 'p', password: 'w' }))).toEqual({
    identity: 'i',
    knownHosts: 'k',
    publicKey: 'p',
    password: 'w',
  });
  expect(() => sshFrom(secret({ identity: 'i' }))).toThrow(/'known_hosts'/);
  expect(() => sshFrom(secret({ known_hosts: 'k' }))).toThrow(/'identity'/);
});

describe('GitHub App', () => {
  const app = { githubAppID: '1', githubAppPrivateKey: 'pem' };

  test('RTM-293: exactly one of installation id and owner', () => {
    expect(githubAppFrom(secret({ ...app, githubAppInstallationID: '2' }))).toMatchObject({ installationID: '2' });
    expect(() => githubAppFrom(secret(app))).toThrow(/exactly one.*neither/);
    expect(() =>
      githubAppFrom(secret({ ...app, githubAppInstallationID: '2', githubAppInstallationOwner: 'o' })),
    ).toThrow(/exactly one.*both/);
    expect(() => githubAppFrom(secret({ githubAppID: '1' }))).toThrow(/githubAppPrivateKey/);
  });

  test('RTM-534: owner and base URL; together with a CA in one Secret', () => {
    const values = { ...app, githubAppInstallationOwner: 'o', githubAppBaseURL: 'https://ghe.example/api/v3' };
    const methods = authMethodsFrom(secret({ ...values, 'ca.crt': cert }));
    expect(methods.githubApp).toMatchObject({ installationOwner: 'o', baseURL: 'https://ghe.example/api/v3' });
    expect(methods.tls).toMatchObject({ ca: cert });
  });
});

test('RTM-294: registry credentials from a docker configuration', () => {
  const config = {
    auths: {
      'ghcr.io': { auth: Buffer.from('me:to:ken').toString('base64') },
      'r.io': { username: 'u', password: 'p' },
    },
  };
  const auths = registryAuthsFrom(
    secret({ '.dockerconfigjson': JSON.stringify(config) }, 'kubernetes.io/dockerconfigjson'),
  );
  expect(auths.get('ghcr.io')).toMatchObject({ username: 'me', password: 'to:ken' });
  expect(auths.get('r.io')).toMatchObject({ username: 'u', password: 'p' });
  expect(() => registryAuthsFrom(secret({ '.dockerconfigjson': '{"auths": s3cret' }))).toThrow(SecretFormatError);
  expect(() => registryAuthsFrom(secret({ '.dockerconfigjson': '{"auths": s3cret' }))).not.toThrow(/s3cret/);
  expect(() => registryAuthsFrom(secret({}, 'Opaque'))).toThrow(/kubernetes.io\/dockerconfigjson/);
});

describe('all methods of one Secret', () => {
  test('RTM-297: what is incomplete is left out', () => {
    expect(authMethodsFrom(secret({ identity: 'i', githubAppID: '1', 'tls.crt': cert }))).toEqual({});
    expect(
      Object.keys(authMethodsFrom(secret({ username: 'u', password: 'p', bearerToken: 'b', token: 't' }))),
    ).toEqual(['basic', 'bearerToken', 'token']);
  });

  test('RTM-297: what is wrong is an error even beside something right', () => {
    expect(() => authMethodsFrom(secret({ bearerToken: 'b', username: 'u' }))).toThrow(/malformed basic auth/);
    expect(() => authMethodsFrom(secret({ bearerToken: 'b', 'ca.crt': 'garbage' }))).toThrow(/CA certificate/);
    expect(() => authMethodsFrom(secret({ bearerToken: 'b', githubAppID: '1', githubAppPrivateKey: 'k' }))).toThrow(
      /exactly one/,
    );
  });

  test('RTM-292: a password beside an SSH identity is its passphrase', () => {
    const methods = authMethodsFrom(secret({ identity: 'i', known_hosts: 'k', password: 'w' }));
    expect(methods).toEqual({ ssh: { identity: 'i', knownHosts: 'k', password: 'w' } });
  });
});

test('RTM-301: tokens are masked wherever they occur', () => {
  expect(maskToken('Bearer abc, xabcx', 'abc')).toBe('Bearer *****, x*****x');
  expect(maskToken('plain', '')).toBe('plain');
  expect(maskToken('a$&b', '$&')).toBe('a*****b');
  expect(maskToken('contains it', Uint8Array.of(0xff, 0xfe))).toMatch(/withheld/);
  const masked = maskError(new TypeError('bad abc', { cause: 'abc' }), 'abc');
  expect([masked.name, masked.message, masked.cause]).toEqual(['TypeError', 'bad *****', undefined]);
});

test('cloud identities are refused, naming the provider', async () => {
  const { signal } = new AbortController();
  await expect(identityToken({ provider: 'aws' }, { signal })).rejects.toThrow(UnsupportedIdentityError);
});
