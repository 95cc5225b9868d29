import { createHmac, randomBytes } from 'node:crypto';
import { generateSshKey } from '../../testing/index.ts';
import { parseKnownHosts } from './known-hosts.ts';

const [one, two, three] = [generateSshKey(), generateSshKey(), generateSshKey({ type: 'ecdsa' })].map(
  (key) => key.public,
) as [string, string, string];
const bytes = (key: string) => Buffer.from(key.split(' ')[1]!, 'base64');

/** What is said about a key that a server presents; `trusted` when nothing is. */
function verdict(text: string, host: string, key: string, port = 22): string {
  try {
    parseKnownHosts(text).verify({ host, port }, bytes(key));
    return 'trusted';
  } catch (error) {
    return `${(error as Error).name}: ${(error as Error).message}`;
  }
}

function hashed(name: string): string {
  const salt = randomBytes(20);
  return `|1|${salt.toString('base64')}|${createHmac('sha1', salt).update(name).digest('base64')}`;
}

describe('known_hosts', () => {
  test.each([
    ['a host', 'example.com', 'example.com', 22, true],
    ['whatever the case', 'Example.com', 'EXAMPLE.com', 22, true],
    ['several hosts', 'a.example.com,10.0.0.1', '10.0.0.1', 22, true],
    ['another host', 'example.com', 'www.example.com', 22, false],
    ['a wildcard', '*.example.com', 'git.example.com', 22, true],
    ['a wildcard for one character', 'git?.example.com', 'git1.example.com', 22, true],
    ['a wildcard that needs a character', 'git?.example.com', 'git.example.com', 22, false],
    ['a negation', '*.example.com,!bad.example.com', 'bad.example.com', 22, false],
    ['beside a negation', '*.example.com,!bad.example.com', 'good.example.com', 22, true],
    ['a negation alone', '!bad.example.com', 'good.example.com', 22, false],
    ['a port', '[example.com]:2222', 'example.com', 2222, true],
    ['another port', '[example.com]:2222', 'example.com', 22, false],
    ['no port', 'example.com', 'example.com', 2222, false],
    ['a wildcard with a port', '[*.example.com]:2222', 'git.example.com', 2222, true],
    ['an IPv6 address', '[2001:db8::1]:2222', '2001:db8::1', 2222, true],
    ['a hashed host', hashed('example.com'), 'example.com', 22, true],
    ['another hashed host', hashed('example.org'), 'example.com', 22, false],
    ['a hashed host with a port', hashed('[example.com]:2222'), 'example.com', 2222, true],
  ])('SRC-245: %s', (_title, hosts, host, port, isKnown) => {
    const said = verdict(`# comment\n\n  # more\n${hosts} ${one} a comment\r\n`, host, one, port);
    expect(said).toMatch(isKnown ? /^trusted$/ : /^HostKeyError: .*key is unknown/);
  });

  test('a pattern cannot take long', () => {
    const text = `${'*a'.repeat(2_000)}b ${one}`;
    expect(verdict(text, 'a'.repeat(4_000), one)).toContain('key is unknown');
  });

  test('SRC-248: a key that changed, with what was expected', () => {
    const said = verdict(`example.com ${one}\nexample.com ${three}`, 'example.com', two);
    expect(said).toMatch(
      /^HostKeyError: .*key mismatch: 'example\.com' presents ssh-ed25519 SHA256:\S+, known_hosts has ssh-ed25519 SHA256:\S+, ecdsa/,
    );
    expect(verdict(`example.com ${one}\nexample.com ${two}`, 'example.com', two)).toBe('trusted');
  });

  test('SRC-245: a revoked key is refused, also where it is listed as good', () => {
    const text = `@revoked * ${one}\nexample.com ${one}\nexample.com ${two}`;
    expect(verdict(text, 'example.com', one)).toMatch(/^HostKeyError: .*'example\.com' is revoked/);
    expect(verdict(text, 'example.com', two)).toBe('trusted');
  });

  test('SRC-245: a certificate authority is read, and vouches for no plain key', () => {
    const said = verdict(`@cert-authority *.example.com ${one}`, 'git.example.com', one);
    expect(said).toMatch(/key is unknown.*host certificates are not supported/);
  });

  test.each([
    ['no key', 'example.com'],
    ['no type', `example.com ${one.split(' ')[1]}`],
    ['another type', `example.com ${one.replace('ssh-ed25519', 'ssh-rsa')}`],
    ['no base64', 'example.com ssh-ed25519 ***'],
    ['an unknown marker', `@trusted example.com ${one}`],
    ['a hash of an unknown kind', `|2|AAAA|AAAA ${one}`],
    ['a hash that is too short', `|1|AAAA|AAAA ${one}`],
    ['a bracket that is not closed', `[example.com ${one}`],
  ])('SRC-245: a malformed line makes all of it invalid: %s', (_title, line) => {
    expect(() => parseKnownHosts(`example.com ${two}\n${line}\n`)).toThrow(/known_hosts: line 2: /);
  });

  test('SRC-246: key types are those present anywhere, of this host first', () => {
    const known = parseKnownHosts(`other.com ${one}\nexample.com ${three}\nmore.com ${two}`);
    expect(known.keyTypes({ host: 'example.com', port: 22 })).toEqual(['ecdsa-sha2-nistp256', 'ssh-ed25519']);
    expect(known.keyTypes({ host: 'other.com', port: 22 })).toEqual(['ssh-ed25519', 'ecdsa-sha2-nistp256']);
  });
});
