/** The embedded API server in a process of its own, so that its work is not counted as anybody else's. */
import { rename, writeFile } from 'node:fs/promises';
import { startEmbeddedKube } from '@gitops-toolkit/embedded-kube';

const [kubeconfig] = process.argv.slice(2);
if (kubeconfig === undefined) throw new Error('usage: api-server.ts KUBECONFIG');
const server = await startEmbeddedKube();
for (const name of ['SIGINT', 'SIGTERM'] as const) process.once(name, () => void server.close());
// The file appears complete: whoever waits for it must not read half of it.
await writeFile(`${kubeconfig}.part`, server.kubeconfigYaml, { mode: 0o600 });
await rename(`${kubeconfig}.part`, kubeconfig);
