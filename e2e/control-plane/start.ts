/** A real Kubernetes control plane on the loopback interface: etcd, API server and controller manager, without nodes. */
import { generateKeyPairSync } from 'node:crypto';
import { mkdir, writeFile } from 'node:fs/promises';
import { request } from 'node:https';
import { join } from 'node:path';
import { freePorts, scratchFolder, startProgram, waitFor, type Program } from '../src/processes/index.ts';
import { findBinaries, type Binaries } from './binaries.ts';
import { createAuthority, type Authority, type KeyPair } from './certificates.ts';
import { apiServerArguments, controllerManagerArguments, etcdArguments, type Files } from './arguments.ts';

/** A kubeconfig as written to disk (JSON is YAML). */
export interface Kubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  'current-context': string;
  clusters: { name: string; cluster: { server: string; 'certificate-authority-data': string } }[];
  contexts: { name: string; context: { cluster: string; user: string } }[];
  users: { name: string; user: { 'client-certificate-data': string; 'client-key-data': string } }[];
}

export interface ControlPlaneOptions {
  /** Where certificates, logs and etcd's data go; kept at the end. Default: a temporary folder, removed at the end. */
  dataDir?: string;
  /** Takes a line for each step. Default: silent. */
  log?: (line: string) => void;
  signal?: AbortSignal;
}

/** A running control plane. It ends with the program that started it, however that ends. */
export interface ControlPlane {
  /** Base URL of the API server. */
  readonly server: string;
  /** Path of a kubeconfig of a cluster administrator. */
  readonly kubeconfig: string;
  readonly kubeconfigObject: Kubeconfig;
  readonly binaries: Binaries;
  /** Logs, certificates and data. */
  readonly folder: string;
  /** Writes a kubeconfig for another identity and answers its path; grant it rights with RBAC objects. */
  kubeconfigFor(user: string, groups?: string[]): Promise<string>;
  /** SIGKILL to the API server. Its port and data stay. */
  killApiServer(): Promise<void>;
  /** Starts the API server again at the same address and waits until it is ready. */
  restartApiServer(): Promise<void>;
  /** Ends every program and removes the temporary folder. May be called twice. */
  stop(): Promise<void>;
}

const readyDeadlineMs = 90_000;

/**
 * Starts a control plane and waits until it serves: RBAC is on, a namespace gets its default service account, deleted
 * namespaces and owners take their objects along. There is no scheduler and no kubelet.
 *
 * @throws ControlPlaneUnavailableError when this machine has no binaries and no Go to build them with.
 * @throws Error with the end of the log of the program that did not come up.
 */
