import { type DigestError } from '../errors.ts';
import { digestAlgorithms, digestOf, isDigestAlgorithm, parseDigest, verifyDigest } from './digest.ts';

const abc = Buffer.from('abc');
const known = {
  sha256: 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad',
  sha384: 'cb00753f45a35e8bb5a03d699ac65007272c32ab0eded1631a8b605a43ff5bed8086072ba1e7cc2358baeca134c825a7',
  sha512:
    'ddaf35a193617abacc417349ae20413112e6fa4e89a97ea20a9eeee64b55d39a2192992a274fc1a836ba3c23a3feebbd454d4423643ce80e2a9ac94fa54ca49f',
  blake3: '6437b3ac38465133ffb63b75273a8db548c558465d79db03fd359c6cd5bd9d85',
  sha1: 'a9993e364706816aba3e25717850c26c9cd0d89d',
};

const reasonOf = (text: string) => {
  try {
    parseDigest(text);
    return 'none';
  } catch (error) {
    return (error as DigestError).reason;
  }
};

describe('digests', () => {
  test.each(digestAlgorithms)('SRC-387, RTM-244: %s', async (algorithm) => {
    expect(await digestOf(abc, algorithm)).toBe(`${algorithm}:${known[algorithm]}`);
    await verifyDigest(`${algorithm}:${known[algorithm]}`, abc);
    expect(isDigestAlgorithm('md5')).toBe(false);
  });

  test('RTM-254, RTM-546: 64 hex digits without prefix are a SHA-256 checksum', async () => {
    expect(parseDigest(known.sha256.toUpperCase())).toEqual({ algorithm: 'sha256', hex: known.sha256 });
    await verifyDigest(known.sha256, abc);
  });

  test('SRC-481, RTM-545: empty, malformed, unsupported and mismatching digests are told apart', async () => {
    expect(reasonOf('')).toBe('Empty');
    expect(reasonOf('invalid')).toBe('Malformed');
    expect(reasonOf('sha256:abc')).toBe('Malformed');
    expect(reasonOf(`md5:${'a'.repeat(32)}`)).toBe('UnsupportedAlgorithm');
    expect(() => parseDigest('')).toThrow('artifact has no digest');
    expect(() => parseDigest('invalid')).toThrow(
      "failed to parse artifact digest 'invalid': invalid checksum digest format",
    );
    const wrong = `sha256:${'0'.repeat(64)}`;
    const failure = verifyDigest(wrong, abc);
    await expect(failure).rejects.toMatchObject({ reason: 'Mismatch' });
    await expect(failure).rejects.toThrow(`computed digest doesn't match '${wrong}'`);
  });
});
