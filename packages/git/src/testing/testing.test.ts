import { execFile } from 'node:child_process';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRepository, gitEnvironment, startGitServer } from './index.ts';

const run = promisify(execFile);

describe('the local Git server', () => {
  test('the stock git clones from a work tree and pushes to it; the work tree moves along', async () => {
    const scratch = await mkdtemp(join(tmpdir(), 'git-clone-'));
    const repository = await createRepository({ branch: 'main' });
    await repository.commit({ 'a.yaml': '1' });
    const server = await startGitServer({
      repositories: { demo: repository.directory },
      push: true,
      auth: { username: 'ada', password: 'secret' },
    });
    const identity = ['-c', 'user.name=Eve', '-c', 'user.email=eve@example.com'];
    const git = (...args: string[]) => run('git', [...identity, ...args], { cwd: scratch, env: gitEnvironment() });
    try {
      await git('clone', '--quiet', server.url.replace('//', '//ada:secret@') + '/demo', '.');
      await writeFile(join(scratch, 'a.yaml'), '2');
      await git('commit', '--quiet', '-am', 'change');
      await git('push', '--quiet', 'origin', 'HEAD');
      expect(await readFile(join(repository.directory, 'a.yaml'), 'utf8')).toBe('2');
    } finally {
      await server.close();
      await repository.remove();
      await rm(scratch, { recursive: true, force: true });
    }
  });

  test('pushing is refused unless allowed', async () => {
    const repository = await createRepository();
    await repository.commit({ a: '1' });
    const server = await startGitServer({ repositories: { demo: repository.directory } });
    try {
      const answer = await fetch(`${server.url}/demo/info/refs?service=git-receive-pack`);
      expect(answer.status).toBe(403);
      await answer.text();
      await expect(repository.git('push', `${server.url}/demo`, 'HEAD')).rejects.toThrow();
    } finally {
      await server.close();
      await repository.remove();
    }
  });
});
