import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createClient, CredentialsError, isTimeout, isUnauthorized } from '../index.ts';
import { sendJson, sendStatus, startServer, type TestServer } from '../testing/server.ts';
import type { AuthConfig } from '../config/config.ts';
import { execCredentials } from './exec.ts';
import { tokenFileCredentials } from './token-file.ts';

let folder: string;
let server: TestServer;
let accepted: string;
beforeEach(async () => {
  folder = await mkdtemp(join(tmpdir(), 'credentials-'));
  server = await startServer(({ headers }, response) => {
    if (headers.authorization === accepted) return sendJson(response, {});
    return sendStatus(response, 401, { reason: 'Unauthorized', message: 'Unauthorized' });
  });
});
afterEach(async () => {
  await server.stop();
  await rm(folder, { recursive: true });
});

async function ask(auth: AuthConfig): Promise<unknown> {
  const client = createClient({ server: server.url, auth });
  try {
    return await client.request('GET', '/version');
  } finally {
    await client.close();
  }
}

/** A plug-in that prints what `body` (JavaScript) leaves in `credential`, and counts its runs. */
async function plugin(body: string): Promise<string> {
  const path = join(folder, 'plugin');
  const runs = JSON.stringify(join(folder, 'runs'));
  await writeFile(
    path,
    `#!${process.execPath}
const { appendFileSync } = require('node:fs');
appendFileSync(${runs}, '.');
const info = JSON.parse(process.env.KUBERNETES_EXEC_INFO);
let credential = { apiVersion: info.apiVersion, kind: 'ExecCredential', status: { token: 't' } };
${body}
console.log(JSON.stringify(credential));
`,
  );
  await chmod(path, 0o755);
  return path;
}
const runs = async () => (await readFile(join(folder, 'runs'), 'utf8')).length;
const v1 = 'client.authentication.k8s.io/v1';
const never = new AbortController().signal;

test('token, basic and a function that gives tokens', async () => {
  accepted = 'Bearer abc';
  await ask({ token: 'abc' });
  accepted = `Basic ${Buffer.from('u:p@ß').toString('base64')}`;
  await ask({ basic: { username: 'u', password: 'p@ß' } });
  let calls = 0;
  accepted = 'Bearer fresh';
  await ask({ getToken: async () => (calls++, 'fresh') });
  expect(calls).toBe(1);
  expect(isUnauthorized(await ask({ token: 'wrong' }).catch((e: unknown) => e))).toBe(true);
});

test('an auth provider of an older kubeconfig', async () => {
  const part = (value: object) => Buffer.from(JSON.stringify(value)).toString('base64url');
  const token = `${part({ alg: 'none' })}.${part({ exp: 4_102_444_800 })}.x`;
  const config = {
    'id-token': token,
    'client-id': 'c',
    'client-secret': 's',
    'idp-issuer-url': 'i',
    'refresh-token': 'r',
  };
  accepted = `Bearer ${token}`;
  await ask({ provider: { name: 'oidc', config } });
  await expect(ask({ provider: { name: 'unknown' } })).rejects.toThrow(
    'auth provider unknown of the kubeconfig failed',
  );
});

describe('token files', () => {
  test('are read again every minute, and keep the last token when that fails', async () => {
    const file = join(folder, 'token');
    let now = 0;
    const source = tokenFileCredentials(file, () => now);
    await expect(source.current(never)).rejects.toThrow(CredentialsError);
    await writeFile(file, 'one\n');
    expect(await source.current(never)).toEqual({ authorization: 'Bearer one' });
    await writeFile(file, 'two');
    now = 59_000;
    expect(await source.current(never)).toEqual({ authorization: 'Bearer one' });
    now = 61_000;
    expect(await source.current(never)).toEqual({ authorization: 'Bearer two' });
    await rm(file);
    now = 130_000;
    expect(await source.current(never)).toEqual({ authorization: 'Bearer two' });
  });

  test('are read at once when the server no longer takes the token', async () => {
    const file = join(folder, 'token');
    await writeFile(file, 'old');
    let now = 0;
    const source = tokenFileCredentials(file, () => now);
    const used = await source.current(never);
    await writeFile(file, 'new');
    now = 30_000;
    expect(source.refused(used)).toBe(true);
    expect(await source.current(never)).toEqual({ authorization: 'Bearer new' });
  });
});

