import { createPrivateKey, X509Certificate } from 'node:crypto';
import { getCACertificates } from 'node:tls';
import { secretName, secretText, SecretFormatError, SecretKeyError, type Secret } from './secret.ts';

/** PEM texts: a CA bundle, a client certificate with its key, or both. */
export interface TlsMaterial {
  ca?: string;
  cert?: string;
  key?: string;
  /** Keys of the old naming that were used; worth a log line "using legacy key in secret data" each (RTM-287). */
  legacyKeys: string[];
}

const legacyKeys = { 'ca.crt': 'caFile', 'tls.crt': 'certFile', 'tls.key': 'keyFile' } as const;

/** Nothing of TLS is in the Secret, or only one half of the pair. */
export class IncompleteTlsError extends SecretFormatError {
  constructor(message: string) {
    super(message);
    this.name = 'IncompleteTlsError';
  }
}

/**
 * `ca.crt`, or `tls.crt` with `tls.key`, or all three, also under their old names; checked to parse and to fit together
 * (RTM-286, RTM-287). The type of the Secret does not matter.
 *
 * @throws IncompleteTlsError
 * @throws SecretFormatError a certificate, the key or the CA does not parse
 */
export function tlsFrom(secret: Secret): TlsMaterial {
  const found: TlsMaterial = { legacyKeys: [] };
  const read = (key: keyof typeof legacyKeys): string | undefined => {
    const value = secretText(secret, key);
    if (value !== undefined) return value;
    const old = secretText(secret, legacyKeys[key]);
    if (old !== undefined) found.legacyKeys.push(legacyKeys[key]);
    return old;
  };
  const ca = read('ca.crt');
  const cert = read('tls.crt');
  const key = read('tls.key');
  const where = `secret '${secretName(secret)}'`;

  if (cert !== undefined && key === undefined)
    throw new IncompleteTlsError(`${where} contains 'tls.crt' but missing 'tls.key'`);
  if (key !== undefined && cert === undefined)
    throw new IncompleteTlsError(`${where} contains 'tls.key' but missing 'tls.crt'`);
  if (cert === undefined && ca === undefined)
    throw new IncompleteTlsError(`${where} must contain either 'ca.crt' or both 'tls.crt' and 'tls.key'`);
  if (cert !== undefined && key !== undefined) {
    checkPair(cert, key, where);
    Object.assign(found, { cert, key });
  }
  if (ca !== undefined) {
    checkCa(ca, where);
    found.ca = ca;
  }
  return found;
}

/** The CA bundle alone. @throws SecretKeyError @throws SecretFormatError */
export function caFrom(secret: Secret): string {
  const { ca } = tlsFrom(secret);
  if (ca === undefined) throw new SecretKeyError(secret, 'ca.crt');
  return ca;
}

/**
 * What Node's TLS takes. The given CA is the only one trusted unless `addSystemCAs`; verification is never switched off
 * (RTM-298).
 */
export function tlsOptionsOf(
  material: TlsMaterial,
  options: { addSystemCAs?: boolean } = {},
): { ca?: string[]; cert?: string; key?: string } {
  const { ca, cert, key } = material;
  return {
    ...(ca === undefined ? {} : { ca: options.addSystemCAs ? [...getCACertificates(), ca] : [ca] }),
    ...(cert === undefined ? {} : { cert, key }),
  };
}

function checkPair(cert: string, key: string, where: string): void {
  try {
    const certificate = new X509Certificate(cert);
    if (!certificate.checkPrivateKey(createPrivateKey(key)))
      throw new Error('the private key is not of this certificate');
  } catch (error) {
    throw new SecretFormatError(`${where}: failed to parse TLS certificate and key: ${(error as Error).message}`);
  }
}

const certificateBlock = /-----BEGIN CERTIFICATE-----[\s\S]*?-----END CERTIFICATE-----/g;

function checkCa(ca: string, where: string): void {
  const blocks = ca.match(certificateBlock) ?? [];
  try {
    if (blocks.length === 0) throw new Error('there is no PEM certificate in it');
    for (const block of blocks) new X509Certificate(block);
  } catch (error) {
    throw new SecretFormatError(`${where}: failed to parse CA certificate: ${(error as Error).message}`);
  }
}
