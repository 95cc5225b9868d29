/** Certificates of a short-lived control plane: one authority, a serving certificate, and client identities. */
import 'reflect-metadata';
import { randomBytes } from 'node:crypto';
import {
  BasicConstraintsExtension,
  ExtendedKeyUsage,
  ExtendedKeyUsageExtension,
  KeyUsageFlags,
  KeyUsagesExtension,
  PemConverter,
  SubjectAlternativeNameExtension,
  X509CertificateGenerator,
} from '@peculiar/x509';

/** A certificate and its private key (PKCS #8), both PEM. */
export interface KeyPair {
  certificate: string;
  key: string;
}

/** An authority that signs certificates for one control plane. Its own key never leaves the process. */
export interface Authority {
  certificate: string;
  /** A certificate to serve the API with at these names and addresses. */
  serving(names: { dns: string[]; ip: string[] }): Promise<KeyPair>;
  /** A client certificate; Kubernetes reads the common name as user and the organisations as groups. */
  client(user: string, groups: string[]): Promise<KeyPair>;
}

const algorithm = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' };
const lifetimeMs = 7 * 24 * 3_600_000;

/** Makes a fresh authority, valid for a week. */
export async function createAuthority(): Promise<Authority> {
  const keys = await crypto.subtle.generateKey(algorithm, false, ['sign', 'verify']);
  const authority = await X509CertificateGenerator.createSelfSigned({
    ...validity(),
    name: 'CN=control-plane-authority',
    keys,
    signingAlgorithm: algorithm,
    extensions: [
      new BasicConstraintsExtension(true, 0, true),
      new KeyUsagesExtension(KeyUsageFlags.keyCertSign | KeyUsageFlags.digitalSignature, true),
    ],
  });

  async function sign(
    subject: { CN: string[]; O?: string[] },
    usage: ExtendedKeyUsage,
    names?: { dns: string[]; ip: string[] },
  ) {
    const own = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']);
    const alternatives = [
      ...(names?.dns ?? []).map((value) => ({ type: 'dns' as const, value })),
      ...(names?.ip ?? []).map((value) => ({ type: 'ip' as const, value })),
    ];
    const certificate = await X509CertificateGenerator.create({
      ...validity(),
      // One organisation per relative name: that is how several groups are told apart.
      subject: [...(subject.O ?? []).map((group) => ({ O: [group] })), { CN: subject.CN }],
      issuer: authority.subject,
      publicKey: own.publicKey,
      signingKey: keys.privateKey,
      signingAlgorithm: algorithm,
      extensions: [
        new BasicConstraintsExtension(false, undefined, true),
        new KeyUsagesExtension(KeyUsageFlags.digitalSignature, true),
        new ExtendedKeyUsageExtension([usage]),
        ...(alternatives.length > 0 ? [new SubjectAlternativeNameExtension(alternatives)] : []),
      ],
    });
    const key = PemConverter.encode(await crypto.subtle.exportKey('pkcs8', own.privateKey), PemConverter.PrivateKeyTag);
    return { certificate: `${certificate.toString('pem')}\n`, key: `${key}\n` };
  }

  return {
    certificate: `${authority.toString('pem')}\n`,
    serving: (names) => sign({ CN: ['kube-apiserver'] }, ExtendedKeyUsage.serverAuth, names),
    client: (user, groups) => sign({ CN: [user], O: groups }, ExtendedKeyUsage.clientAuth),
  };
}

function validity() {
  const now = Date.now();
  return {
    // The first octet stays below 0x80: a serial number is a positive integer.
    serialNumber: `01${randomBytes(15).toString('hex')}`,
    notBefore: new Date(now - 60_000),
    notAfter: new Date(now + lifetimeMs),
  };
}
