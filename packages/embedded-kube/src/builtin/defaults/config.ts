/** Defaults of configuration, storage, policy and identity. */
import type { JsonObject, KubeJson } from '../../object/json.ts';
import type { Defaulter } from './index.ts';
import { fill, itemsOf, objectIn } from './fill.ts';

const secret: Defaulter = (object) => {
  fill(object, { type: 'Opaque' });
  const clear = object.stringData as JsonObject | undefined;
  if (clear === undefined) return;
  const data = objectIn(object, 'data');
  for (const key of Object.keys(clear)) data[key] = Buffer.from(String(clear[key])).toString('base64');
  delete object.stringData;
};

const namespace: Defaulter = (object, old) => {
  fill(objectIn(object, 'spec'), { finalizers: ['kubernetes'] });
  if (old === undefined) object.status = { phase: 'Active' };
  const { name, labels } = object.metadata;
  if (name) object.metadata.labels = { ...labels, 'kubernetes.io/metadata.name': name };
};

const claim: Defaulter = (object, old) => {
  fill(objectIn(object, 'spec'), { volumeMode: 'Filesystem' });
  if (old === undefined) object.status = { phase: 'Pending' };
};

const volume: Defaulter = (object, old) => {
  fill(objectIn(object, 'spec'), { persistentVolumeReclaimPolicy: 'Retain', volumeMode: 'Filesystem' });
  if (old === undefined) object.status = { phase: 'Pending' };
};

const subjects = (object: KubeJson) => {
  const group = 'rbac.authorization.k8s.io';
  for (const subject of itemsOf(object, 'subjects')) {
    fill(subject, subject.kind === 'ServiceAccount' ? {} : { apiGroup: group });
  }
  const roleRef = object.roleRef as JsonObject | undefined;
  if (roleRef) fill(roleRef, { apiGroup: group });
};

const webhooks =
  (matchPolicy: JsonObject): Defaulter =>
  (object) => {
    for (const webhook of itemsOf(object, 'webhooks')) {
      fill(webhook, {
        failurePolicy: 'Fail',
        matchPolicy: 'Equivalent',
        namespaceSelector: {},
        objectSelector: {},
        timeoutSeconds: 10,
        ...matchPolicy,
      });
      const service = (webhook.clientConfig as JsonObject | undefined)?.service as JsonObject | undefined;
      if (service) fill(service, { port: 443 });
      for (const rule of itemsOf(webhook, 'rules')) fill(rule, { scope: '*' });
    }
  };

const autoscaler: Defaulter = (object) => {
  const spec = objectIn(object, 'spec');
  fill(spec, { minReplicas: 1 });
  if (itemsOf(spec, 'metrics').length === 0) {
    spec.metrics = [
      { type: 'Resource', resource: { name: 'cpu', target: { type: 'Utilization', averageUtilization: 80 } } },
    ];
  }
};

export const configDefaults: Record<string, Defaulter> = {
  '/Secret': secret,
  '/Namespace': namespace,
  '/PersistentVolumeClaim': claim,
  '/PersistentVolume': volume,
  'rbac.authorization.k8s.io/RoleBinding': subjects,
  'rbac.authorization.k8s.io/ClusterRoleBinding': subjects,
  'storage.k8s.io/StorageClass': (object) =>
    void fill(object, { reclaimPolicy: 'Delete', volumeBindingMode: 'Immediate' }),
  'scheduling.k8s.io/PriorityClass': (object) => void fill(object, { preemptionPolicy: 'PreemptLowerPriority' }),
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': webhooks({ reinvocationPolicy: 'Never' }),
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': webhooks({}),
  'autoscaling/HorizontalPodAutoscaler': autoscaler,
};
