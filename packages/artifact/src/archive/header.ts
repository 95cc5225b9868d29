/** Tar headers, byte for byte as SRC-378…380 fix them. */
import { type ArchiveEntry } from './entry.ts';

const blockSize = 512;
const nameSize = 100;
const prefixSize = 155;
// Eleven octal digits.
const largestUstarSize = 0o77777777777;

/** The two zero blocks that end an archive (SRC-380). */
export const endOfArchive = Buffer.alloc(2 * blockSize);

/** Zero bytes that fill the last block of `size` bytes of content. */
export function padding(size: number): Buffer {
  return Buffer.alloc((blockSize - (size % blockSize)) % blockSize);
}

/** The header of an entry: one USTAR block, after a PAX record where USTAR cannot express the name or the size. */
export function encodeHeader(entry: ArchiveEntry): Buffer {
  const size = entry.type === 'file' ? entry.size : 0;
  const mode = entry.type === 'directory' ? 0o750 : entry.executable ? 0o700 : 0o600;
  const typeflag = entry.type === 'directory' ? '5' : '0';
  const split = splitName(entry.path);
  if (split !== undefined && size <= largestUstarSize) {
    return block({ ...split, mode, size, typeflag, device: true });
  }

  let records = '';
  if (split === undefined) records += paxRecord('path', entry.path);
  if (size > largestUstarSize) records += paxRecord('size', String(size));
  const body = Buffer.from(records);
  const pax = block({
    name: paxName(entry.path),
    prefix: '',
    mode: 0,
    size: body.length,
    typeflag: 'x',
    device: false,
  });
  const main = block({
    name: asciiOf(entry.path).slice(0, nameSize),
    prefix: '',
    mode,
    size: size > largestUstarSize ? 0 : size,
    typeflag,
    device: true,
  });
  return Buffer.concat([pax, body, padding(body.length), main]);
}

interface Fields {
  name: string;
  prefix: string;
  mode: number;
  size: number;
  typeflag: string;
  /** PAX headers leave the device numbers as zero bytes instead of octal zeros. */
  device: boolean;
}

function block(fields: Fields): Buffer {
  const bytes = Buffer.alloc(blockSize);
  bytes.write(fields.name, 0, nameSize, 'latin1');
  octal(bytes, 100, 8, fields.mode);
  octal(bytes, 108, 8, 0);
  octal(bytes, 116, 8, 0);
  octal(bytes, 124, 12, fields.size);
  octal(bytes, 136, 12, 0);
  bytes.write('        ', 148, 'latin1');
  bytes.write(fields.typeflag, 156, 'latin1');
  bytes.write('ustar\x0000', 257, 'latin1');
  if (fields.device) {
    octal(bytes, 329, 8, 0);
    octal(bytes, 337, 8, 0);
  }
  bytes.write(fields.prefix, 345, prefixSize, 'latin1');
  let checksum = 0;
  for (const byte of bytes) checksum += byte;
  bytes.write(`${checksum.toString(8).padStart(6, '0')}\0 `, 148, 'latin1');
  return bytes;
}

function octal(bytes: Buffer, offset: number, length: number, value: number): void {
  bytes.write(value.toString(8).padStart(length - 1, '0'), offset, 'latin1');
}

/** Name and prefix for USTAR, or undefined when the name needs PAX (SRC-379). */
function splitName(path: string): { name: string; prefix: string } | undefined {
  if (!/^[\x01-\x7f]*$/.test(path)) return undefined;
  if (path.length <= nameSize) return { name: path, prefix: '' };
  const slash = path.slice(0, prefixSize + 1).lastIndexOf('/');
  if (slash <= 0 || path.length - slash - 1 > nameSize || slash === path.length - 1) return undefined;
  return { name: path.slice(slash + 1), prefix: path.slice(0, slash) };
}

/** `LENGTH KEY=VALUE\n`, where LENGTH counts itself. */
function paxRecord(key: string, value: string): string {
  const rest = Buffer.byteLength(` ${key}=${value}\n`);
  let length = rest + String(rest).length;
  if (rest + String(length).length !== length) length = rest + String(length).length;
  return `${length} ${key}=${value}\n`;
}

function paxName(path: string): string {
  const slash = path.lastIndexOf('/');
  const folder = slash === -1 ? '' : path.slice(0, slash + 1);
  return asciiOf(`${folder}PaxHeaders.0/${path.slice(slash + 1)}`)
    .slice(0, nameSize)
    .replace(/\/+$/, '');
}

const asciiOf = (text: string) => text.replace(/[^\x01-\x7f]/gu, '');
