/** Makes workloads progress, as nodes and controllers would, through the API and nothing else. */
import { setTimeout as sleep } from 'node:timers/promises';
import { schema } from '@gitops-toolkit/api';
import { type JsonObject, type KubeJson } from '../object/json.ts';
import { mergePatch } from '../patch/json.ts';
import { behaviourOf } from './behaviour.ts';
import { SimulationClient, type SimulationTarget } from './client.ts';
import { type Simulated, simulatedKinds } from './workloads.ts';

export interface SimulationOptions extends SimulationTarget {
  /** Time until an object that changed is done, in milliseconds; default 50. */
  delayMs?: number;
}

export interface Simulation {
  /** Stops, and resolves when nothing runs any more. */
  stop(): Promise<void>;
}

/** Time before a watch that broke is started again, in milliseconds. */
const retryDelay = 500;

/** Simulates on any API server: the embedded one, or a real control plane without nodes. */
export function startSimulation(options: SimulationOptions): Simulation {
  const controller = new AbortController();
  const client = new SimulationClient(options, controller.signal);
  const delay = options.delayMs ?? 50;
  const loops = simulatedKinds.map((kind) => new KindSimulation(kind, client, delay).run(controller.signal));
  return {
    stop: async () => {
      controller.abort();
      await Promise.all(loops);
    },
  };
}

const volumes = { apiVersion: 'v1', plural: 'persistentvolumes' };

class KindSimulation {
  private readonly kind: Simulated;
  private readonly client: SimulationClient;
  private readonly delay: number;
  /** The latest state of each object that is to be settled, with its timer. */
  private readonly pending = new Map<string, { object: KubeJson; timer: NodeJS.Timeout }>();

  constructor(kind: Simulated, client: SimulationClient, delay: number) {
    this.kind = kind;
    this.client = client;
    this.delay = delay;
  }

  /** Follows the kind until the signal; survives restarts of the server. */
  async run(signal: AbortSignal): Promise<void> {
    while (!signal.aborted) {
      try {
        const { items, resourceVersion } = await this.client.list(this.kind.path);
        for (const item of items) this.changed(item);
        let revision = resourceVersion;
        while (!signal.aborted) {
          for await (const { type, object } of this.client.watch(this.kind.path, revision)) {
            if (type === 'ERROR') throw new Error('the watch cannot go on');
            revision = object.metadata.resourceVersion ?? revision;
            if (type === 'DELETED') this.forget(object);
            else if (type !== 'BOOKMARK') this.changed(object);
          }
        }
      } catch {
        // The server is restarting, or has forgotten the revision: start again from a list.
        await sleep(retryDelay, undefined, { signal }).catch(() => undefined);
      }
    }
    for (const { timer } of this.pending.values()) clearTimeout(timer);
    this.pending.clear();
  }

  private forget(object: KubeJson): void {
    const key = object.metadata.uid!;
    clearTimeout(this.pending.get(key)?.timer);
    this.pending.delete(key);
  }

  private changed(object: KubeJson): void {
    if (object.metadata.deletionTimestamp !== undefined || this.kind.skip?.(object)) return;
    const key = object.metadata.uid!;
    const waiting = this.pending.get(key);
    const behaviour = behaviourOf(object);
    const goal = behaviour === 'hang' ? undefined : this.kind.settled(object, behaviour);
    if (goal !== undefined && isMet(object, goal)) {
      this.forget(object);
      return;
    }
    if (!this.begun(object)) void this.write(object, this.kind.progressing!(object));
    if (goal === undefined) return;
    if (waiting !== undefined) {
      waiting.object = object;
      return;
    }
    const timer = setTimeout(() => void this.settle(key), this.delay);
    this.pending.set(key, { object, timer });
  }

  /** Whether the work on the object's present generation has been announced. */
  private begun(object: KubeJson): boolean {
    if (this.kind.progressing === undefined) return true;
    const status = (object.status as JsonObject | undefined) ?? {};
    const generation = object.metadata.generation;
    return status.observedGeneration === undefined
      ? status.startTime !== undefined
      : status.observedGeneration === generation;
  }

  private async settle(key: string): Promise<void> {
    const waiting = this.pending.get(key);
    this.pending.delete(key);
    if (waiting === undefined) return;
    const { object } = waiting;
    const status = this.kind.settled(object, behaviourOf(object));
    if (status === undefined) return;
    if (this.kind.path.plural === 'persistentvolumeclaims') await this.provision(object);
    await this.write(object, status);
  }

  /** A volume for a claim. */
  private async provision(claim: KubeJson): Promise<void> {
    const spec = claim.spec as JsonObject;
    if (spec.volumeName !== undefined) return;
    const { name, namespace, uid } = claim.metadata;
    const volumeName = `pvc-${uid}`;
    const requests = (spec.resources as JsonObject).requests as JsonObject;
    const volume = {
      apiVersion: 'v1',
      kind: 'PersistentVolume',
      metadata: { name: volumeName },
      spec: {
        capacity: { storage: requests.storage },
        accessModes: spec.accessModes,
        storageClassName: spec.storageClassName,
        persistentVolumeReclaimPolicy: 'Delete',
        claimRef: { apiVersion: 'v1', kind: 'PersistentVolumeClaim', name, namespace, uid },
        hostPath: { path: `/simulated/${volumeName}` },
      },
    };
    try {
      await this.client.create(volumes, undefined, volume);
      await this.client.patch(volumes, volume, { status: { phase: 'Bound' } }, '/status');
      await this.client.patch(this.kind.path, claim, { spec: { volumeName } });
    } catch {
      // The claim is gone, or somebody else was faster: the next event tells.
    }
  }

  private async write(object: KubeJson, status: JsonObject): Promise<void> {
    try {
      await this.client.patch(this.kind.path, object, { status }, '/status');
    } catch {
      // Gone or changed meanwhile: the next event brings it here again.
    }
  }
}

/** Whether the status already says what the patch would make it say. */
function isMet(object: KubeJson, patch: JsonObject): boolean {
  const status = (object.status as JsonObject | undefined) ?? {};
  return schema.jsonEqual(withoutTimes(mergePatch(status, patch)), withoutTimes(status));
}

/** Times differ from one computation to the next without meaning a change. */
function withoutTimes(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutTimes);
  if (!schema.isObject(value)) return value;
  const rest: JsonObject = {};
  for (const key of Object.keys(value)) if (!/Time$|edAt$/.test(key)) rest[key] = withoutTimes(value[key]);
  return rest;
}
