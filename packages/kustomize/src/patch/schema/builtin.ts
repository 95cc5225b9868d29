import { type MergeSchema } from './types.ts';

/** A type of the built-in schema, cut down to its merging lists (KZE table 10.11). */
interface Type {
  fields?: Record<string, Type>;
  /** The type is a list that merges by these keys. */
  keys?: string[];
}

const merging = (keys: string[], fields?: Record<string, Type>): Type => ({ keys, fields });
const CONDITIONS: Type = { fields: { conditions: merging(['type']) } };

const OBJECT_META: Type = { fields: { finalizers: merging([]), ownerReferences: merging(['uid']) } };
const COMMON_CONTAINER = {
  env: merging(['name']),
  volumeMounts: merging(['mountPath']),
  volumeDevices: merging(['devicePath']),
};
const CONTAINER = { ...COMMON_CONTAINER, ports: merging(['containerPort', 'protocol']) };
const POD_SPEC: Type = {
  fields: {
    containers: merging(['name'], CONTAINER),
    initContainers: merging(['name'], CONTAINER),
    ephemeralContainers: merging(['name'], COMMON_CONTAINER),
    volumes: merging(['name']),
    imagePullSecrets: merging(['name']),
    hostAliases: merging(['ip']),
    topologySpreadConstraints: merging(['topologyKey', 'whenUnsatisfiable']),
  },
};
const POD_TEMPLATE: Type = { fields: { metadata: OBJECT_META, spec: POD_SPEC } };
const WORKLOAD: Record<string, Type> = { spec: { fields: { template: POD_TEMPLATE } }, status: CONDITIONS };
const JOB: Record<string, Type> = { spec: { fields: { template: POD_TEMPLATE } }, status: CONDITIONS };
const CRON_JOB: Record<string, Type> = {
  spec: { fields: { jobTemplate: { fields: { metadata: OBJECT_META, spec: JOB.spec! } } } },
};
const STATEFUL_SET: Record<string, Type> = WORKLOAD;
const WEBHOOKS = { webhooks: merging(['name']) };
const STATUS = { status: CONDITIONS };

const KINDS: Record<string, Record<string, Record<string, Type>>> = {
  v1: {
    ...plain('Binding', 'ConfigMap', 'Endpoints', 'Event', 'LimitRange', 'PersistentVolume', 'ResourceQuota', 'Secret'),
    ComponentStatus: { conditions: merging(['type']) },
    Namespace: STATUS,
    Node: {
      spec: { fields: { podCIDRs: merging([]) } },
      status: { fields: { addresses: merging(['type']), conditions: merging(['type']) } },
    },
    PersistentVolumeClaim: STATUS,
    Pod: { spec: POD_SPEC, status: { fields: { conditions: merging(['type']), podIPs: merging(['ip']) } } },
    PodTemplate: { template: POD_TEMPLATE },
    ReplicationController: WORKLOAD,
    Service: { spec: { fields: { ports: merging(['port', 'protocol']) } }, status: CONDITIONS },
    ServiceAccount: { secrets: merging(['name']) },
  },
  'apps/v1': {
    ...plain('ControllerRevision'),
    DaemonSet: WORKLOAD,
    Deployment: WORKLOAD,
    ReplicaSet: WORKLOAD,
    StatefulSet: STATEFUL_SET,
  },
  'batch/v1': { CronJob: CRON_JOB, Job: JOB },
  'batch/v1beta1': { CronJob: CRON_JOB },
  'autoscaling/v1': plain('HorizontalPodAutoscaler'),
  'autoscaling/v2beta1': plain('HorizontalPodAutoscaler'),
  'autoscaling/v2beta2': plain('HorizontalPodAutoscaler'),
  'networking.k8s.io/v1': plain('Ingress', 'IngressClass', 'NetworkPolicy'),
  'networking.k8s.io/v1beta1': plain('Ingress', 'IngressClass'),
  'extensions/v1beta1': plain('Ingress'),
  'policy/v1': { PodDisruptionBudget: STATUS },
  'policy/v1beta1': { PodDisruptionBudget: STATUS, ...plain('PodSecurityPolicy') },
  ...both('rbac.authorization.k8s.io', plain('Role', 'RoleBinding', 'ClusterRole', 'ClusterRoleBinding')),
  ...both('admissionregistration.k8s.io', {
    MutatingWebhookConfiguration: WEBHOOKS,
    ValidatingWebhookConfiguration: WEBHOOKS,
  }),
  ...both('apiextensions.k8s.io', plain('CustomResourceDefinition')),
  ...both('apiregistration.k8s.io', { APIService: STATUS }),
  ...both('certificates.k8s.io', plain('CertificateSigningRequest')),
  ...both('coordination.k8s.io', plain('Lease')),
  ...both('discovery.k8s.io', plain('EndpointSlice')),
  ...both('events.k8s.io', plain('Event')),
  ...both('node.k8s.io', plain('RuntimeClass')),
  ...both('scheduling.k8s.io', plain('PriorityClass')),
  ...both('storage.k8s.io', {
    ...plain('CSIDriver', 'CSIStorageCapacity', 'StorageClass', 'VolumeAttachment'),
    CSINode: { spec: { fields: { drivers: merging(['name']) } } },
  }),
  'flowcontrol.apiserver.k8s.io/v1beta1': plain('FlowSchema', 'PriorityLevelConfiguration'),
};

function plain(...kinds: string[]): Record<string, Record<string, Type>> {
  return Object.fromEntries(kinds.map((kind) => [kind, {}]));
}

function both<T>(group: string, kinds: T): Record<string, T> {
  return { [`${group}/v1`]: kinds, [`${group}/v1beta1`]: kinds };
}

function schemaOf(type: Type): MergeSchema {
  const children = new Map<string, MergeSchema>();
  const field = (name: string): MergeSchema | undefined => {
    if (type.fields === undefined || !Object.hasOwn(type.fields, name)) return undefined;
    let child = children.get(name);
    if (child === undefined) {
      child = schemaOf(type.fields[name]!);
      children.set(name, child);
    }
    return child;
  };
  const elements: MergeSchema | undefined = type.keys && { field, elements: () => undefined, mergeKeys: undefined };
  return type.keys
    ? { field: () => undefined, elements: () => elements, mergeKeys: type.keys }
    : { field, elements: () => undefined, mergeKeys: undefined };
}

const SCHEMAS = new Map<string, MergeSchema>();

/** The built-in schema of a kind of Kubernetes 1.21; undefined for kinds it does not know (KZE-714). */
export function builtinSchema(apiVersion: string, kind: string): MergeSchema | undefined {
  const key = `${apiVersion}/${kind}`;
  let schema = SCHEMAS.get(key);
  if (schema === undefined && Object.hasOwn(KINDS, apiVersion) && Object.hasOwn(KINDS[apiVersion]!, kind)) {
    schema = schemaOf({ fields: { metadata: OBJECT_META, ...KINDS[apiVersion]![kind] } });
    SCHEMAS.set(key, schema);
  }
  return schema;
}
