import { lstat, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import {
  AuthenticationError,
  GitError,
  InvalidOptionsError,
  LimitExceededError,
  UnsupportedTransportError,
} from '../errors.ts';
import { redactUrl, type GitRemote } from '../transport/connection.ts';
import type { Gitlink, WrittenTree } from './job.ts';

// Deeper ones stay empty directories, as Flux leaves them (SRC-283).
const maxDepth = 10;
// Modules that hold each other several times would grow without end.
const maxSubmodules = 1_000;
const maxModulesFile = 1024 * 1024;

/**
 * Fills in the submodules of a tree, and theirs, each at the commit that the tree above records (SRC-283…286). Commits
 * without an entry in `.gitmodules` stay empty directories. Returns the number of files.
 *
 * @param root the repository that was asked for: its credentials go to its own server alone
 * @param checkOutCommit writes the tree of a commit into an empty directory
 * @throws GitError whatever fails in a submodule, with its path in the message.
 */
export async function checkOutSubmodules(
  root: GitRemote,
  directory: string,
  gitlinks: readonly Gitlink[],
  checkOutCommit: (remote: GitRemote, commit: string, directory: string) => Promise<WrittenTree>,
): Promise<number> {
  let files = 0;
  let count = 0;

  async function fill(parent: GitRemote, place: string, links: readonly Gitlink[], depth: number): Promise<void> {
    if (links.length === 0 || depth > maxDepth) return;
    const urls = parseModules(await readModules(place));
    for (const { path, commit } of links) {
      const url = urls.get(path);
      if (url === undefined) continue;
      if (++count > maxSubmodules) throw new LimitExceededError(`there are more than ${maxSubmodules} submodules`);
      try {
        const remote = remoteOf(root, parent, url);
        const target = join(place, path);
        const written = await checkOutCommit(remote, commit, target);
        files += written.files;
        await fill(remote, target, written.gitlinks, depth + 1);
      } catch (error) {
        if (error instanceof GitError) error.message = `submodule '${path}': ${error.message}`;
        throw error;
      }
    }
  }

  await fill(root, directory, gitlinks, 1);
  return files;
}

async function readModules(directory: string): Promise<string> {
  const file = join(directory, '.gitmodules');
  try {
    // Trees with a symlink of that name are refused when they are written (SRC-421).
    const { size } = await lstat(file);
    if (size > maxModulesFile) throw new LimitExceededError(`.gitmodules has more than ${maxModulesFile} bytes`);
    return await readFile(file, 'utf8');
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === 'ENOENT') return '';
    throw error;
  }
}

/** The URLs in a `.gitmodules` file by path. Nothing else in it matters, least of all commands under `update`. */
export function parseModules(text: string): Map<string, string> {
  const urls = new Map<string, string>();
  let section: { path?: string; url?: string } = {};
  let isModule = false;
  for (const raw of `${text.replaceAll('\\\n', '')}\n[end]`.split('\n')) {
    const line = raw.trim();
    if (line.startsWith('[')) {
      if (section.path !== undefined) urls.set(section.path.replace(/\/+$/, ''), section.url ?? '');
      section = {};
      isModule = /^\[submodule\s/i.test(line);
      continue;
    }
    const equals = line.indexOf('=');
    const key = line.slice(0, equals).trim().toLowerCase();
    if (isModule && equals !== -1 && (key === 'path' || key === 'url')) section[key] = valueOf(line.slice(equals + 1));
  }
  return urls;
}

/** A value of a Git configuration file: quotes, escapes, and comments outside quotes. */
function valueOf(text: string): string {
  let [value, isQuoted] = ['', false];
  for (let at = 0; at < text.length; at++) {
    const character = text[at]!;
    if (character === '"') isQuoted = !isQuoted;
    else if (character === '\\') value += text[++at] ?? '';
    else if (!isQuoted && (character === '#' || character === ';')) break;
    else value += character;
  }
  return value.trim();
}

/** How to reach a submodule: proxy and CA as for the repository, credentials only where they belong (SRC-285). */
function remoteOf(root: GitRemote, parent: GitRemote, text: string): GitRemote {
  const url = resolveUrl(parent.url, text);
  const home = new URL(root.url);
  const { ca, proxy, auth, clientCert, ssh } = root;
  const common = { ...(ca && { ca }), ...(proxy && { proxy }) };
  if (origin(url) !== origin(home)) {
    if (url.protocol === 'ssh:') {
      throw new AuthenticationError(
        `'${redactUrl(url.href)}' needs an SSH identity, and credentials for '${origin(home)}' are sent nowhere else; ` +
          'use a URL that needs none, or a relative one',
      );
    }
    return { ...common, url: url.href };
  }
  if (url.protocol !== 'ssh:') {
    url.username = home.username;
    url.password = home.password;
  } else if (url.username === '') url.username = home.username;
  return { ...common, url: url.href, ...(auth && { auth }), ...(clientCert && { clientCert }), ...(ssh && { ssh }) };
}

const usualPorts: Record<string, string> = { 'http:': '80', 'https:': '443', 'ssh:': '22' };

const origin = ({ protocol, hostname, port }: URL) =>
  `${protocol}//${hostname.toLowerCase()}:${port || usualPorts[protocol]}`;

/** Relative to the remote of the tree above, or absolute: HTTP, HTTPS, SSH, also in the short form `user@host:path`. */
function resolveUrl(parent: string, text: string): URL {
  const scp = /^(?:([^@:/\s]+)@)?([A-Za-z0-9._-]+):(?!:|\/\/)\/?(.+)$/.exec(text);
  let url: URL;
  try {
    if (/^\.\.?(\/|$)/.test(text)) {
      url = new URL(parent);
      // Relative to the repository as if it was a directory.
      url.pathname = `${url.pathname.replace(/\/+$/, '')}/`;
      url = new URL(text.replace(/\/+$/, ''), url);
      url.pathname = url.pathname.replace(/\/+$/, '');
    } else url = new URL(scp ? `ssh://${scp[1] ? `${scp[1]}@` : ''}${scp[2]}/${scp[3]}` : text);
  } catch (error) {
    throw new InvalidOptionsError(`the URL '${redactUrl(text)}' in .gitmodules is not valid`, { cause: error });
  }
  if (usualPorts[url.protocol] !== undefined) return url;
  throw new UnsupportedTransportError(
    `the URL '${redactUrl(text)}' in .gitmodules is of scheme '${url.protocol.slice(0, -1)}', use http, https or ssh`,
  );
}
