import { CorruptObjectsError, RemoteError } from '../errors.ts';
import { type Discovery, type GitConnection } from '../transport/connection.ts';
import { delimiterPacket, flushPacket, line, readPackets, textOf, type Packet } from '../transport/pktline.ts';

/** Which objects to ask for. */
export interface FetchRequest {
  /** Object ids of commits or tag objects. */
  wants: readonly string[];
  /** Commits that are here already, without their parents: what their trees hold is not sent again. */
  haves: readonly string[];
  /** Number of commits to follow from each want; all of history when missing. */
  depth?: number;
  /** Leave trees and blobs out, if the server can: enough to walk history. */
  commitsOnly?: boolean;
}

/** Whether the server can leave trees and blobs out. */
export function canFilter({ version, capabilities }: Discovery): boolean {
  return version === 2 ? (capabilities.get('fetch') ?? '').split(' ').includes('filter') : capabilities.has('filter');
}

/**
 * Asks for objects and streams the packfile of the answer. One request, no negotiation: what is here is told at once.
 *
 * @throws RemoteError when the server refuses (message of the server).
 */
export async function* fetchPack(connection: GitConnection, request: FetchRequest): AsyncGenerator<Uint8Array> {
  const discovery = await connection.discover();
  const body = discovery.version === 2 ? requestV2(discovery, request) : requestV0(discovery, request);
  const packets = readPackets(connection.exchange(body));
  const started = discovery.version === 2 ? await skipToPackV2(packets) : undefined;
  if (started === false) throw new CorruptObjectsError('the server sent no objects');
  yield* discovery.version === 2 ? demultiplex(packets) : packV0(packets);
}

function requestV2(discovery: Discovery, request: FetchRequest): string {
  const filter = request.commitsOnly && canFilter(discovery);
  return [
    line('command=fetch'),
    line('agent=gitops-toolkit'),
    ...(discovery.capabilities.has('object-format') ? [line('object-format=sha1')] : []),
    delimiterPacket,
    line('ofs-delta'),
    line('no-progress'),
    // What builds on objects that are here may come as differences to them; without it, servers ignore shallow haves.
    ...(request.haves.length > 0 ? [line('thin-pack')] : []),
    ...request.haves.map((oid) => line(`shallow ${oid}`)),
    ...(request.depth === undefined ? [] : [line(`deepen ${request.depth}`)]),
    ...(filter ? [line('filter tree:0')] : []),
    ...request.wants.map((oid) => line(`want ${oid}`)),
    ...request.haves.map((oid) => line(`have ${oid}`)),
    line('done'),
    flushPacket,
  ].join('');
}

// What is asked of old servers, as far as they offer it. Azure DevOps insists on multi_ack (SRC-281).
const wantedCapabilities = [
  'multi_ack_detailed',
  'multi_ack',
  'side-band-64k',
  'ofs-delta',
  'thin-pack',
  'no-progress',
  'shallow',
];

function requestV0(discovery: Discovery, request: FetchRequest): string {
  const offered = discovery.capabilities;
  if (!offered.has('side-band-64k')) throw new RemoteError('the server lacks the capability side-band-64k');
  const chosen = wantedCapabilities.filter(
    (name) => offered.has(name) && !(name === 'multi_ack' && offered.has('multi_ack_detailed')),
  );
  const filter = request.commitsOnly && canFilter(discovery);
  if (filter) chosen.push('filter');
  const capabilities = [...chosen, 'agent=gitops-toolkit'].join(' ');
  const shallow = offered.has('shallow');
  const haves = shallow ? request.haves : [];
  return [
    ...request.wants.map((oid, i) => line(i === 0 ? `want ${oid} ${capabilities}` : `want ${oid}`)),
    ...haves.map((oid) => line(`shallow ${oid}`)),
    ...(request.depth === undefined || !shallow ? [] : [line(`deepen ${request.depth}`)]),
    ...(filter ? [line('filter tree:0')] : []),
    flushPacket,
    ...haves.map((oid) => line(`have ${oid}`)),
    line('done'),
  ].join('');
}

/** Reads sections of a version 2 answer up to the packfile; false when there is none. */
async function skipToPackV2(packets: AsyncGenerator<Packet>): Promise<boolean> {
  for (;;) {
    const { value, done } = await packets.next();
    if (done) return false;
    if (value.type === 'data' && textOf(value.data) === 'packfile') return true;
  }
}

/** Version 0: shallow lines and a flush, acknowledgements, then the pack. */
async function* packV0(packets: AsyncGenerator<Packet>): AsyncGenerator<Uint8Array> {
  async function* rest(first: Packet) {
    yield first;
    yield* packets;
  }
  for (;;) {
    const { value, done } = await packets.next();
    if (done) throw new CorruptObjectsError('the server sent no objects');
    if (value.type !== 'data') continue;
    if (value.data[0]! <= 3) return yield* demultiplex(rest(value));
    if (!/^(shallow|unshallow|ACK|NAK)\b/.test(textOf(value.data))) {
      throw new RemoteError('the answer to the fetch is not understood');
    }
  }
}

/** Takes the pack out of the side band; the third band is an error of the server. */
async function* demultiplex(packets: AsyncIterable<Packet>): AsyncGenerator<Uint8Array> {
  for await (const packet of packets) {
    if (packet.type !== 'data') {
      if (packet.type === 'flush') return;
      continue;
    }
    const band = packet.data[0];
    if (band === 1) yield packet.data.subarray(1);
    else if (band === 3) throw new RemoteError(`the server reports: ${textOf(packet.data.subarray(1)).slice(0, 500)}`);
    else if (band !== 2) throw new RemoteError('the answer to the fetch is not understood');
  }
  throw new RemoteError('the answer to the fetch is cut short');
}
