import { createServer, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Writable } from 'node:stream';
import { packArchive, type ArchiveEntry } from '@gitops-toolkit/artifact';

/** Path to text. */
export type Files = Record<string, string>;

/** Serves artifacts the way the source controller does: tarballs under URLs that their digests go with. */
export interface ArtifactServer {
  /** Serves `files`; answers the fields of `status.artifact` that depend on the content. */
  serve(files: Files): Promise<{ url: string; path: string; digest: string; size: number }>;
  /** From now on answers 404 for it, until it is served again. */
  withdraw(url: string): void;
  /** Serves what was withdrawn under the same URL again. */
  restore(url: string): void;
  /** Downloads so far of a URL, answers of 404 included. */
  downloads(url: string): number;
  close(): Promise<void>;
}

export async function startArtifactServer(): Promise<ArtifactServer> {
  const archives = new Map<string, Buffer>();
  const withdrawn = new Set<string>();
  const counts = new Map<string, number>();
  const server = createServer(({ url }, response) => {
    counts.set(url!, (counts.get(url!) ?? 0) + 1);
    const body = withdrawn.has(url!) ? undefined : archives.get(url!);
    response.writeHead(body ? 200 : 404, { 'content-type': body ? 'application/gzip' : 'text/plain' });
    response.end(body ?? 'not found');
  });
  const base = await listen(server);
  const pathOf = (url: string) => new URL(url).pathname;
  let number = 0;
  return {
    async serve(files) {
      const { bytes, digest } = await pack(files);
      const path = `/artifact-${++number}.tar.gz`;
      archives.set(path, bytes);
      return { url: `${base}${path}`, path: path.slice(1), digest, size: bytes.length };
    },
    withdraw: (url) => void withdrawn.add(pathOf(url)),
    restore: (url) => void withdrawn.delete(pathOf(url)),
    downloads: (url) => counts.get(pathOf(url)) ?? 0,
    close: () => close(server),
  };
}

/** Listens on a free port of the loopback interface; answers the base URL. */
export async function listen(server: Server): Promise<string> {
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
}

export async function close(server: Server): Promise<void> {
  server.closeAllConnections();
  await new Promise((closed) => server.close(closed));
}

async function pack(files: Files): Promise<{ bytes: Buffer; digest: string }> {
  const directories = new Set<string>();
  for (const path of Object.keys(files)) {
    const parts = path.split('/').slice(0, -1);
    parts.forEach((_, index) => directories.add(parts.slice(0, index + 1).join('/')));
  }
  const entries: ArchiveEntry[] = [...directories].map((path) => ({ type: 'directory', path }));
  for (const [path, text] of Object.entries(files)) {
    const content = Buffer.from(text);
    entries.push({ type: 'file', path, executable: false, size: content.length, content });
  }
  const chunks: Buffer[] = [];
  const target = new Writable({
    write(chunk: Buffer, _encoding, done) {
      chunks.push(chunk);
      done();
    },
  });
  const { digest } = await packArchive(entries, target);
  return { bytes: Buffer.concat(chunks), digest };
}
