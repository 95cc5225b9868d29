import { spawn } from 'node:child_process';
import { createServer, type AddressInfo } from 'node:net';
import ssh2, { type Algorithms, type AuthContext, type Connection, type Session } from 'ssh2';
import { gitEnvironment } from './repository.ts';

/** A key pair in the encoding of OpenSSH. */
export interface SshKey {
  private: string;
  /** `<type> <base64>`, as in `known_hosts` and `authorized_keys`. */
  public: string;
}

/** What key to generate. */
export interface SshKeyOptions {
  /** Default `ed25519`. */
  type?: 'ed25519' | 'ecdsa' | 'rsa';
  /** Of an ECDSA key: 256 (default), 384, 521; of an RSA key: 2048 by default. */
  bits?: number;
  /** Encrypts the private key. */
  passphrase?: string;
}

/** What a server does instead of serving. */
export type GitSshServerFault = 'ignore' | 'hang' | 'drop' | 'garbage';

/** Options of {@link startGitSshServer}. */
export interface GitSshServerOptions {
  /** Repositories by name: bare ones, or directories with a work tree. */
  repositories: Record<string, string>;
  /** Public keys that get in, `<type> <base64>`. Without it nobody has to prove anything. */
  authorizedKeys?: string[];
  /** Default: one Ed25519 key, generated. */
  hostKeys?: SshKey[];
  /** Restricts what is negotiated. */
  algorithms?: Algorithms;
  /** Highest protocol version of Git to speak; 0 refuses the environment variable. Default 2. */
  protocolVersion?: 0 | 2;
  /** Git configuration of the serving processes. */
  config?: Record<string, string>;
}

/** A running SSH server that serves Git repositories. */
export interface GitSshServer {
  /** Without trailing slash; a repository's URL is `<url>/<name>`. */
  readonly url: string;
  readonly port: number;
  /** The lines of `known_hosts` for this server. */
  readonly knownHosts: string;
  /** `<user> <command>` of everything that was run, oldest first. */
  readonly commands: string[];
  /** Connections that are open now. */
  readonly connections: number;
  /** Adds or replaces a repository. */
  serve(name: string, directory: string): void;
  /**
   * From now on, do this to clients that want something run, instead of serving; or stop that. `ignore` never answers
   * them, `hang` runs something that says nothing.
   */
  fault(fault: GitSshServerFault | undefined): void;
  /** Stops at once, with the git processes under way. */
  close(): Promise<void>;
}

/** Generates a key pair. */
export function generateSshKey({ type = 'ed25519', bits, passphrase }: SshKeyOptions = {}): SshKey {
  const encryption = passphrase === undefined ? {} : { passphrase, cipher: 'aes256-ctr', rounds: 16 };
  const size = type === 'rsa' ? { bits: bits ?? 2048 } : type === 'ecdsa' ? { bits: bits ?? 256 } : {};
  const generate = ssh2.utils.generateKeyPairSync as (type: string, options: object) => SshKey;
  for (;;) {
    const pair = generate(type, { ...encryption, ...size });
    const [name, encoded = ''] = pair.public.split(' ');
    // The library drops a leading zero of Ed25519 keys, one in 256, which nobody can read then.
    const isWhole = type !== 'ed25519' || Buffer.from(encoded, 'base64').length === 51;
    if (isWhole) return { private: pair.private, public: `${name} ${encoded}` };
  }
}

/** Serves repositories over SSH with the stock `git`, which must be installed. For tests. */
export async function startGitSshServer(options: GitSshServerOptions): Promise<GitSshServer> {
  const repositories = new Map(Object.entries(options.repositories));
  const hostKeys = options.hostKeys ?? [generateSshKey()];
  const commands: string[] = [];
  const open = new Set<Connection>();
  let fault: GitSshServerFault | undefined;

  const serverOptions = { hostKeys: hostKeys.map((key) => key.private), algorithms: options.algorithms };
  const server = new ssh2.Server(serverOptions, (client) => {
    let user = '';
    open.add(client);
    client.on('close', () => open.delete(client));
    client.on('error', () => undefined);
    client.on('authentication', (context) => {
      user = context.username;
      if (isAuthorized(context, options.authorizedKeys)) context.accept();
      else context.reject(['publickey']);
    });
    client.on('session', (accept) => serveSession(accept()));

    function serveSession(session: Session): void {
      let protocol: string | undefined;
      session.on('env', (accept, reject, info) => {
        const isWanted = info.key === 'GIT_PROTOCOL' && options.protocolVersion !== 0;
        if (isWanted) protocol = (info as unknown as { val: string }).val;
        // Neither is there when the client wants no answer.
        (isWanted ? accept : reject)?.();
      });
      session.on('exec', (accept, _reject, { command }) => {
        commands.push(`${user} ${command}`);
        if (fault === 'ignore') return;
        if (fault === 'drop') return void client.end();
        const channel = accept();
        channel.on('error', () => undefined);
        if (fault === 'hang') return;
        if (fault === 'garbage') return void channel.end('Welcome to the machine\n');
        const path = /^git-upload-pack '(?:\/|~\/)?(.+?)(?:\.git)?'$/.exec(command)?.[1];
        const directory = repositories.get(path?.replaceAll(/'\\(.)'/g, '$1') ?? '');
        if (directory === undefined) {
          channel.stderr.write(`ERROR: Repository not found.\n`);
          channel.exit(1);
          return void channel.end();
        }
        const pairs = Object.entries({ 'safe.directory': '*', ...options.config });
        const config = pairs.flatMap(([key, value]) => ['-c', `${key}=${value}`]);
        const child = spawn('git', [...config, 'upload-pack', directory], {
          env: gitEnvironment({ GIT_PROTOCOL: protocol }),
          stdio: ['pipe', 'pipe', 'pipe'],
        });
        channel.once('close', () => child.kill('SIGKILL'));
        child.stdin.on('error', () => undefined);
        channel.pipe(child.stdin);
        child.stdout.pipe(channel, { end: false });
        child.stderr.pipe(channel.stderr, { end: false });
        child.once('close', (code) => {
          if (!channel.writable) return;
          channel.exit(code ?? 1);
          channel.end();
        });
      });
    }
  });
  // The many small messages of SSH are slow when each waits for the acknowledgement of the one before.
  const listener = createServer({ noDelay: true }, (socket) => server.injectSocket(socket));
  await new Promise<void>((listening) => listener.listen(0, '127.0.0.1', listening));
  const { port } = listener.address() as AddressInfo;
  return {
    url: `ssh://git@127.0.0.1:${port}`,
    port,
    knownHosts: hostKeys.map((key) => `[127.0.0.1]:${port} ${key.public}\n`).join(''),
    commands,
    get connections() {
      return open.size;
    },
    serve: (name, directory) => void repositories.set(name, directory),
    fault: (next) => void (fault = next),
    async close() {
      const closed = new Promise<void>((done) => listener.close(() => done()));
      for (const client of open) client.end();
      await closed;
    },
  };
}

function isAuthorized(context: AuthContext, authorizedKeys: string[] | undefined): boolean {
  if (authorizedKeys === undefined) return true;
  if (context.method !== 'publickey') return false;
  const encoded = context.key.data.toString('base64');
  const known = authorizedKeys.find((key) => key.split(' ')[1] === encoded);
  const key = known === undefined ? undefined : ssh2.utils.parseKey(known);
  if (key === undefined || key instanceof Error) return false;
  if (context.signature === undefined || context.blob === undefined) return true;
  return key.verify(context.blob, context.signature, context.hashAlgo) === true;
}
