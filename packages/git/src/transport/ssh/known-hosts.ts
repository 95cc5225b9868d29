import { createHash, createHmac, timingSafeEqual } from 'node:crypto';
import { HostKeyError, InvalidOptionsError } from '../../errors.ts';

/** Where a server is: what was asked for, not what it resolves to. */
export interface HostAddress {
  host: string;
  port: number;
}

/** Host keys that are trusted, and those that are not any more. */
export interface KnownHosts {
  /** Key types in the order to offer them to a server: those known for it, then those known for others (SRC-246). */
  keyTypes(address: HostAddress): string[];
  /**
   * Compares the key that a server presents with those known for it.
   *
   * @throws HostKeyError for a key that is unknown, another one, or revoked (SRC-248).
   */
  verify(address: HostAddress, key: Uint8Array): void;
}

interface Line {
  marker: 'cert-authority' | 'revoked' | undefined;
  matches(address: HostAddress): boolean;
  type: string;
  key: Buffer;
}

/**
 * Reads host keys in the format of OpenSSH: comments and blank lines, several hosts, wildcards, negations,
 * `[host]:port`, hashed hosts, `@revoked`, and `@cert-authority`, which is read but vouches for nothing, because host
 * certificates are not supported (SRC-245).
 *
 * @throws InvalidOptionsError for any malformed line, by its number.
 */
export function parseKnownHosts(text: string): KnownHosts {
  const lines: Line[] = [];
  for (const [index, content] of text.split('\n').entries()) {
    const line = content.trim();
    if (line === '' || line.startsWith('#')) continue;
    try {
      lines.push(parseLine(line));
    } catch (error) {
      throw new InvalidOptionsError(`known_hosts: line ${index + 1}: ${(error as Error).message}`, { cause: error });
    }
  }
  return {
    keyTypes(address) {
      const own = lines.filter((line) => line.matches(address));
      return [...new Set([...own, ...lines].map(({ type }) => type))];
    },
    verify(address, bytes) {
      const key = Buffer.from(bytes);
      const shown = `${keyType(key)} ${fingerprint(key)}`;
      const name = addressName(address);
      const same = (line: Line) => line.key.equals(key);
      const own = lines.filter((line) => line.matches(address));
      // A revoked key is never good, whatever host it was revoked for.
      if (lines.some((line) => line.marker === 'revoked' && same(line))) {
        throw new HostKeyError(`knownhosts: the host key of '${name}' is revoked (${shown})`);
      }
      const trusted = own.filter((line) => line.marker === undefined);
      if (trusted.some(same)) return;
      if (trusted.length > 0) {
        const expected = trusted.map((line) => `${line.type} ${fingerprint(line.key)}`).join(', ');
        throw new HostKeyError(
          `knownhosts: key mismatch: '${name}' presents ${shown}, known_hosts has ${expected}; ` +
            'if the server has changed its key, update known_hosts',
        );
      }
      const hint = own.some((line) => line.marker === 'cert-authority')
        ? 'its certificate authority is, but host certificates are not supported: add the key'
        : 'if it is the right one, add it';
      throw new HostKeyError(`knownhosts: key is unknown: '${name}' presents ${shown}, not in known_hosts; ${hint}`);
    },
  };
}

function parseLine(text: string): Line {
  const fields = text.split(/[ \t]+/);
  let marker: Line['marker'];
  if (fields[0]!.startsWith('@')) {
    const name = fields.shift()!.slice(1);
    if (name !== 'cert-authority' && name !== 'revoked') throw new Error(`the marker '@${name}' is unknown`);
    marker = name;
  }
  const [hosts, type, encoded] = fields;
  if (hosts === undefined || type === undefined || encoded === undefined) {
    throw new Error('hosts, key type and key are expected');
  }
  const key = Buffer.from(encoded, 'base64');
  if (!/^[A-Za-z0-9+/]+={0,2}$/.test(encoded) || keyType(key) !== type) {
    throw new Error(`there is no key of type ${JSON.stringify(type.slice(0, 60))}`);
  }
  return { marker, matches: hosts.startsWith('|') ? hashedHost(hosts) : hostPatterns(hosts), type, key };
}

/** The type that the first field of a key in wire format names. */
function keyType(key: Buffer): string | undefined {
  if (key.length < 4) return undefined;
  const length = key.readUInt32BE(0);
  return length > 0 && length < 100 && key.length > 4 + length ? key.toString('latin1', 4, 4 + length) : undefined;
}

/** `|1|<salt>|<HMAC-SHA1 of the name>`. */
function hashedHost(text: string): Line['matches'] {
  const [, version, salt = '', hash = '', ...more] = text.split('|');
  const [secret, wanted] = [Buffer.from(salt, 'base64'), Buffer.from(hash, 'base64')];
  if (version !== '1' || more.length > 0 || secret.length === 0 || wanted.length !== 20) {
    throw new Error('the hashed host is malformed');
  }
  return (address) => timingSafeEqual(createHmac('sha1', secret).update(addressName(address)).digest(), wanted);
}

/** Comma-separated names with `*` and `?`; with `!` they exclude. */
function hostPatterns(text: string): Line['matches'] {
  const patterns = text.split(',').map((item) => {
    const negated = item.startsWith('!');
    const found = /^\[([^\]]+)\](?::(\d+))?$/.exec(negated ? item.slice(1) : item);
    const host = (found?.[1] ?? (negated ? item.slice(1) : item)).toLowerCase();
    if (host === '' || (found === null && host.startsWith('['))) throw new Error('a host is empty or malformed');
    return { negated, host, port: Number(found?.[2] ?? 22) };
  });
  return ({ host, port }) => {
    const hits = patterns.filter((pattern) => pattern.port === port && wildcard(pattern.host, host.toLowerCase()));
    return hits.length > 0 && !hits.some(({ negated }) => negated);
  };
}

/** `*` stands for any characters, `?` for one. Takes at most pattern × text steps, whatever the pattern. */
function wildcard(pattern: string, text: string): boolean {
  let [p, t, star, mark] = [0, 0, -1, 0];
  while (t < text.length) {
    if (pattern[p] === '*') {
      star = p++;
      mark = t;
    } else if (p < pattern.length && (pattern[p] === '?' || pattern[p] === text[t])) {
      p++;
      t++;
    } else if (star !== -1) {
      p = star + 1;
      t = ++mark;
    } else return false;
  }
  while (pattern[p] === '*') p++;
  return p === pattern.length;
}

/** The name of an address in known_hosts and in messages: the port only where it is not the usual one. */
export function addressName({ host, port }: HostAddress): string {
  const name = host.toLowerCase();
  return port === 22 ? name : `[${name}]:${port}`;
}

const fingerprint = (key: Buffer) => `SHA256:${createHash('sha256').update(key).digest('base64').replace(/=+$/, '')}`;
