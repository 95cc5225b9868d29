import { type Client, type ClientChannel } from 'ssh2';
import { AuthenticationError, RemoteError, RepositoryNotFoundError } from '../../errors.ts';
import { type Discovery } from '../connection.ts';
import { parseDiscovery } from '../discovery.ts';

/** `git-upload-pack` running on the server. */
export interface Session {
  readonly discovery: Discovery;
  /**
   * Sends a request and streams the answer. Of protocol version 2 there may be one after the other, each to be read to
   * its end; of version 0 only one.
   */
  exchange(request: string): AsyncIterable<Uint8Array>;
  /** Whether another {@link exchange} is possible. */
  readonly isUsable: boolean;
  close(): void;
}

const maxStderr = 4_096;

/**
 * Starts `git-upload-pack` and reads what it says first. Protocol version 2 is asked for by environment variable; servers
 * that do not accept it answer in version 0.
 *
 * @throws RepositoryNotFoundError, AuthenticationError or RemoteError with what the server writes to its standard error.
 */
export async function openSession(client: Client, path: string, signal: AbortSignal): Promise<Session> {
  const channel = await execute(client, `git-upload-pack ${quoted(path)}`, signal);
  let stderr = '';
  channel.stderr.on('data', (data: Buffer) => {
    if (stderr.length < maxStderr) stderr += data.toString('utf8');
  });
  channel.stderr.on('error', () => undefined);
  channel.on('error', () => undefined);
  const closed = new Promise<void>((resolve) => channel.once('close', () => resolve()));
  const chunks: AsyncIterator<Uint8Array> = channel[Symbol.asyncIterator]();
  let rest: Buffer = Buffer.alloc(0);
  let state: 'idle' | 'answering' | 'over' = 'answering';

  async function next(): Promise<Buffer | undefined> {
    if (rest.length > 0) {
      const data = rest;
      rest = Buffer.alloc(0);
      return data;
    }
    const { value, done } = await chunks.next();
    // What an abort makes of the channel looks like an early end.
    signal.throwIfAborted();
    return done ? undefined : Buffer.from(value.buffer, value.byteOffset, value.byteLength);
  }

  /** Passes on bytes up to and with the first flush packet; what is behind it stays for later. */
  async function* upToFlush(): AsyncGenerator<Uint8Array> {
    // Bytes of the present packet that are still to come, and the part of a length that came alone.
    let pending = 0;
    let head = '';
    for (let data = await next(); data !== undefined; data = await next()) {
      let at = 0;
      while (at < data.length) {
        if (pending > 0) {
          const step = Math.min(pending, data.length - at);
          pending -= step;
          at += step;
          continue;
        }
        const step = Math.min(4 - head.length, data.length - at);
        head += data.toString('latin1', at, at + step);
        at += step;
        if (head.length < 4) continue;
        if (head === '0000') {
          rest = data.subarray(at);
          yield data.subarray(0, at);
          return;
        }
        // Whatever is no length at all is refused by those who read the packets.
        pending = Math.max(0, (Number.parseInt(head, 16) || 4) - 4);
        head = '';
      }
      yield data;
    }
  }

  async function* toTheEnd(): AsyncGenerator<Uint8Array> {
    for (let data = await next(); data !== undefined; data = await next()) yield data;
  }

  async function* greeting(): AsyncGenerator<Uint8Array> {
    let size = 0;
    for await (const data of upToFlush()) {
      size += data.length;
      yield data;
    }
    if (size > 0) return;
    await closed;
    signal.throwIfAborted();
    throw refusal(stderr);
  }

  try {
    const discovery = await parseDiscovery(greeting());
    state = 'idle';
    return {
      discovery,
      get isUsable() {
        return state === 'idle' && channel.writable;
      },
      async *exchange(request) {
        state = 'answering';
        channel.write(request);
        yield* discovery.version === 2 ? upToFlush() : toTheEnd();
        // Not reached when whoever reads gives up early: what is left of the answer would be in the way.
        state = discovery.version === 2 ? 'idle' : 'over';
      },
      close: () => channel.close(),
    };
  } catch (error) {
    channel.close();
    throw error;
  }
}

async function execute(client: Client, command: string, signal: AbortSignal): Promise<ClientChannel> {
  const { promise, resolve, reject } = Promise.withResolvers<ClientChannel>();
  const gone = () => reject(new Error('the connection was closed'));
  client.once('close', gone);
  try {
    client.exec(command, { env: { GIT_PROTOCOL: 'version=2' } }, (error, channel) =>
      error ? reject(error) : resolve(channel),
    );
    return await promise;
  } catch (error) {
    signal.throwIfAborted();
    throw new RemoteError(`the server does not run git-upload-pack: ${(error as Error).message}`, { cause: error });
  } finally {
    client.off('close', gone);
  }
}

const quoted = (text: string) => `'${text.replaceAll(/['!]/g, (found) => `'\\${found}'`)}'`;

function refusal(stderr: string): Error {
  // Texts for people at terminals: colours, banners, `remote:` in front of lines.
  const text = stderr
    .replaceAll(/\x1b\[[0-9;]*m|^(remote|fatal|ERROR): */gm, '')
    .replaceAll(/\s+/g, ' ')
    .trim()
    .slice(0, 500);
  if (/not found|not appear to be a git repository|does not exist|no such file|not a git repository/i.test(text)) {
    return new RepositoryNotFoundError(`repository not found: ${text}`);
  }
  if (/denied|not authori[sz]ed|unauthori[sz]ed|no access|forbidden/i.test(text)) {
    return new AuthenticationError(`authorization failed: ${text}`);
  }
  return new RemoteError(text === '' ? 'the server sent nothing' : `the server reports: ${text}`);
}
