/** Reads the fields of SSH's binary formats, where each text is preceded by its length. */
export interface WireReader {
  /** Bytes of a known number. */
  bytes(length: number): Buffer;
  /** A 32-bit number. */
  number(): number;
  /** Bytes that tell their number. */
  string(): Buffer;
  /** The same as text. */
  text(): string;
  /** A positive number of any size, without leading zeros. */
  integer(): Buffer;
  /** @throws RangeError when something is left */
  end(): void;
}

/** A reader whose methods throw a RangeError where the data ends too early. */
export function wireReader(data: Buffer): WireReader {
  let position = 0;
  const bytes = (length: number) => {
    if (length > data.length - position) throw new RangeError('the data ends too early');
    position += length;
    return data.subarray(position - length, position);
  };
  const number = () => bytes(4).readUInt32BE();
  const string = () => bytes(number());
  return {
    bytes,
    number,
    string,
    text: () => string().toString('latin1'),
    integer() {
      const value = string();
      const start = value.findIndex((byte) => byte !== 0);
      return start === -1 ? Buffer.alloc(0) : value.subarray(start);
    },
    end() {
      if (position !== data.length) throw new RangeError('there is more data than expected');
    },
  };
}

/** A text as SSH's binary formats have it. */
export function wireString(value: string | Uint8Array): Buffer {
  const data = Buffer.from(value);
  const length = Buffer.alloc(4);
  length.writeUInt32BE(data.length);
  return Buffer.concat([length, data]);
}
