import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { createRepository, startGitServer } from '../testing/index.ts';

const run = promisify(execFile);
const pem = (name: string) => readFileSync(join(import.meta.dirname, '../testdata', name), 'utf8');

test('SRC-242: certificates are verified, whatever the environment says', async () => {
  const repository = await createRepository();
  await repository.commit({ a: '1' });
  const tls = { cert: pem('server.crt'), key: pem('server.key') };
  const server = await startGitServer({ repositories: { app: repository.directory }, tls });
  const script = `
    import { closeConnections, listRefs } from ${JSON.stringify(join(import.meta.dirname, '../index.ts'))};
    const said = await listRefs({ url: '${server.url}/app' }).catch((error) => error.name);
    console.log(said);
    await closeConnections();`;
  try {
    const env = { ...process.env, NODE_TLS_REJECT_UNAUTHORIZED: '0' };
    const { stdout } = await run(process.execPath, ['--input-type=module', '--eval', script], { env });
    expect(stdout.trim()).toBe('CertificateError');
  } finally {
    await server.close();
    await repository.remove();
  }
});