describe('exec plug-ins', () => {
  test('get the cluster if they ask for it, and give a token that is kept until it expires', async () => {
    const command = await plugin(`
      if (info.spec.cluster.server !== 'https://kube.example' || process.env.REGION !== 'eu') process.exit(1);
      credential.status = { token: process.argv[2], expirationTimestamp: '2026-01-01T00:00:10Z' };`);
    const exec = {
      apiVersion: v1,
      command,
      args: ['t1'],
      env: [{ name: 'REGION', value: 'eu' }],
      provideClusterInfo: true,
    };
    let now = Date.parse('2026-01-01T00:00:00Z');
    const source = execCredentials(exec, { server: 'https://kube.example' }, () => now);
    const [one, two] = await Promise.all([source.current(never), source.current(never)]);
    expect(one).toEqual({ authorization: 'Bearer t1', cert: undefined, key: undefined });
    expect(two).toBe(one);
    expect(await runs()).toBe(1);
    now += 11_000;
    await source.current(never);
    expect(await runs()).toBe(2);
  });

  test('run once more when the server refuses what they gave', async () => {
    const command = await plugin(`
      const { readFileSync } = require('node:fs');
      credential.status.token = 't' + readFileSync(${JSON.stringify(join(folder, 'runs'))}, 'utf8').length;`);
    accepted = 'Bearer t2';
    await ask({ exec: { apiVersion: v1, command } });
    expect(await runs()).toBe(2);
    accepted = 'Bearer none';
    const error = await ask({ exec: { apiVersion: v1, command } }).catch((e: unknown) => e);
    expect(isUnauthorized(error)).toBe(true);
    expect(await runs()).toBe(4);
  });

  test.each([
    ['process.stderr.write("log in first"); process.exit(3);', 'ended with exit code 3 (log in first)'],
    ['credential = {};', `did not print an ExecCredential of ${v1}`],
    ['credential.status = {};', 'gave neither a token nor a client certificate with its key'],
    ['console.log("x");', 'did not print JSON'],
    ['process.stdout.write("x".repeat(3_000_000)); setInterval(() => {}, 1e6);', 'printed more than'],
  ])('fail with a reason: %s', async (body, message) => {
    const command = await plugin(body);
    const exec = { apiVersion: v1, command, installHint: 'see the manual' };
    const error = await ask({ exec }).catch((e: unknown) => e);
    expect(error).toBeInstanceOf(CredentialsError);
    expect((error as Error).message).toContain(message);
  });

  test('that take longer than the deadline of a request do not hold it up, and end with the client', async () => {
    const command = await plugin('setInterval(() => {}, 1_000); return;');
    const client = createClient({ server: server.url, auth: { exec: { apiVersion: v1, command } } });
    const error = await client.request('GET', '/version', { timeoutMs: 50 }).catch((e: unknown) => e);
    expect(isTimeout(error)).toBe(true);
    await client.close();
  });

  test('that do not exist are named with the hint of where to get them', async () => {
    const exec = { apiVersion: v1, command: '/no/such/program', installHint: 'install it' };
    await expect(ask({ exec })).rejects.toThrow('/no/such/program cannot be run (ENOENT): install it');
  });

  test('of unknown versions, or that need a terminal, are refused', () => {
    const config = { server: 'https://x' };
    expect(() => execCredentials({ apiVersion: 'v0', command: 'x' }, config)).toThrow('"v0" is not supported');
    const exec = { apiVersion: v1, command: 'x', interactiveMode: 'Always' as const };
    expect(() => execCredentials(exec, config)).toThrow('needs a terminal');
  });
});
