export {
  makeSecret,
  requireText,
  secretBytes,
  secretName,
  secretText,
  SecretFormatError,
  SecretKeyError,
  SecretNotFoundError,
  type Secret,
} from './secret/secret.ts';
export { basicAuthFrom, bearerFrom, tokenFrom, type BasicAuth } from './secret/basic.ts';
export { caFrom, IncompleteTlsError, tlsFrom, tlsOptionsOf, type TlsMaterial } from './secret/tls.ts';
export { proxyFrom } from './secret/proxy.ts';
export { sshFrom, type SshAuth } from './secret/ssh.ts';
export { githubAppFrom, type GitHubApp } from './secret/github-app.ts';
export { registryAuthsFrom, type RegistryAuth } from './secret/registry.ts';
export { authMethodsFrom, type AuthMethods } from './secret/methods.ts';
export { maskError, maskToken } from './secret/mask.ts';
export { identityToken, UnsupportedIdentityError, type IdentityRequest } from './identity/unsupported.ts';
