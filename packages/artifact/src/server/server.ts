import { open, realpath, type FileHandle } from 'node:fs/promises';
import { join, posix, sep } from 'node:path';
import { fastify, type FastifyReply, type FastifyRequest } from 'fastify';
import { digestOf } from '../digest/digest.ts';
import { StorageError, systemErrorCode } from '../errors.ts';
import { parseBindAddress } from '../storage/address.ts';
import { parseRange } from './range.ts';

/** Options of {@link startFileServer}. */
export interface FileServerOptions {
  /** The directory to publish. */
  directory: string;
  /** `HOST:PORT` or `:PORT` (`--storage-addr`); port 0 takes a free one. */
  address: string;
  /** How long {@link FileServer.close} waits for downloads under way, in milliseconds. Default 5,000 (SRC-456). */
  grace?: number;
}

/** A running file server. */
export interface FileServer {
  /** The port it listens on. */
  readonly port: number;
  /** Stops accepting, lets downloads finish within the grace period, then cuts them off. */
  close(): Promise<void>;
}

/**
 * Publishes a directory of artifacts, read-only, over plain HTTP (SRC-456…463): `GET` and `HEAD`, byte ranges,
 * conditional requests. The ETag is the digest of the bytes. Because a path can get new bytes for the same revision,
 * answers may be kept but must be revalidated. `/` answers 200 for readiness probes; directories, lock files and hidden
 * files are not found.
 *
 * @throws StorageError `InvalidConfiguration` for an invalid address or one that is in use (RTM-550).
 */
export async function startFileServer(options: FileServerOptions): Promise<FileServer> {
  const { host, port } = parseBindAddress(options.address);
  const root = await realpath(options.directory);
  const digests = createDigestCache(1_000);
  const app = fastify({
    logger: false,
    forceCloseConnections: false,
    keepAliveTimeout: 65_000,
    requestTimeout: 30_000,
  });

  app.route({ method: ['GET', 'HEAD'], url: '/', handler: (_request, reply) => reply.type('text/plain').send('ok\n') });
  app.route({ method: ['GET', 'HEAD'], url: '/*', handler: (request, reply) => serve(request, reply) });
  app.setNotFoundHandler((_request, reply) => notFound(reply));

  async function serve(request: FastifyRequest, reply: FastifyReply): Promise<FastifyReply> {
    const rawPath = request.url.replace(/\?.*$/s, '');
    const path = decodePath(rawPath);
    if (path === undefined) return notFound(reply);
    const clean = posix.normalize(path);
    if (clean !== path) return reply.redirect(encodeURI(clean), 301);
    const file = await openPublic(root, path);
    if (file === undefined) return notFound(reply);
    let handedOver = false;
    try {
      const { size, mtime, ino, mtimeMs } = await file.handle.stat();
      const etag = `"${await digests(`${file.path}:${ino}:${mtimeMs}:${size}`, file.handle)}"`;
      reply.headers({
        'content-type': contentType(file.path),
        'accept-ranges': 'bytes',
        'last-modified': mtime.toUTCString(),
        'cache-control': 'no-cache',
        etag,
      });
      if (isFresh(request, etag, mtime)) return reply.code(304).send();
      const ifRange = request.headers['if-range'];
      const wanted = ifRange === undefined || ifRange === etag ? request.headers.range : undefined;
      const range = parseRange(wanted, size);
      if (range === 'unsatisfiable') {
        return reply
          .code(416)
          .header('content-range', `bytes */${size}`)
          .type('text/plain')
          .send('range not satisfiable\n');
      }
      if (range !== undefined) reply.code(206).header('content-range', `bytes ${range.start}-${range.end}/${size}`);
      reply.header('content-length', range === undefined ? size : range.end - range.start + 1);
      if (request.method === 'HEAD' || size === 0) return reply.send('');
      handedOver = true;
      return reply.send(file.handle.createReadStream({ start: 0, ...range, highWaterMark: 256 * 1024 }));
    } finally {
      if (!handedOver) await file.handle.close();
    }
  }

  try {
    await app.listen({ host: host === '' ? '::' : host, port }).catch(async (error: unknown) => {
      // A machine without IPv6.
      if (host !== '' || systemErrorCode(error) !== 'EAFNOSUPPORT') throw error;
      await app.listen({ host: '0.0.0.0', port });
    });
  } catch (error) {
    await app.close();
    const detail = (error as Error).message;
    throw new StorageError('InvalidConfiguration', `cannot serve artifacts at '${options.address}': ${detail}`, {
      cause: error,
    });
  }
  const address = app.server.address();
  return {
    port: typeof address === 'object' && address !== null ? address.port : port,
    async close() {
      const cut = setTimeout(() => app.server.closeAllConnections(), options.grace ?? 5_000);
      try {
        app.server.closeIdleConnections();
        await app.close();
      } finally {
        clearTimeout(cut);
      }
    },
  };
}

const notFound = (reply: FastifyReply) =>
  reply.code(404).type('text/plain; charset=utf-8').send('404 page not found\n');

function decodePath(path: string): string | undefined {
  try {
    const decoded = decodeURIComponent(path);
    return decoded.includes('\0') || decoded.includes('\\') ? undefined : decoded;
  } catch {
    return undefined;
  }
}

const isHidden = (path: string) => path.split('/').some((name) => name.startsWith('.')) || path.endsWith('.lock');

/** Opens what a path names when that is a file inside the root which may be seen; the caller closes it. */
async function openPublic(root: string, path: string): Promise<{ path: string; handle: FileHandle } | undefined> {
  if (isHidden(path)) return undefined;
  const real = await realpath(join(root, path)).catch(() => undefined);
  if (real === undefined || !real.startsWith(root + sep) || isHidden(real.slice(root.length))) return undefined;
  const handle = await open(real, 'r').catch((error: unknown) => {
    if (['ENOENT', 'ENOTDIR', 'EISDIR', 'EACCES'].includes(systemErrorCode(error) ?? '')) return undefined;
    throw error;
  });
  if (handle === undefined) return undefined;
  if ((await handle.stat()).isFile()) return { path: real, handle };
  await handle.close();
  return undefined;
}

function isFresh(request: FastifyRequest, etag: string, modified: Date): boolean {
  const known = request.headers['if-none-match'];
  if (known !== undefined) {
    const tags = known.split(',').map((tag) => tag.trim().replace(/^W\//, ''));
    return tags.includes(etag) || tags.includes('*');
  }
  const since = Date.parse(request.headers['if-modified-since'] ?? '');
  return Math.floor(modified.getTime() / 1000) * 1000 <= since;
}

function contentType(path: string): string {
  if (/\.(tar\.gz|tgz|gz)$/.test(path)) return 'application/gzip';
  if (/\.ya?ml$/.test(path)) return 'text/yaml; charset=utf-8';
  return 'application/octet-stream';
}

/** Digests of the files served lately. A file is hashed once per content: the key has its identity, time and size. */
function createDigestCache(capacity: number): (key: string, handle: FileHandle) => Promise<string> {
  const known = new Map<string, Promise<string>>();
  return (key, handle) => {
    let digest = known.get(key);
    if (digest === undefined) {
      digest = digestOf(handle.createReadStream({ start: 0, autoClose: false, highWaterMark: 256 * 1024 }));
      digest.catch(() => known.delete(key));
      known.set(key, digest);
      if (known.size > capacity) known.delete(known.keys().next().value!);
    }
    return digest;
  };
}
