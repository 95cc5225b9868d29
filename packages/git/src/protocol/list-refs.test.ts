import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { GitError } from '../errors.ts';
import {
  createRepository,
  startGitServer,
  type GitServer,
  type GitServerOptions,
  type TestRepository,
} from '../testing/index.ts';
import { type GitRemote } from '../transport/connection.ts';
import { closeConnections } from '../transport/dispatcher.ts';
import { listRefs } from './list-refs.ts';

const pem = (name: string) => readFileSync(join(import.meta.dirname, '../testdata', name), 'utf8');
const tls = { cert: pem('server.crt'), key: pem('server.key') };

let repository: TestRepository;
let head: string;
let servers: { close(): Promise<void> }[] = [];

beforeAll(async () => {
  repository = await createRepository();
  head = await repository.commit({ 'a.yaml': 'a' });
  await repository.tag('v1', { message: 'annotated' });
});
afterEach(async () => {
  await Promise.all(servers.map((server) => server.close()));
  servers = [];
});
afterAll(async () => {
  await closeConnections();
  await repository.remove();
});

async function serve(options: Partial<GitServerOptions> = {}): Promise<GitServer> {
  const server = await startGitServer({ repositories: { 'team/app': repository.directory }, ...options });
  servers.push(server);
  return server;
}

const remoteOf = (server: GitServer, extra: Partial<GitRemote> = {}): GitRemote => ({
  url: `${server.url}/team/app.git`,
  ...extra,
});

