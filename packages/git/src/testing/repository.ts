import { execFile } from 'node:child_process';
import { chmod, mkdir, mkdtemp, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A file of a commit: its text, a link, an executable, or null to delete it. */
export type FileContent = string | Buffer | { link: string } | { executable: string } | null;

/** Options of {@link TestRepository.commit}. */
export interface CommitOptions {
  message?: string;
  /** Committer and author date, RFC 3339. Default: the present. */
  date?: string;
}

/** A repository with a work tree, made with the stock git, without the user's configuration. */
export interface TestRepository {
  readonly directory: string;
  /** Runs git in the repository; returns what it prints, without the last line end. */
  git(...args: string[]): Promise<string>;
  /** Writes (or deletes) files and commits them; returns the commit's id. */
  commit(files: Record<string, FileContent>, options?: CommitOptions): Promise<string>;
  /** Makes a tag at HEAD, annotated when it has a message; returns the commit's id. */
  tag(name: string, options?: CommitOptions): Promise<string>;
  /** Switches to a branch, created at HEAD when it does not exist. */
  branch(name: string): Promise<void>;
  /** Deletes the repository. */
  remove(): Promise<void>;
}

/** Environment in which git sees no configuration but its own. */
export function gitEnvironment(extra: Record<string, string | undefined> = {}): NodeJS.ProcessEnv {
  const inherited = Object.entries(process.env).filter(([name]) => !name.startsWith('GIT_'));
  return {
    ...Object.fromEntries(inherited),
    GIT_CONFIG_GLOBAL: '/dev/null',
    GIT_CONFIG_NOSYSTEM: '1',
    GIT_TERMINAL_PROMPT: '0',
    ...extra,
  };
}

/** Creates an empty repository, in a temporary directory unless one is given, whose first branch is `branch`. */
export async function createRepository(options: { directory?: string; branch?: string } = {}): Promise<TestRepository> {
  const directory = options.directory ?? (await mkdtemp(join(tmpdir(), 'git-repository-')));
  await mkdir(directory, { recursive: true });

  async function git(args: string[], date?: string): Promise<string> {
    const identity = { GIT_AUTHOR_NAME: 'Ada', GIT_AUTHOR_EMAIL: 'ada@example.com' };
    const committer = { GIT_COMMITTER_NAME: 'Cy', GIT_COMMITTER_EMAIL: 'cy@example.com' };
    const dates = date === undefined ? {} : { GIT_AUTHOR_DATE: date, GIT_COMMITTER_DATE: date };
    const env = gitEnvironment({ ...identity, ...committer, ...dates });
    const { stdout } = await run('git', args, { cwd: directory, env, maxBuffer: 64 * 1024 * 1024 });
    return stdout.trimEnd();
  }
  await git(['init', '--quiet', `--initial-branch=${options.branch ?? 'master'}`]);

  return {
    directory,
    git: (...args) => git(args),
    async commit(files, { message = 'A commit', date } = {}) {
      for (const [path, content] of Object.entries(files)) await place(join(directory, path), content);
      await git(['add', '--all', '--force', '.']);
      await git(['commit', '--quiet', '--allow-empty', '-m', message], date);
      return git(['rev-parse', 'HEAD']);
    },
    async tag(name, { message, date } = {}) {
      await git(message === undefined ? ['tag', name] : ['tag', '-a', '-m', message, name], date);
      return git(['rev-parse', 'HEAD']);
    },
    async branch(name) {
      const exists = await git(['rev-parse', '--verify', '--quiet', `refs/heads/${name}`]).catch(() => '');
      await git(exists === '' ? ['switch', '--quiet', '-c', name] : ['switch', '--quiet', name]);
    },
    remove: () => rm(directory, { recursive: true, force: true }),
  };
}

async function place(file: string, content: FileContent): Promise<void> {
  await rm(file, { recursive: true, force: true });
  if (content === null) return;
  await mkdir(dirname(file), { recursive: true });
  if (typeof content === 'string' || Buffer.isBuffer(content)) {
    await writeFile(file, content);
  } else if ('link' in content) {
    await symlink(content.link, file);
  } else {
    await writeFile(file, content.executable);
    await chmod(file, 0o755);
  }
}
