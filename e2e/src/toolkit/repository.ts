/** Git repositories on a local server. */
import { cp, mkdir } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import { createRepository, startGitServer, type GitServer, type TestRepository } from '@gitops-toolkit/git/testing';
import type { Context } from '../runner/suite.ts';

export const sampleFolder = resolve(import.meta.dirname, '../../testdata/sample');

/** A repository with a work tree that a server offers. */
export interface ServedRepository extends TestRepository {
  readonly url: string;
  readonly server: GitServer;
}

/** Serves a repository whose first commit holds `files` on branch `main`. */
export async function serveRepository(
  context: Context,
  name: string,
  files: Parameters<TestRepository['commit']>[0],
  options: { auth?: { username: string; password: string } } = {},
): Promise<ServedRepository> {
  const repository = await emptyRepository(context, name);
  await repository.commit(files);
  return serve(context, name, repository, options);
}

/** Serves a copy of the sample repository. */
export async function serveSample(context: Context): Promise<ServedRepository> {
  const repository = await emptyRepository(context, 'sample');
  await cp(sampleFolder, repository.directory, { recursive: true });
  await repository.commit({});
  return serve(context, 'sample', repository, {});
}

async function emptyRepository({ folder }: Context, name: string): Promise<TestRepository> {
  const directory = join(folder, 'repositories', name);
  await mkdir(directory, { recursive: true });
  return createRepository({ directory, branch: 'main' });
}

async function serve(
  context: Context,
  name: string,
  repository: TestRepository,
  options: { auth?: { username: string; password: string } },
): Promise<ServedRepository> {
  const server = await startGitServer({ repositories: { [name]: repository.directory }, push: true, ...options });
  context.cleanUp(() => server.close());
  return { ...repository, url: `${server.url}/${name}`, server };
}
