import { type KubeObject } from '@gitops-toolkit/api';
import { type KubeClient } from '@gitops-toolkit/kube';
import { type AppliedChange } from '../change/change-set.ts';
import { healthMemory } from '../health/memory.ts';
import { waitForHealth } from '../health/wait.ts';
import { assertObject } from '../manifest/prepare.ts';
import { type Stage, stagesOf } from '../manifest/order.ts';
import { type ApplyContext, createContext } from './context.ts';
import { ApplyError } from './errors.ts';
import { type ApplyOptions } from './options.ts';
import { carryOut, planObject } from './plan.ts';
import { mapConcurrently } from './pool.ts';

/**
 * Applies objects by server-side apply, stage by stage (§5.11.2): in each, every object is dry-run first, and only when
 * all pass are those applied that differ, one after the other in order. After definitions and classes it waits until
 * they are Current. Objects that have not changed on either side cost nothing beyond a look-up, given a cache.
 *
 * @returns what happened to every object, in the order of the inventory (KUS-19).
 * @throws ApplyError with what earlier stages changed; its cause is an `ObjectApplyError` or a `HealthError`.
 * @throws SelectorError for invalid ignore rules, ManifestError for an object without kind or name.
 */
export async function applyAll(
  client: KubeClient,
  objects: readonly KubeObject[],
  options: ApplyOptions,
): Promise<AppliedChange[]> {
  if (objects.length === 0) return [];
  objects.forEach(assertObject);
  const context = createContext(client, objects, options);
  const done: AppliedChange[] = [];
  for (const stage of stagesOf(objects, options.customStageKinds)) {
    try {
      await applyStage(context, stage, done);
    } catch (error) {
      options.signal?.throwIfAborted();
      throw new ApplyError(error, done);
    }
  }
  return done;
}

async function applyStage(context: ApplyContext, stage: Stage, done: AppliedChange[]): Promise<void> {
  const { client, options } = context;
  const plans = await mapConcurrently(stage.objects, options.concurrency ?? 4, (object) => planObject(context, object));
  const planned = plans.filter(({ payload }) => payload).map(({ change }) => change);
  if (planned.length > 0) await options.beforeWrite?.(planned);
  const changes: AppliedChange[] = [];
  for (const plan of plans) changes.push(await carryOut(context, plan));
  done.push(...changes);
  const definesKinds = plans.some(({ payload }) => payload?.kind === 'CustomResourceDefinition');
  if (stage.name) await waitForStage(context, changes);
  if (definesKinds) client.mapper.invalidate();
}

/** Waits for definitions and classes; those that are known to be Current are not asked again (KUS-238). */
async function waitForStage(context: ApplyContext, changes: readonly AppliedChange[]) {
  const { client, options, health } = context;
  const memory = healthMemory(client, { ...options, health });
  const { stageTimeoutMs: timeoutMs = 60_000, signal, aside } = options;
  await waitForHealth(client, changes, { timeoutMs, signal, aside, failFast: false, rules: health, ...memory });
}
