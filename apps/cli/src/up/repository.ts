import { execFile } from 'node:child_process';
import { cp, stat } from 'node:fs/promises';
import { basename, join, resolve } from 'node:path';
import { promisify } from 'node:util';
import { startGitServer } from '@gitops-toolkit/git/testing';
import { UsageError } from '../usage.ts';
import type { UpOptions } from './options.ts';

const run = promisify(execFile);
const sample = resolve(import.meta.dirname, '../../../../e2e/testdata/sample');

/** The repository that the GitRepository points to. */
export interface ServedRepository {
  url: string;
  branch: string;
  path: string;
  close(): Promise<void>;
}

/** Serves the sample or a local work tree over HTTP, or takes a URL as it is. */
export async function openRepository(options: UpOptions, scratch: string): Promise<ServedRepository> {
  const { repo, branch, path } = options;
  if (repo === undefined) {
    const directory = await copySample(join(scratch, 'sample'));
    return serve(directory, 'sample', 'main', path ?? './clusters/local');
  }
  if (/^(https?|ssh):\/\//.test(repo)) {
    return { url: repo, branch: branch ?? (await defaultBranch(repo)), path: path ?? './', close: async () => {} };
  }
  const directory = resolve(process.env.GOTK_CWD ?? process.cwd(), repo);
  if (!(await stat(directory).catch(() => undefined))?.isDirectory()) {
    throw new UsageError(`--repo: '${repo}' is neither an http(s) URL nor a directory`);
  }
  return serve(directory, basename(directory), branch ?? (await currentBranch(directory)), path ?? './');
}

/** A repository of its own with the sample as its first commit, so that people can push to it. */
async function copySample(directory: string): Promise<string> {
  await cp(sample, directory, { recursive: true });
  await git(directory, 'init', '--quiet', '--initial-branch=main');
  await git(directory, 'add', '--all');
  const author = ['-c', 'user.name=gotk', '-c', 'user.email=gotk@localhost', '-c', 'commit.gpgsign=false'];
  await git(directory, ...author, 'commit', '--quiet', '--message=The sample repository');
  return directory;
}

async function serve(directory: string, name: string, branch: string, path: string): Promise<ServedRepository> {
  const server = await startGitServer({ repositories: { [name]: directory }, push: true });
  return { url: `${server.url}/${encodeURIComponent(name)}`, branch, path, close: () => server.close() };
}

async function currentBranch(directory: string): Promise<string> {
  try {
    return await git(directory, 'symbolic-ref', '--short', 'HEAD');
  } catch (error) {
    throw new UsageError(
      `--repo: '${directory}' is not a Git work tree with a branch; run 'git init' there, or give --branch`,
      { cause: error },
    );
  }
}

async function defaultBranch(url: string): Promise<string> {
  try {
    const answer = await git(process.cwd(), 'ls-remote', '--symref', '--', url, 'HEAD');
    return /^ref: refs\/heads\/(\S+)\s+HEAD$/m.exec(answer)?.[1] ?? 'main';
  } catch {
    // The controller will say what is wrong with the repository, better than git would here.
    return 'main';
  }
}

async function git(directory: string, ...args: string[]): Promise<string> {
  const env = { ...process.env, GIT_TERMINAL_PROMPT: '0' };
  const { stdout } = await run('git', args, { cwd: directory, env, timeout: 30_000 });
  return stdout.trim();
}
