/** How an object can be told to behave. */
import { type JsonObject, type KubeJson, timeText, valueAt } from '../object/json.ts';

/** On the object, or on its pod template. */
export const behaviourAnnotation = 'embedded-kube.gitops-toolkit.dev/simulate';

/** `succeed`: becomes ready; `hang`: stays in progress for ever; `fail`: fails, where the kind has a way to say so. */
export type Behaviour = 'succeed' | 'hang' | 'fail';

export function behaviourOf(object: KubeJson): Behaviour {
  const own = object.metadata.annotations?.[behaviourAnnotation];
  const template = valueAt(object, 'spec', 'template', 'metadata', 'annotations', behaviourAnnotation);
  const value = own ?? template;
  return value === 'hang' || value === 'fail' ? value : 'succeed';
}

export interface ConditionText {
  type: string;
  status: 'True' | 'False';
  reason?: string;
  message?: string;
}

/** A list of conditions; one that did not change keeps its times. */
export function conditions(object: KubeJson, wanted: ConditionText[]): JsonObject[] {
  const present = (valueAt(object, 'status', 'conditions') as JsonObject[] | undefined) ?? [];
  return wanted.map((condition) => {
    const before = present.find((candidate) => candidate.type === condition.type);
    const same = before?.status === condition.status;
    return { ...condition, lastTransitionTime: same ? before.lastTransitionTime : timeText() };
  });
}
