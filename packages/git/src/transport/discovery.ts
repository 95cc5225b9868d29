import { RemoteError } from '../errors.ts';
import { type Discovery } from './connection.ts';
import { readPackets, textOf } from './pktline.ts';

// Keeps a hostile server from filling the memory with refs.
const maxAdvertisement = 128 * 1024 * 1024;

/**
 * Reads what `git-upload-pack` says first: the capabilities of protocol version 2, or the refs of version 0 and 1.
 *
 * @throws RemoteError for anything else.
 */
export async function parseDiscovery(stream: AsyncIterable<Uint8Array>): Promise<Discovery> {
  const lines: string[] = [];
  let size = 0;
  for await (const packet of readPackets(stream)) {
    if (packet.type !== 'data') continue;
    size += packet.data.length;
    if (size > maxAdvertisement) throw new RemoteError('the server advertises more refs than can be read');
    const text = textOf(packet.data);
    if (!text.startsWith('# service=')) lines.push(text);
  }
  if (lines[0] === 'version 2') return { version: 2, capabilities: capabilitiesOf(lines.slice(1)) };
  if (lines[0] === 'version 1') lines.shift();
  const [first = '', flags = ''] = (lines[0] ?? '').split('\0');
  const refs = new Map<string, string>();
  for (const text of [first, ...lines.slice(1)]) {
    const found = /^([0-9a-f]{40}) (.+)$/.exec(text);
    if (found !== null) {
      if (found[2] !== 'capabilities^{}') refs.set(found[2]!, found[1]!);
    } else if (text !== '' && !text.startsWith('shallow ')) {
      throw new RemoteError('the server advertises refs in a form that is not understood; only SHA-1 repositories are');
    }
  }
  return { version: 0, capabilities: capabilitiesOf(flags.split(' ').filter((flag) => flag !== '')), refs };
}

function capabilitiesOf(lines: string[]): Map<string, string> {
  const capabilities = new Map<string, string>();
  for (const text of lines) {
    const equals = text.indexOf('=');
    if (equals === -1) capabilities.set(text, '');
    // `symref` may come several times.
    else {
      const name = text.slice(0, equals);
      const before = capabilities.get(name);
      const value = text.slice(equals + 1);
      capabilities.set(name, before === undefined ? value : `${before} ${value}`);
    }
  }
  return capabilities;
}