/** The class name and message of the failure. */
async function failureOf(remote: GitRemote, options = {}): Promise<string> {
  try {
    await listRefs(remote, options);
    return 'none';
  } catch (error) {
    expect(error).toBeInstanceOf(GitError);
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

describe('listing refs', () => {
  test.each([2, 0] as const)('SRC-281: names, peeled tags, symrefs; protocol version %d', async (protocolVersion) => {
    const server = await serve({ protocolVersion });
    const refs = await listRefs(remoteOf(server));
    expect(refs).toEqual([
      { name: 'HEAD', oid: head, symrefTarget: 'refs/heads/master' },
      { name: 'refs/heads/master', oid: head },
      { name: 'refs/tags/v1', oid: expect.not.stringMatching(head), peeled: head },
    ]);
    expect(await listRefs(remoteOf(server), { prefixes: ['refs/heads/'] })).toEqual([refs[1]]);
  });

  test('SRC-218: a server seen before costs a single request', async () => {
    const server = await serve();
    await listRefs(remoteOf(server));
    expect(server.requests.map(({ method, url }) => `${method} ${url}`)).toEqual([
      'GET /team/app.git/info/refs?service=git-upload-pack',
      'POST /team/app.git/git-upload-pack',
    ]);
    await listRefs(remoteOf(server), { prefixes: ['refs/heads/master'] });
    expect(server.requests).toHaveLength(3);
  });

  test('a server that stopped speaking version 2 is discovered anew', async () => {
    const server = await serve();
    await listRefs(remoteOf(server));
    await server.close();
    servers = [];
    const old = await serve({ port: server.port, protocolVersion: 0 });
    expect(await listRefs(remoteOf(old))).toHaveLength(3);
  });

  test('SRC-227, SRC-235, SRC-488: basic auth from options, or from the URL', async () => {
    const server = await serve({ auth: { username: 'ada', password: 'p@ss' } });
    expect(
      await listRefs(remoteOf(server, { auth: { type: 'basic', username: 'ada', password: 'p@ss' } })),
    ).toHaveLength(3);
    const url = remoteOf(server).url.replace('//', '//ada:p%40ss@');
    expect(await listRefs({ url })).toHaveLength(3);
    expect(
      await listRefs({
        url: url.replace('ada:p%40ss', 'eve:x'),
        auth: { type: 'basic', username: 'ada', password: 'p@ss' },
      }),
    ).toHaveLength(3);
  });

  test('SRC-228, SRC-238: bearer token; not together with a user', async () => {
    const server = await serve({ auth: { token: 'tok' } });
    const auth = { type: 'bearer' as const, token: 'tok' };
    expect(await listRefs(remoteOf(server, { auth }))).toHaveLength(3);
    const url = remoteOf(server).url.replace('//', '//ada@');
    expect(await failureOf({ url, auth })).toMatch(
      /^InvalidOptionsError.*basic auth and bearer token cannot be set at the same time/,
    );
  });

  test('SRC-236, SRC-237: a user without password is sent, a password without user refused, nothing sends no header', async () => {
    const server = await serve();
    await listRefs(remoteOf(server, { auth: { type: 'basic', username: 'ada', password: '' } }));
    expect(server.requests[0]?.authorization).toBe(`Basic ${Buffer.from('ada:').toString('base64')}`);
    await listRefs(remoteOf(server));
    expect(server.requests.at(-1)?.authorization).toBeUndefined();
    expect(await failureOf(remoteOf(server, { auth: { type: 'basic', username: '', password: 'x' } }))).toMatch(
      /invalid 'http' auth option: 'password' requires 'username' to be set/,
    );
  });

  test('SRC-278, SRC-426: refused credentials, without the password in the message', async () => {
    const server = await serve({ auth: { username: 'ada', password: 'right' } });
    const failure = await failureOf({ url: remoteOf(server).url.replace('//', '//ada:wrong-secret@') });
    expect(failure).toMatch(
      /^AuthenticationError: unable to list remote for 'http:\/\/ada:\*\*\*@.*': authentication required/,
    );
    expect(failure).not.toContain('wrong-secret');
    server.fault({ kind: 'status', status: 403 });
    expect(await failureOf(remoteOf(server))).toMatch(/^AuthenticationError.*authorization failed/);
  });

  test('SRC-278: a repository that does not exist', async () => {
    const server = await serve();
    expect(await failureOf({ url: `${server.url}/other` })).toMatch(/^RepositoryNotFoundError.*repository not found/);
  });

  test('SRC-231, SRC-241, SRC-488, SRC-490: a private authority', async () => {
    const server = await serve({ tls });
    expect(await listRefs(remoteOf(server, { ca: pem('ca.crt') }))).toHaveLength(3);
    for (const ca of [undefined, 'invalid']) {
      expect(await failureOf(remoteOf(server, { ca }))).toMatch(
        /^CertificateError.*x509: certificate signed by unknown authority/,
      );
    }
  });

  test('SRC-232, SRC-241, SRC-488, SRC-489: client certificates', async () => {
    const server = await serve({ tls: { ...tls, clientCa: pem('ca.crt') } });
    const clientCert = { cert: pem('client.crt'), key: pem('client.key') };
    expect(await listRefs(remoteOf(server, { ca: pem('ca.crt'), clientCert }))).toHaveLength(3);
    expect(await failureOf(remoteOf(server, { ca: pem('ca.crt') }))).toMatch(
      /^(CertificateError|UnreachableHostError)/,
    );
    const broken = { ...clientCert, key: 'invalid' };
    expect(await failureOf(remoteOf(server, { clientCert: broken }))).toMatch(/^CertificateError.*PEM/);
  });

  test('unreachable hosts and closed ports', async () => {
    const server = await serve();
    await server.close();
    servers = [];
    expect(await failureOf(remoteOf(server))).toMatch(/^UnreachableHostError.*ECONNREFUSED/);
    expect(await failureOf({ url: 'http://no-such-host.invalid/x' })).toMatch(
      /^UnreachableHostError.*no-such-host\.invalid/,
    );
  });

  test('SRC-215: the deadline is named, an abort keeps its reason', async () => {
    const server = await serve();
    server.fault({ kind: 'hang' });
    expect(await failureOf(remoteOf(server), { timeout: 50 })).toMatch(/^TimeoutError.*deadline of 0\.05s exceeded/);
    const stop = new AbortController();
    const listing = listRefs(remoteOf(server), { signal: stop.signal });
    stop.abort(new Error('superseded'));
    await expect(listing).rejects.toThrow('superseded');
  });

  test('answers that are not Git, errors and cut connections', async () => {
    const server = await serve();
    server.fault({ kind: 'garbage' });
    expect(await failureOf(remoteOf(server))).toMatch(/^RemoteError.*not in the Git protocol/);
    server.fault({ kind: 'status', status: 500 });
    expect(await failureOf(remoteOf(server))).toMatch(/^RemoteError.*status 500/);
    server.fault({ kind: 'cut', after: 10 });
    expect(await failureOf(remoteOf(server))).toMatch(/^(RemoteError|UnreachableHostError)/);
  });

  test('SRC-240: redirects of the discovery; credentials stay with their host', async () => {
    const target = await serve();
    const moved = await serve({ auth: { username: 'ada', password: 'p' } });
    moved.fault({ kind: 'redirect', to: `${target.url}/team` });
    const auth = { type: 'basic' as const, username: 'ada', password: 'p' };
    expect(await listRefs(remoteOf(moved, { auth }))).toHaveLength(3);
    expect(moved.requests[0]?.authorization).toBeDefined();
    expect(target.requests.map((request) => request.authorization)).toEqual([undefined, undefined]);
    expect(target.requests.map((request) => request.method)).toEqual(['GET', 'POST']);

    moved.fault({ kind: 'redirect', to: moved.url });
    expect(await failureOf({ url: `${moved.url}/loop` })).toMatch(/^RemoteError.*10 redirects/);
    const secure = await serve({ tls });
    secure.fault({ kind: 'redirect', to: `${target.url}/team` });
    expect(await failureOf(remoteOf(secure, { ca: pem('ca.crt') }))).toMatch(
      /^RemoteError.*redirects from https to http/,
    );
  });

  test('SRC-108: URLs that cannot be parsed, and schemes that are not spoken', async () => {
    expect(await failureOf({ url: 'http://%%' })).toMatch(/^InvalidOptionsError.*failed to parse url/);
    expect(await failureOf({ url: 'git://example.com/x' })).toMatch(
      /^UnsupportedTransportError.*'git'.*http, https or ssh/,
    );
  });
});
