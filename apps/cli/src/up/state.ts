import type { Condition, KubeObject } from '@gitops-toolkit/api';

/** One line of the table: where an object stands, in words. */
export interface ObjectState {
  /** `Kind/name`. */
  object: string;
  namespace: string;
  revision: string;
  phase: 'ready' | 'progressing' | 'failed' | 'suspended';
  message: string;
  /** 0 for sources and Kustomizations, 1 for the objects that they applied. */
  depth: number;
}

interface ToolkitObject extends KubeObject {
  spec?: { suspend?: boolean };
  status?: {
    observedGeneration?: number;
    conditions?: Condition[];
    artifact?: { revision?: string };
    lastAppliedRevision?: string;
  };
}

/** The state of a source or Kustomization, read as the Kubernetes status conventions say (RTM-90, RTM-105). */
export function toolkitState(object: ToolkitObject): ObjectState {
  const { status } = object;
  const condition = (type: string) => status?.conditions?.find((each) => each.type === type);
  const ready = condition('Ready');
  const current = status?.observedGeneration === object.metadata.generation;
  const revision = status?.lastAppliedRevision ?? status?.artifact?.revision ?? '';
  const base = {
    object: `${object.kind}/${object.metadata.name}`,
    namespace: object.metadata.namespace ?? '',
    revision: shortRevision(revision),
    depth: 0,
  };
  if (object.metadata.deletionTimestamp) return { ...base, phase: 'progressing', message: 'being deleted' };
  if (object.spec?.suspend) return { ...base, phase: 'suspended', message: ready?.message ?? 'suspended' };
  if (ready?.status === 'True' && current && condition('Reconciling')?.status !== 'True') {
    return { ...base, phase: 'ready', message: shortRevision(ready.message) };
  }
  if (ready?.status === 'False')
    return { ...base, phase: 'failed', message: shortRevision(`${ready.reason}: ${ready.message}`) };
  const progress = condition('Reconciling') ?? ready;
  return { ...base, phase: 'progressing', message: shortRevision(progress?.message ?? 'waiting for its controller') };
}

/** `main@sha1:0a1b2c3d…` with the hash cut to eight digits, as people read it. */
export function shortRevision(revision: string): string {
  return revision.replace(/((?:sha\d+|blake3):[0-9a-f]{8})[0-9a-f]+/g, '$1');
}

/** Whether there is something, and all of it is Ready. Suspended objects do not count. */
export function isSettled(states: ObjectState[]): boolean {
  return states.length > 0 && states.every(({ phase }) => phase === 'ready' || phase === 'suspended');
}