export async function startControlPlane(options: ControlPlaneOptions = {}): Promise<ControlPlane> {
  const { log = () => {}, signal } = options;
  const binaries = await findBinaries({ log, signal });
  const scratch = options.dataDir === undefined ? await scratchFolder('control-plane') : undefined;
  const folder = options.dataDir ?? (scratch?.path as string);
  const running: Program[] = [];
  let stopping: Promise<void> | undefined;

  const stop = () =>
    (stopping ??= (async () => {
      // Nothing needs saving in a temporary folder, and a killed program cannot hang.
      const keep = options.dataDir !== undefined;
      for (const program of [...running].reverse()) {
        if (keep) await program.stop();
        else program.kill('SIGKILL');
      }
      await Promise.all(running.map((program) => program.exited));
      await scratch?.remove();
    })());

  try {
    await mkdir(folder, { recursive: true });
    const authority = await createAuthority();
    const [etcdPort, peerPort, apiPort] = (await freePorts(3)) as [number, number, number];
    const server = `https://127.0.0.1:${apiPort}`;
    const admin = await authority.client('admin', ['system:masters']);
    const kubeconfigObject = kubeconfigOf(server, authority, 'admin', admin);
    const files = await writeFiles(folder, authority, kubeconfigObject);

    const start = async (name: 'etcd' | 'kube-apiserver' | 'kube-controller-manager', args: string[]) => {
      const program = await startProgram({
        name,
        command: binaries[name],
        args,
        logFile: join(folder, `${name}.log`),
        // Objects live in memory three times over (etcd, watch cache, informers): collect early on small machines.
        env: { GOGC: '50' },
      });
      running.push(program);
      return program;
    };
    const startApiServer = async () => {
      const program = await start('kube-apiserver', apiServerArguments(files, apiPort, etcdPort));
      await untilUp(program, 'the API server', () => probe(`${server}/readyz`, authority, admin), signal);
      return program;
    };

    const started = Date.now();
    const etcd = await start('etcd', etcdArguments(folder, etcdPort, peerPort));
    await untilUp(etcd, 'etcd', async () => (await fetch(`http://127.0.0.1:${etcdPort}/readyz`)).ok, signal);
    let apiServer = await startApiServer();
    const manager = await start('kube-controller-manager', controllerManagerArguments(files));
    const account = `${server}/api/v1/namespaces/default/serviceaccounts/default`;
    await untilUp(manager, 'the controller manager', () => probe(account, authority, admin), signal);
    log(`control plane at ${server} ready after ${Date.now() - started} ms`);

    return {
      server,
      kubeconfig: files.adminKubeconfig,
      kubeconfigObject,
      binaries,
      folder,
      async kubeconfigFor(user, groups = []) {
        const path = join(folder, `${user.replaceAll(/[^\w.-]/g, '_')}.kubeconfig`);
        const pair = await authority.client(user, groups);
        await writePrivate(path, JSON.stringify(kubeconfigOf(server, authority, user, pair), undefined, 2));
        return path;
      },
      async killApiServer() {
        apiServer.kill('SIGKILL');
        await apiServer.exited;
      },
      async restartApiServer() {
        if (!apiServer.ending) throw new Error('the API server still runs: kill it first');
        running.splice(running.indexOf(apiServer), 1);
        apiServer = await startApiServer();
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** Waits until `condition` holds, or fails at once with the log's end when the program ends before that. */
async function untilUp(
  program: Program,
  what: string,
  condition: () => Promise<boolean>,
  signal?: AbortSignal,
): Promise<void> {
  const gone = new AbortController();
  void program.exited.then(({ code, signal: by }) =>
    gone.abort(new Error(`${program.name} ended with ${by ?? `code ${code}`} before it was ready`)),
  );
  try {
    await waitFor(what, condition, {
      timeoutMs: readyDeadlineMs,
      signal: AbortSignal.any([gone.signal, ...(signal ? [signal] : [])]),
    });
  } catch (error) {
    signal?.throwIfAborted();
    throw new Error(`${what} did not come up:\n${await program.logTail()}`, { cause: error });
  }
}

/** Whether a GET answers 200. */
function probe(url: string, authority: Authority, client: KeyPair): Promise<boolean> {
  return new Promise((done, fail) => {
    const call = request(
      url,
      { ca: authority.certificate, cert: client.certificate, key: client.key, agent: false, timeout: 5_000 },
      (answer) => {
        answer.resume();
        done(answer.statusCode === 200);
      },
    );
    call.on('timeout', () => call.destroy(new Error(`${url} did not answer within 5 s`)));
    call.on('error', fail);
    call.end();
  });
}

async function writeFiles(folder: string, authority: Authority, kubeconfig: Kubeconfig): Promise<Files> {
  const path = (name: string) => join(folder, name);
  const serving = await authority.serving({
    dns: ['localhost', 'kubernetes', 'kubernetes.default', 'kubernetes.default.svc'],
    ip: ['127.0.0.1', '10.0.0.1'],
  });
  const manager = await authority.client('system:kube-controller-manager', ['system:masters']);
  const managerConfig = kubeconfigOf(
    kubeconfig.clusters[0]?.cluster.server as string,
    authority,
    'controller-manager',
    manager,
  );
  const accounts = generateKeyPairSync('ec', {
    namedCurve: 'P-256',
    publicKeyEncoding: { type: 'spki', format: 'pem' },
    privateKeyEncoding: { type: 'pkcs8', format: 'pem' },
  });
  const files: Files = {
    authority: path('ca.crt'),
    servingCertificate: path('apiserver.crt'),
    servingKey: path('apiserver.key'),
    accountKey: path('service-accounts.key'),
    accountPublicKey: path('service-accounts.pub'),
    adminKubeconfig: path('admin.kubeconfig'),
    managerKubeconfig: path('controller-manager.kubeconfig'),
  };
  const contents: Record<keyof Files, string> = {
    authority: authority.certificate,
    servingCertificate: serving.certificate,
    servingKey: serving.key,
    accountKey: accounts.privateKey,
    accountPublicKey: accounts.publicKey,
    adminKubeconfig: JSON.stringify(kubeconfig, undefined, 2),
    managerKubeconfig: JSON.stringify(managerConfig, undefined, 2),
  };
  for (const name of Object.keys(files) as (keyof Files)[]) await writePrivate(files[name], contents[name]);
  return files;
}

const writePrivate = (path: string, content: string) => writeFile(path, content, { mode: 0o600 });

function kubeconfigOf(server: string, authority: Authority, user: string, pair: KeyPair): Kubeconfig {
  const base64 = (text: string) => Buffer.from(text).toString('base64');
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': 'control-plane',
    clusters: [
      { name: 'control-plane', cluster: { server, 'certificate-authority-data': base64(authority.certificate) } },
    ],
    contexts: [{ name: 'control-plane', context: { cluster: 'control-plane', user } }],
    users: [
      {
        name: user,
        user: { 'client-certificate-data': base64(pair.certificate), 'client-key-data': base64(pair.key) },
      },
    ],
  };
}
