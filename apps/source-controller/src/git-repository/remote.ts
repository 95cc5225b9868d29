import type { GitRepository } from '@gitops-toolkit/api';
import { proxyFrom, secretName, secretText, sshFrom, tlsFrom, type Secret } from '@gitops-toolkit/auth';
import { isEncryptedIdentity, redactUrl, type GitAuth, type GitRemote, type SshOptions } from '@gitops-toolkit/git';
import { failing, stalling, type ReconcileContext } from '@gitops-toolkit/runtime';
import { SourceCondition, SourceReason } from '../artifacts/conditions.ts';
import { readSecret } from '../artifacts/secrets.ts';
import type { GitSettings } from './settings.ts';

const { AuthenticationFailed, GitOperationFailed, InvalidProviderConfiguration, URLInvalid } = SourceReason;
const condition = SourceCondition.FetchFailed;

/** The repository that the spec names, with everything from Secrets that is needed to reach it (SRC-213, SRC-227…250). */
export async function remoteOf(
  ctx: ReconcileContext<GitRepository>,
  { sshAlgorithms }: Pick<GitSettings, 'sshAlgorithms'>,
): Promise<GitRemote> {
  const { spec } = ctx.object;
  const proxy = await proxyOf(ctx);
  const url = urlOf(spec);
  const secret = await credentialsOf(ctx);
  if (secret && secretText(secret, 'githubAppID')) {
    const text = `secretRef '${secretName(secret)}' has github app data but provider is not set to github`;
    throw failing(InvalidProviderConfiguration, text, { condition });
  }
  const target = { url: spec.url, ...(proxy && { proxy }) };
  if (url.protocol === 'ssh:') return { ...target, ssh: { ...sshOf(url, secret), ...sshAlgorithms } };
  return {
    ...target,
    auth: authOf(url, secret),
    ...(secret && tlsOf(url, secret)),
  };
}

async function proxyOf(ctx: ReconcileContext<GitRepository>): Promise<string | undefined> {
  const { proxySecretRef } = ctx.object.spec;
  if (proxySecretRef === undefined) return undefined;
  try {
    return proxyFrom(await readSecret(ctx, proxySecretRef.name)).href;
  } catch (error) {
    ctx.signal.throwIfAborted();
    const text = `failed to configure proxy options: ${(error as Error).message}`;
    throw failing(AuthenticationFailed, text, { condition, cause: error });
  }
}

function urlOf({ url }: GitRepository['spec']): URL {
  try {
    return new URL(url);
  } catch (error) {
    const text = `failed to parse url '${redactUrl(url)}': ${(error as Error).message}`;
    throw stalling(URLInvalid, text, { condition });
  }
}

async function credentialsOf(ctx: ReconcileContext<GitRepository>): Promise<Secret | undefined> {
  const { metadata, spec } = ctx.object;
  if (spec.secretRef === undefined) return undefined;
  try {
    return await readSecret(ctx, spec.secretRef.name);
  } catch (error) {
    ctx.signal.throwIfAborted();
    const name = `${metadata.namespace}/${spec.secretRef.name}`;
    const text = `failed to get secret '${name}': ${(error as Error).message}`;
    throw failing(AuthenticationFailed, text, { condition, cause: error });
  }
}

/**
 * Bearer token, or user and password (SRC-228, SRC-237). The Git client takes from the URL what the Secret lacks
 * (SRC-235); whether the two add up is checked here, while it is known that credentials are at fault (SRC-236).
 */
function authOf(url: URL, secret: Secret | undefined): GitAuth | undefined {
  const read = (key: string) => (secret && secretText(secret, key)) ?? '';
  if (secret && secretText(secret, 'bearerToken') !== undefined) return { type: 'bearer', token: read('bearerToken') };
  const username = read('username');
  const password = read('password');
  if ((username || url.username) === '' && (password || url.password) !== '') {
    const problem = `invalid '${url.protocol.slice(0, -1)}' auth option: 'password' requires 'username' to be set`;
    throw failing(AuthenticationFailed, `failed to configure authentication options: ${problem}`, { condition });
  }
  return username === '' && password === '' ? undefined : { type: 'basic', username, password };
}

/** Identity, its passphrase and known hosts; nothing else of the Secret counts (SRC-111, SRC-234, SRC-236). */
function sshOf(url: URL, secret: Secret | undefined): SshOptions {
  const absent = ['identity', 'known_hosts'].find((key) => !secret || !secretText(secret, key));
  const missing = url.hostname === '' ? 'host' : absent;
  if (missing !== undefined || secret === undefined) {
    const problem = `invalid 'ssh' auth option: '${missing}' is required`;
    throw failing(AuthenticationFailed, `failed to configure authentication options: ${problem}`, { condition });
  }
  const { identity, knownHosts, password } = sshFrom(secret);
  if (!password && isEncryptedIdentity(identity)) {
    const problem = `SSH identity key is encrypted but no 'password' field was provided in the secret`;
    throw failing(AuthenticationFailed, `${problem} '${secretName(secret)}'`, { condition });
  }
  return { identity, knownHosts, ...(password && { passphrase: password }) };
}

const tlsKeys = ['ca.crt', 'caFile', 'tls.crt', 'certFile', 'tls.key', 'keyFile'];

/** CA and client certificate, for HTTPS (SRC-231, SRC-232, SRC-241). */
function tlsOf(url: URL, secret: Secret): Pick<GitRemote, 'ca' | 'clientCert'> {
  if (url.protocol !== 'https:' || !tlsKeys.some((key) => secretText(secret, key) !== undefined)) return {};
  try {
    const { ca, cert, key } = tlsFrom(secret);
    return { ca, ...(cert !== undefined && key !== undefined && { clientCert: { cert, key } }) };
  } catch (error) {
    const text = `failed to create Git client: x509: ${(error as Error).message}`;
    throw failing(GitOperationFailed, text, { condition, cause: error });
  }
}
