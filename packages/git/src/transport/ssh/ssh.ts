import { type Socket } from 'node:net';
import ssh2, { type Algorithms, type Client, type ConnectConfig, type ParsedKey } from 'ssh2';
import { AuthenticationError, GitError, InvalidOptionsError, RemoteError, UnreachableHostError } from '../../errors.ts';
import { type Discovery, type GitConnection, type GitRemote } from '../connection.ts';
import { bare, dial } from './dial.ts';
import { parseIdentity } from './identity.ts';
import { parseKnownHosts, type HostAddress, type KnownHosts } from './known-hosts.ts';
import { openSession, type Session } from './session.ts';

/** What is needed to talk to a remote over SSH. */
export interface SshOptions {
  /** Private key (SRC-243). */
  identity: string;
  /** Passphrase of an encrypted identity. */
  passphrase?: string;
  /** The host keys that are trusted, in the format of OpenSSH. Nothing else is. */
  knownHosts: string;
  /** Key exchange algorithms, most preferred first. Default when empty: those of the SSH library (SRC-247). */
  kexAlgorithms?: readonly string[];
  /** Host key algorithms, most preferred first. Default when empty: the key types in `knownHosts` (SRC-246). */
  hostKeyAlgorithms?: readonly string[];
}

/**
 * Connects to a repository over SSH (SRC-234, SRC-236, SRC-243…248). The connection is made when it is first needed,
 * and ends with {@link GitConnection.close}.
 *
 * @throws InvalidOptionsError when the host, the identity or the known hosts are missing or malformed.
 */
export function openSshConnection(url: URL, remote: GitRemote, signal: AbortSignal): GitConnection {
  const address = { host: decode(bare(url.hostname)), port: Number(url.port || 22) };
  const options = checkOptions(address, remote.ssh);
  const knownHosts = parseKnownHosts(options.knownHosts);
  const user = decode(url.username) || 'git';
  const path = decode(url.pathname + url.search).replace(/^\/(?=~)/, '');
  let client: Promise<Client> | undefined;
  let session: Session | undefined;
  let discovery: Discovery | undefined;

  async function usableSession(): Promise<Session> {
    if (session?.isUsable) return session;
    session?.close();
    client ??= logIn({ address, user, options, knownHosts, proxy: remote.proxy }, signal);
    session = await openSession(await client, path, signal);
    discovery = session.discovery;
    return session;
  }

  return {
    assumed: false,
    forget: () => undefined,
    discover: async () => discovery ?? (await usableSession()).discovery,
    async *exchange(request) {
      yield* (await usableSession()).exchange(request);
    },
    async close() {
      session?.close();
      const connected = await client?.catch(() => undefined);
      connected?.end().destroy();
    },
  };
}

/** A part of a URL as it was meant; a `%` that means nothing stands for itself. */
function decode(text: string): string {
  try {
    return decodeURIComponent(text);
  } catch {
    return text;
  }
}

function checkOptions({ host }: HostAddress, options: SshOptions | undefined): SshOptions {
  const missing = host === '' ? 'host' : !options?.identity ? 'identity' : !options.knownHosts ? 'known_hosts' : '';
  if (missing !== '') throw new InvalidOptionsError(`invalid 'ssh' auth option: '${missing}' is required`);
  return options!;
}

interface Login {
  address: HostAddress;
  user: string;
  options: SshOptions;
  knownHosts: KnownHosts;
  proxy: string | undefined;
}

/** Connects, checks the host's key and authenticates with the identity alone. */
async function logIn(login: Login, signal: AbortSignal): Promise<Client> {
  const { address, options, proxy } = login;
  const algorithms = algorithmsOf(login);
  const key = await parseIdentity(options.identity, options.passphrase, signal);
  const sock = await dial(address, proxy, signal);
  return handshake(login, key, algorithms, sock, signal);
}

function handshake(
  { address, user, knownHosts }: Login,
  key: ParsedKey,
  algorithms: Algorithms,
  sock: Socket,
  signal: AbortSignal,
): Promise<Client> {
  const client = new ssh2.Client();
  return new Promise((resolve, reject) => {
    let untrusted: unknown;
    const fail = (error: unknown) => {
      client.destroy();
      sock.destroy();
      reject(signal.aborted ? signal.reason : (untrusted ?? sshError(error, address)));
    };
    const aborted = () => fail(signal.reason);
    signal.addEventListener('abort', aborted);
    client.once('close', () => {
      signal.removeEventListener('abort', aborted);
      fail(new UnreachableHostError(`'${address.host}' closed the connection`));
    });
    // Later errors end the channels too, whose readers tell.
    client.on('error', fail);
    client.once('ready', () => resolve(client));
    const config: ConnectConfig = {
      sock,
      algorithms,
      username: user,
      // The types of the library lack this form.
      authHandler: [{ type: 'publickey', username: user, key }] as unknown as ConnectConfig['authHandler'],
      // The deadline is the signal's.
      readyTimeout: 0,
      hostVerifier: (presented: Buffer) => {
        try {
          knownHosts.verify(address, presented);
          return true;
        } catch (error) {
          untrusted = error;
          return false;
        }
      },
    };
    try {
      client.connect(config);
      sock.resume();
    } catch (error) {
      fail(new InvalidOptionsError(`SSH cannot be configured: ${(error as Error).message}`, { cause: error }));
    }
  });
}

// What the SSH library can do, and what an RSA key can sign with.
const supportedHostKeys = [
  ...['ssh-ed25519', 'ecdsa-sha2-nistp256', 'ecdsa-sha2-nistp384', 'ecdsa-sha2-nistp521'],
  ...['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'],
];
const rsaSignatures = ['rsa-sha2-512', 'rsa-sha2-256', 'ssh-rsa'];

function algorithmsOf({ address, options, knownHosts }: Login): Algorithms {
  const { kexAlgorithms = [], hostKeyAlgorithms = [] } = options;
  let serverHostKey = [...hostKeyAlgorithms];
  if (serverHostKey.length === 0) {
    const types = knownHosts.keyTypes(address);
    const offered = types.flatMap((type) => (type === 'ssh-rsa' ? rsaSignatures : [type]));
    serverHostKey = offered.filter((type) => supportedHostKeys.includes(type));
    if (serverHostKey.length === 0) {
      const found = types.length === 0 ? 'no keys' : `only keys of types that are not supported: ${types.join(', ')}`;
      throw new InvalidOptionsError(`known_hosts has ${found}; add one of type Ed25519, ECDSA or RSA`);
    }
  }
  const kex = kexAlgorithms.length > 0 ? { kex: [...kexAlgorithms] } : {};
  return { serverHostKey, ...kex } as Algorithms;
}

/** Names the kind of a failure that the SSH library reports. */
function sshError(error: unknown, { host, port }: HostAddress): unknown {
  if (error instanceof GitError) return error;
  const { level, message } = error as Error & { level?: string };
  const cause = { cause: error };
  if (level === 'client-authentication') {
    return new AuthenticationError('ssh: authentication required: the server does not accept the identity', cause);
  }
  if (level === 'client-socket') return new UnreachableHostError(`cannot talk to '${host}:${port}': ${message}`, cause);
  return new RemoteError(`ssh: handshake failed: ${message.replace(/^Handshake failed: /, '')}`, cause);
}
