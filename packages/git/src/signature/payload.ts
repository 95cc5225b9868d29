/** A signature and what it signs. */
export interface SignedObject {
  /** The signature in its armor, as it stands in the object. */
  signature: string;
  /** The bytes of the object without its signature (SRC-298). */
  payload: Uint8Array;
}

const newline = 0x0a;

/**
 * Takes the signature out of a raw commit, where it is the header `gpgsig`; undefined for one that is not signed. Every
 * signature header leaves the payload, and the first one counts.
 */
export function signatureOfCommit(raw: Uint8Array): SignedObject | undefined {
  const { payload, signatures } = withoutSignatureHeaders(Buffer.from(raw));
  const [signature] = signatures;
  return signature === undefined ? undefined : { signature, payload };
}

/**
 * Takes the signature out of a raw tag object, where it is the end of the message: from the last line on that begins
 * the armor of a signature. Undefined for one that is not signed.
 */
export function signatureOfTag(raw: Uint8Array): SignedObject | undefined {
  const object = Buffer.from(raw);
  const start = lastArmor(object);
  if (start === undefined) return undefined;
  // The headers hold the signature of the object's form for another hash algorithm, made before this one.
  const { payload } = withoutSignatureHeaders(object.subarray(0, start));
  return { signature: object.toString('utf8', start), payload };
}

/** `gpgsig` and its likes for other hash algorithms, with their continuation lines, which begin with a space. */
function withoutSignatureHeaders(object: Buffer): { payload: Buffer; signatures: string[] } {
  const kept: Buffer[] = [];
  const signatures: string[] = [];
  let position = 0;
  let header = '';
  while (position < object.length && object[position] !== newline) {
    const next = endOfLine(object, position);
    const line = object.subarray(position, next);
    const isContinuation = line[0] === 0x20;
    if (!isContinuation) header = nameOf(line);
    if (!/^gpgsig(-|$)/.test(header)) kept.push(line);
    else if (header === 'gpgsig') {
      const value = line.toString('utf8', isContinuation ? 1 : 'gpgsig '.length);
      if (isContinuation) signatures[signatures.length - 1] += value;
      else signatures.push(value);
    }
    position = next;
  }
  return { payload: Buffer.concat([...kept, object.subarray(position)]), signatures };
}

function nameOf(line: Buffer): string {
  const space = line.indexOf(0x20);
  return line.toString('latin1', 0, space === -1 ? line.length - 1 : space);
}

const armors = ['PGP SIGNATURE', 'PGP MESSAGE', 'SIGNED MESSAGE', 'SSH SIGNATURE'].map((label) =>
  Buffer.from(`-----BEGIN ${label}-----`),
);

function lastArmor(object: Buffer): number | undefined {
  let last: number | undefined;
  for (let position = 0; position < object.length; position = endOfLine(object, position)) {
    if (armors.some((armor) => object.subarray(position, position + armor.length).equals(armor))) last = position;
  }
  return last;
}

/** Where the next line starts. */
function endOfLine(object: Buffer, position: number): number {
  const end = object.indexOf(newline, position);
  return end === -1 ? object.length : end + 1;
}
