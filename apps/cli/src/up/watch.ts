import {
  keyText,
  type GitRepository,
  GitRepositoryKind,
  type Kustomization,
  KustomizationKind,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import { parseObjectId, statusOf, type ObjectStatus } from '@gitops-toolkit/apply';
import { createInformerCache, type Informer, type KubeClient } from '@gitops-toolkit/kube';
import { toolkitState, type ObjectState } from './state.ts';

/** Table updates per second at the most. */
const maxRate = 5;

/**
 * Calls `onChange` with the state of every GitRepository and Kustomization and of everything they applied, whenever
 * something changes, until the signal aborts.
 */
export async function watchStates(
  client: KubeClient,
  onChange: (states: ObjectState[]) => void,
  signal: AbortSignal,
): Promise<void> {
  const cache = createInformerCache(client);
  const sources = cache.informer<GitRepository>(GitRepositoryKind);
  const kustomizations = cache.informer<Kustomization>(KustomizationKind);
  const applied = new Map<string, Informer>();
  let timer: NodeJS.Timeout | undefined;

  const update = () => {
    timer = undefined;
    if (signal.aborted) return;
    const lookUp = (id: string, version: string) => find(id, version, cache, applied, schedule);
    onChange([
      ...sources.list().sort(byName).map(toolkitState),
      ...kustomizations
        .list()
        .sort(byName)
        .flatMap((each) => [toolkitState(each), ...appliedBy(each, lookUp)]),
    ]);
  };
  const schedule = () => void (timer ??= setTimeout(update, 1000 / maxRate));
  const handler = { added: schedule, updated: schedule, deleted: schedule };
  sources.subscribe(handler);
  kustomizations.subscribe(handler);
  cache.start(signal);
  await cache.waitForSync(signal);
  schedule();
  await new Promise<void>((done) => signal.addEventListener('abort', () => done(), { once: true }));
  clearTimeout(timer);
}

type LookUp = (id: string, version: string) => UnstructuredObject | undefined;

/** Objects of the inventory that are not shown as lines of their own. */
function appliedBy({ status }: Kustomization, lookUp: LookUp): ObjectState[] {
  return (status?.inventory?.entries ?? [])
    .map((entry) => ({ id: parseObjectId(entry.id), live: lookUp(entry.id, entry.v) }))
    .filter(({ id }) => !id.group.endsWith('.toolkit.fluxcd.io'))
    .map(({ id, live }) => {
      const { status: name, message } = live ? statusOrUnknown(live) : { status: 'NotFound', message: 'not found' };
      const phase = name === 'Current' ? 'ready' : name === 'Failed' ? 'failed' : 'progressing';
      return { object: `${id.kind}/${id.name}`, namespace: id.namespace, revision: '', phase, message, depth: 1 };
    });
}

function statusOrUnknown(object: UnstructuredObject): ObjectStatus {
  try {
    return statusOf(object);
  } catch (error) {
    return { status: 'Unknown', message: (error as Error).message };
  }
}

function find(
  id: string,
  version: string,
  cache: ReturnType<typeof createInformerCache>,
  applied: Map<string, Informer>,
  onChange: () => void,
): UnstructuredObject | undefined {
  const { group, kind, namespace, name } = parseObjectId(id);
  const key = `${group}/${kind}`;
  let informer = applied.get(key);
  if (informer === undefined) {
    informer = cache.informer({ group, version, kind });
    informer.subscribe({ added: onChange, updated: onChange, deleted: onChange });
    applied.set(key, informer);
  }
  return informer.get({ name, namespace: namespace || undefined });
}

function byName(a: UnstructuredObject | GitRepository | Kustomization, b: typeof a): number {
  return keyText(a.metadata) < keyText(b.metadata) ? -1 : 1;
}
