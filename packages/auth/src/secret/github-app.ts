import { requireText, secretName, secretText, SecretFormatError, type Secret } from './secret.ts';

/** Credentials of a GitHub App; of the two installation fields exactly one is set. */
export interface GitHubApp {
  appID: string;
  privateKey: string;
  installationID?: string;
  installationOwner?: string;
  baseURL?: string;
}

/**
 * `githubAppID`, `githubAppPrivateKey`, exactly one of `githubAppInstallationID` and `githubAppInstallationOwner`, and
 * optionally `githubAppBaseURL` (RTM-293).
 *
 * @throws SecretKeyError no id or no private key
 * @throws SecretFormatError both or neither of the installation keys
 */
export function githubAppFrom(secret: Secret): GitHubApp {
  const appID = requireText(secret, 'githubAppID');
  const privateKey = requireText(secret, 'githubAppPrivateKey');
  const installationID = secretText(secret, 'githubAppInstallationID') || undefined;
  const installationOwner = secretText(secret, 'githubAppInstallationOwner') || undefined;
  const baseURL = secretText(secret, 'githubAppBaseURL') || undefined;
  if ((installationID === undefined) === (installationOwner === undefined))
    throw new SecretFormatError(
      `secret '${secretName(secret)}' must contain exactly one of 'githubAppInstallationID' and ` +
        `'githubAppInstallationOwner', not ${installationID === undefined ? 'neither' : 'both'}`,
    );
  return { appID, privateKey, installationID, installationOwner, baseURL };
}
