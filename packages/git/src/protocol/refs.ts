import { LimitExceededError, RemoteError } from '../errors.ts';
import { type Discovery, type GitConnection } from '../transport/connection.ts';
import { delimiterPacket, flushPacket, line, readPackets, textOf } from '../transport/pktline.ts';

/** A ref of a remote repository. */
export interface RemoteRef {
  /** Full name, such as `refs/heads/main`. */
  name: string;
  /** The object it points at: a commit, or the tag object of an annotated tag. */
  oid: string;
  /** What an annotated tag leads to. */
  peeled?: string;
  /** The ref that a symbolic ref (`HEAD`) stands for. */
  symrefTarget?: string;
}

const maxRefs = 1_000_000;

/** Asks a connected server for its refs, only for those with the given prefixes where it can tell them apart. */
export async function readRefs(connection: GitConnection, prefixes: readonly string[]): Promise<RemoteRef[]> {
  const discovery = await connection.discover();
  if (discovery.version === 0) return advertisedRefs(discovery, prefixes);
  const objectFormat = discovery.capabilities.get('object-format') ?? 'sha1';
  if (objectFormat !== 'sha1') {
    throw new RemoteError(`the repository uses object format '${objectFormat}', only sha1 is supported`);
  }
  const request = [
    line('command=ls-refs'),
    line('agent=gitops-toolkit'),
    ...(discovery.capabilities.has('object-format') ? [line('object-format=sha1')] : []),
    delimiterPacket,
    line('peel'),
    line('symrefs'),
    ...prefixes.map((prefix) => line(`ref-prefix ${prefix}`)),
    flushPacket,
  ].join('');
  const refs: RemoteRef[] = [];
  let ended = false;
  for await (const packet of readPackets(connection.exchange(request))) {
    if (packet.type === 'flush') ended = true;
    if (packet.type !== 'data') continue;
    const ref = parseRef(textOf(packet.data));
    // Prefixes are a hint to the server, which may send more.
    if (ref !== undefined && hasPrefix(ref.name, prefixes)) refs.push(ref);
    if (refs.length > maxRefs) throw new LimitExceededError(`the server has more than ${maxRefs} refs`);
  }
  if (!ended) throw new RemoteError('the list of refs is cut short');
  return refs;
}

function parseRef(text: string): RemoteRef | undefined {
  const [oid = '', name = '', ...attributes] = text.split(' ');
  if (oid === 'unborn') return undefined;
  if (!/^[0-9a-f]{40}$/.test(oid) || name === '') throw new RemoteError('the list of refs is not understood');
  const ref: RemoteRef = { name, oid };
  for (const attribute of attributes) {
    if (attribute.startsWith('peeled:')) ref.peeled = attribute.slice('peeled:'.length);
    if (attribute.startsWith('symref-target:')) ref.symrefTarget = attribute.slice('symref-target:'.length);
  }
  return ref;
}

function advertisedRefs({ refs = new Map(), capabilities }: Discovery, prefixes: readonly string[]): RemoteRef[] {
  const symrefs = new Map(
    (capabilities.get('symref') ?? '').split(' ').map((pair) => pair.split(':') as [string, string]),
  );
  const list: RemoteRef[] = [];
  for (const [name, oid] of refs) {
    if (name.endsWith('^{}') || !hasPrefix(name, prefixes)) continue;
    const peeled = refs.get(`${name}^{}`);
    const symrefTarget = symrefs.get(name);
    list.push({ name, oid, ...(peeled && { peeled }), ...(symrefTarget && { symrefTarget }) });
  }
  return list;
}

const hasPrefix = (name: string, prefixes: readonly string[]) =>
  prefixes.length === 0 || prefixes.some((prefix) => name.startsWith(prefix));
