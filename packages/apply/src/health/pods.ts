import { type ResourceType, type UnstructuredObject } from '@gitops-toolkit/api';
import { createInformerCache, type KubeClient } from '@gitops-toolkit/kube';
import { fieldAt, isRecord } from '../object/object.ts';
import { UnreadableStatusError } from './fields.ts';
import { type ObjectStatus, statusOf } from './status.ts';

const podType: ResourceType = { group: '', version: 'v1', kind: 'Pod', plural: 'pods', namespaced: true };

/**
 * Looks at the Pods of a StatefulSet or ReplicaSet that is not Current: when one has failed, so has their owner
 * (KUS-304). The watch over the Pods begins with the first question and ends with `signal`; `onFailed` is called for
 * as long as it finds failed Pods, whatever became of their owner.
 */
export function watchPods(client: KubeClient, signal: AbortSignal, onFailed: (result: ObjectStatus) => void) {
  let look: (() => void) | undefined;
  return {
    /** To be called with each state of an object that is InProgress. */
    examine(object: UnstructuredObject): void {
      if (object.kind !== 'StatefulSet' && object.kind !== 'ReplicaSet') return;
      const labelSelector = selectorText(fieldAt(object, 'spec', 'selector'));
      if (!labelSelector) return;
      if (look) return look();
      const informers = createInformerCache(client);
      const pods = informers.informer(podType, { namespace: object.metadata.namespace, labelSelector });
      look = () => {
        const failed = pods.list().filter(hasFailed).length;
        if (failed > 0) onFailed({ status: 'Failed', message: `${failed} pods have failed` });
      };
      pods.subscribe({ added: look, updated: look });
      informers.start(signal);
    },
  };
}

function hasFailed(pod: UnstructuredObject): boolean {
  if (pod.metadata.deletionTimestamp) return false;
  try {
    const { status, message } = statusOf(pod);
    return status === 'Failed' && message !== 'Pod could not be scheduled';
  } catch (error) {
    if (error instanceof UnreadableStatusError) return false;
    throw error;
  }
}

/** A label selector of an object in the syntax of a list request. */
function selectorText(selector: unknown): string {
  const labels = fieldAt(selector, 'matchLabels');
  const expressions = fieldAt(selector, 'matchExpressions');
  const parts = isRecord(labels) ? Object.entries(labels).map(([key, value]) => `${key}=${String(value)}`) : [];
  for (const expression of Array.isArray(expressions) ? expressions : []) {
    if (!isRecord(expression)) continue;
    const { key, operator, values } = expression;
    const list = Array.isArray(values) ? values.join(',') : '';
    if (operator === 'In' || operator === 'NotIn') parts.push(`${String(key)} ${operator.toLowerCase()} (${list})`);
    else if (operator === 'Exists') parts.push(String(key));
    else if (operator === 'DoesNotExist') parts.push(`!${String(key)}`);
  }
  return parts.join(',');
}
