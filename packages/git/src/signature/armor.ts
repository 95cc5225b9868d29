/** The kinds of signatures that Git knows, as messages name them (SRC-295). */
export type SignatureType = 'openpgp' | 'ssh' | 'x509' | 'empty' | 'unknown';

const types: readonly [prefix: string, type: SignatureType][] = [
  ['-----BEGIN PGP SIGNATURE-----', 'openpgp'],
  ['-----BEGIN SSH SIGNATURE-----', 'ssh'],
  ['-----BEGIN SIGNED MESSAGE-----', 'x509'],
];

/** The kind of a signature, by the first line of its armor; white space before it does not count (SRC-295, SRC-302). */
export function signatureTypeOf(signature: string | undefined): SignatureType {
  if (signature === undefined || signature === '') return 'empty';
  const text = signature.trimStart();
  return types.find(([prefix]) => text.startsWith(prefix))?.[1] ?? 'unknown';
}

/**
 * The armored blocks with a label, each from its BEGIN to its END line, without the white space around lines and without
 * what comes before, between and after blocks (SRC-302). A block without an end does not count.
 */
export function armoredBlocks(text: string, label: string): string[] {
  const lines = text.split('\n').map((line) => line.trim());
  const blocks: string[] = [];
  let end = -1;
  for (;;) {
    const begin = lines.indexOf(`-----BEGIN ${label}-----`, end + 1);
    end = begin === -1 ? -1 : lines.indexOf(`-----END ${label}-----`, begin);
    if (end === -1) return blocks;
    blocks.push(`${lines.slice(begin, end + 1).join('\n')}\n`);
  }
}
