/** Credential plug-ins of kubeconfigs: a program that prints an `ExecCredential` (`client.authentication.k8s.io`). */
import { spawn } from 'node:child_process';
import type { ClientConfig, ExecConfig } from '../config/config.ts';
import { CredentialsError, KubeConfigError } from '../errors.ts';
import type { CredentialSource, Credentials } from './credentials.ts';

/** A plug-in may talk to an identity provider; a minute is generous. */
const timeoutMs = 60_000;
const maxOutputBytes = 1024 * 1024;
const supported = ['client.authentication.k8s.io/v1', 'client.authentication.k8s.io/v1beta1'];

interface ExecCredential {
  apiVersion?: string;
  kind?: string;
  status?: {
    token?: string;
    clientCertificateData?: string;
    clientKeyData?: string;
    expirationTimestamp?: string;
  };
}

/**
 * Runs the plug-in when credentials are first needed, when they have expired, and when the server refuses them. One run
 * serves all requests that wait for it.
 * @throws KubeConfigError for an API version that is not supported, or a plug-in that insists on a terminal.
 */
export function execCredentials(
  exec: ExecConfig,
  config: ClientConfig,
  now: () => number = Date.now,
): CredentialSource {
  if (!supported.includes(exec.apiVersion)) {
    throw new KubeConfigError(`exec apiVersion "${exec.apiVersion}" is not supported: use ${supported.join(' or ')}`);
  }
  if (exec.interactiveMode === 'Always') {
    throw new KubeConfigError(`exec plug-in ${exec.command} needs a terminal (interactiveMode: Always)`);
  }
  let cached: Credentials | undefined;
  let expires = Infinity;
  let running: Promise<Credentials> | undefined;
  const closing = new AbortController();

  async function renew(): Promise<Credentials> {
    try {
      const status = readCredential(await run(exec, config, closing.signal), exec);
      expires = status.expirationTimestamp ? Date.parse(status.expirationTimestamp) : Infinity;
      cached = {
        authorization: status.token ? `Bearer ${status.token}` : undefined,
        cert: status.clientCertificateData,
        key: status.clientKeyData,
      };
      return cached;
    } finally {
      running = undefined;
    }
  }

  return {
    current: () => (cached && now() < expires ? cached : (running ??= renew())),
    refused: (used) => {
      if (used === cached) cached = undefined;
      return true;
    },
    close: () => closing.abort(),
  };
}

function readCredential(output: string, exec: ExecConfig): NonNullable<ExecCredential['status']> {
  const fail = (what: string) => new CredentialsError(`exec plug-in ${exec.command} ${what}`);
  let credential: ExecCredential;
  try {
    credential = JSON.parse(output) as ExecCredential;
  } catch {
    throw fail('did not print JSON');
  }
  if (credential?.kind !== 'ExecCredential' || credential.apiVersion !== exec.apiVersion) {
    throw fail(`did not print an ExecCredential of ${exec.apiVersion}`);
  }
  const { status } = credential;
  if (!status?.token && !(status?.clientCertificateData && status.clientKeyData)) {
    throw fail('gave neither a token nor a client certificate with its key');
  }
  return status;
}

/** What a plug-in is told, in `KUBERNETES_EXEC_INFO`. */
function execInfo(exec: ExecConfig, config: ClientConfig): string {
  const cluster = {
    server: config.server,
    'tls-server-name': config.tls?.serverName,
    'insecure-skip-tls-verify': config.tls?.insecure || undefined,
    'certificate-authority-data': config.tls?.ca && Buffer.from(config.tls.ca).toString('base64'),
    'proxy-url': config.proxyUrl,
    'disable-compression': config.disableCompression || undefined,
  };
  return JSON.stringify({
    apiVersion: exec.apiVersion,
    kind: 'ExecCredential',
    spec: { interactive: false, ...(exec.provideClusterInfo && { cluster }) },
  });
}

function run(exec: ExecConfig, config: ClientConfig, closing: AbortSignal): Promise<string> {
  return new Promise((resolve, reject) => {
    const fail = (what: string, cause?: unknown) => {
      const hint = exec.installHint ? `: ${exec.installHint}` : '';
      reject(new CredentialsError(`exec plug-in ${exec.command} ${what}${hint}`, { cause }));
    };
    const given = Object.fromEntries((exec.env ?? []).map(({ name, value }) => [name, value]));
    const child = spawn(exec.command, exec.args ?? [], {
      env: { ...process.env, ...given, KUBERNETES_EXEC_INFO: execInfo(exec, config) },
      stdio: ['ignore', 'pipe', 'pipe'],
      // A process group of its own, so that the plug-in dies with whatever it started.
      detached: true,
    });
    const kill = () => {
      try {
        if (child.pid) process.kill(-child.pid, 'SIGKILL');
      } catch {
        // It has ended already.
      }
    };
    let ended: string | undefined;
    const stop = (why: string) => {
      ended = why;
      kill();
    };
    const timer = setTimeout(() => stop(`did not finish within ${timeoutMs / 1000} s`), timeoutMs);
    const close = () => stop('was ended with the client');
    if (closing.aborted) close();
    closing.addEventListener('abort', close, { once: true });
    const settle = () => {
      clearTimeout(timer);
      closing.removeEventListener('abort', close);
    };
    let output = '';
    let complaint = '';
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      output += text;
      if (output.length > maxOutputBytes) stop(`printed more than ${maxOutputBytes} bytes`);
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < 512) complaint += text;
    });
    child.on('error', (cause) => {
      settle();
      fail(`cannot be run (${(cause as NodeJS.ErrnoException).code ?? cause.message})`, cause);
    });
    child.on('close', (code, signal) => {
      settle();
      const said = complaint.trim().slice(0, 512);
      if (ended) fail(ended);
      else if (code !== 0) fail(`ended with ${signal ?? `exit code ${code}`}${said && ` (${said})`}`);
      else resolve(output);
    });
  });
}
