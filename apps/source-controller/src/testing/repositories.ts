import { createRepository, startGitServer, type GitServer, type TestRepository } from '@gitops-toolkit/git/testing';

/** A Git server with repositories that are made as they are needed. */
export interface TestGit extends GitServer {
  /** Serves a new, empty repository. */
  repository(name: string): Promise<TestRepository & { url: string }>;
}

/** Starts a Git server; `close` removes its repositories. */
export async function startGit(options: Partial<Parameters<typeof startGitServer>[0]> = {}): Promise<TestGit> {
  const server = await startGitServer({ repositories: {}, ...options });
  const made: TestRepository[] = [];
  return Object.assign(server, {
    close: closing(server, made),
    async repository(name: string) {
      const repository = await createRepository();
      made.push(repository);
      server.serve(name, repository.directory);
      return { ...repository, url: `${server.url}/${name}` };
    },
  });
}

function closing({ close }: GitServer, made: TestRepository[]): () => Promise<void> {
  return async () => {
    await close();
    for (const repository of made) await repository.remove();
  };
}
