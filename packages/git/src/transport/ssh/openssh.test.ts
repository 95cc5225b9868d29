import { spawn, type ChildProcess } from 'node:child_process';
import { existsSync } from 'node:fs';
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { connect, createServer, type AddressInfo } from 'node:net';
import { tmpdir, userInfo } from 'node:os';
import { join } from 'node:path';
import { checkout } from '../../checkout/checkout.ts';
import { endIdleThreads } from '../../checkout/thread.ts';
import { listRefs } from '../../protocol/list-refs.ts';
import { createRepository, generateSshKey, type SshKeyOptions } from '../../testing/index.ts';
import { type GitRemote } from '../connection.ts';

// The server of OpenSSH, if it is installed and can be run: as root it wants a directory that its service makes.
const program = process.env.SSHD_BIN ?? '/usr/sbin/sshd';
const isRunnable = existsSync(program) && (userInfo().uid !== 0 || existsSync('/run/sshd'));
const withOpenSsh = isRunnable ? test : test.skip;

/** The address of a server that lets a key in, and its host key. */
async function startSshd(scratch: string, authorizedKey: string, hostKey: string, acceptEnv: boolean) {
  const port = await freePort();
  const file = async (name: string, content: string) => {
    await writeFile(join(scratch, name), content);
    await chmod(join(scratch, name), 0o600);
    return join(scratch, name);
  };
  const lines = [
    `HostKey ${await file('host', hostKey)}`,
    `AuthorizedKeysFile ${await file('authorized', authorizedKey)}`,
    ...['ListenAddress 127.0.0.1', `Port ${port}`, 'PidFile none', 'UsePAM no', 'StrictModes no'],
    ...['PermitRootLogin yes', 'PasswordAuthentication no', 'KbdInteractiveAuthentication no'],
    ...(acceptEnv ? ['AcceptEnv GIT_PROTOCOL'] : []),
  ];
  const config = await file('config', `${lines.join('\n')}\n`);
  const server = spawn(program, ['-D', '-e', '-f', config], { stdio: ['ignore', 'ignore', 'pipe'] });
  let log = '';
  server.stderr.on('data', (data: Buffer) => (log += data.toString()));
  await listening(port, server, () => log);
  return { port, server };
}

async function freePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  const { port } = server.address() as AddressInfo;
  await new Promise((done) => server.close(done));
  return port;
}

async function listening(port: number, server: ChildProcess, log: () => string): Promise<void> {
  const deadline = Date.now() + 10_000;
  for (;;) {
    const isUp = await new Promise((done) => {
      const socket = connect(port, '127.0.0.1', () => done(true)).on('error', () => done(false));
      socket.once('connect', () => socket.destroy());
    });
    if (isUp) return;
    if (server.exitCode !== null || Date.now() > deadline) throw new Error(`sshd does not start: ${log()}`);
    await new Promise((done) => setImmediate(done));
  }
}

describe('the server of OpenSSH', () => {
  const keys: [string, SshKeyOptions, boolean][] = [
    ['Ed25519, protocol version 2', { type: 'ed25519' }, true],
    ['ECDSA, protocol version 0', { type: 'ecdsa' }, false],
    ['RSA, encrypted', { type: 'rsa', passphrase: 'pass' }, true],
  ];
  withOpenSsh.each(keys)('SRC-229, SRC-243, SRC-248: serves a repository: %s', async (_title, options, acceptEnv) => {
    const scratch = await mkdtemp(join(tmpdir(), 'git-openssh-'));
    const repository = await createRepository();
    const commit = await repository.commit({ 'a.yaml': '1' });
    const user = generateSshKey(options);
    const host = generateSshKey({ ...(options.type && { type: options.type }) });
    const { port, server } = await startSshd(scratch, user.public, host.private, acceptEnv);
    try {
      const remote = (knownHosts: string): GitRemote => ({
        url: `ssh://${userInfo().username}@127.0.0.1:${port}${repository.directory}`,
        ssh: { identity: user.private, knownHosts, ...(options.passphrase && { passphrase: options.passphrase }) },
      });
      const directory = join(scratch, 'files');
      const done = await checkout(remote(`[127.0.0.1]:${port} ${host.public}`), {}, { directory });
      expect(done.revision).toBe(`master@sha1:${commit}`);
      expect(await readFile(join(directory, 'a.yaml'), 'utf8')).toBe('1');
      const other = remote(
        `[127.0.0.1]:${port} ${generateSshKey({ ...(options.type && { type: options.type }) }).public}`,
      );
      await expect(listRefs(other)).rejects.toThrow('key mismatch');
      const missing = {
        ...remote(`[127.0.0.1]:${port} ${host.public}`),
        url: `ssh://${userInfo().username}@127.0.0.1:${port}/nothing`,
      };
      await expect(listRefs(missing)).rejects.toThrow('repository not found');
    } finally {
      server.kill();
      await repository.remove();
      await rm(scratch, { recursive: true, force: true });
      await endIdleThreads();
    }
  });
});
