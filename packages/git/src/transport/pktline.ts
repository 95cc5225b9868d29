/** The framing of the Git wire protocol: length-prefixed lines and special packets. */
import { RemoteError } from '../errors.ts';

/** One packet. `end` is protocol version 2's response end. */
export type Packet = { type: 'data'; data: Buffer } | { type: 'flush' } | { type: 'delimiter' } | { type: 'end' };

/** Ends a section or request. */
export const flushPacket = '0000';

/** Separates capabilities from arguments in a request of protocol version 2. */
export const delimiterPacket = '0001';

/** A data packet with a line of text. */
export function line(text: string): string {
  return `${(Buffer.byteLength(text) + 5).toString(16).padStart(4, '0')}${text}\n`;
}

/** The text of a data packet without its line end. */
export function textOf(data: Buffer): string {
  return data.toString('utf8').replace(/\n$/, '');
}

/**
 * Splits a byte stream into packets.
 *
 * @throws RemoteError when the bytes are not packets, end within one, or carry an `ERR` line.
 */
export async function* readPackets(stream: AsyncIterable<Uint8Array>): AsyncGenerator<Packet> {
  let rest: Buffer = Buffer.alloc(0);
  for await (const chunk of stream) {
    rest =
      rest.length === 0 ? Buffer.from(chunk.buffer, chunk.byteOffset, chunk.byteLength) : Buffer.concat([rest, chunk]);
    while (rest.length >= 4) {
      const prefix = rest.toString('latin1', 0, 4);
      if (!/^[0-9a-fA-F]{4}$/.test(prefix)) throw new RemoteError('the answer is not in the Git protocol');
      const length = Number.parseInt(prefix, 16);
      if (length < 4) {
        if (length === 3) throw new RemoteError('the answer is not in the Git protocol');
        rest = rest.subarray(4);
        yield { type: length === 0 ? 'flush' : length === 1 ? 'delimiter' : 'end' };
        continue;
      }
      if (rest.length < length) break;
      const data = rest.subarray(4, length);
      rest = rest.subarray(length);
      if (data.length > 4 && data.toString('latin1', 0, 4) === 'ERR ') {
        throw new RemoteError(`the server reports: ${textOf(data.subarray(4)).slice(0, 500)}`);
      }
      yield { type: 'data', data };
    }
  }
  if (rest.length > 0) throw new RemoteError('the answer ends within a packet of the Git protocol');
}
