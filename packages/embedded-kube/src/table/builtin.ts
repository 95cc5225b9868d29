/** Columns of `kubectl get` for the built-in kinds. */
import { type JsonObject, type KubeJson, valueAt } from '../object/json.ts';
import type { Column } from '../resource/resource.ts';
import { selectorText } from '../verbs/scale.ts';
import { ageText } from './age.ts';

type Cell = (object: KubeJson) => unknown;

function column(name: string, cell: Cell, type: Column['type'] = 'string', priority = 0): Column {
  return { name, type, priority, cell, format: name === 'Name' ? 'name' : '', description: '' };
}

const wide = (name: string, cell: Cell) => column(name, cell, 'string', 1);
const at =
  (...path: string[]): Cell =>
  (object) =>
    valueAt(object, ...path);
const text =
  (...path: string[]): Cell =>
  (object) =>
    valueAt(object, ...path) ?? '<none>';
const count =
  (...path: string[]): Cell =>
  (object) =>
    valueAt(object, ...path) ?? 0;
const size =
  (...path: string[]): Cell =>
  (object) => {
    const value = valueAt(object, ...path);
    return value === undefined || value === null ? 0 : Object.keys(value as object).length;
  };
const items = (object: unknown, ...path: string[]): JsonObject[] =>
  (valueAt(object, ...path) as JsonObject[] | undefined) ?? [];

const name = column('Name', at('metadata', 'name'));
const age = column('Age', (object) => ageText(object.metadata.creationTimestamp));
const created = column('Created At', at('metadata', 'creationTimestamp'), 'date');

const containers = (...path: string[]) => [
  wide('Containers', (object) =>
    items(object, ...path, 'containers')
      .map((container) => container.name)
      .join(','),
  ),
  wide('Images', (object) =>
    items(object, ...path, 'containers')
      .map((container) => container.image)
      .join(','),
  ),
];
const podTemplate = containers('spec', 'template', 'spec');
const selector = wide('Selector', (object) => selectorText(valueAt(object, 'spec', 'selector')) || '<none>');

const podStatus: Cell = (object) => {
  if (object.metadata.deletionTimestamp) return 'Terminating';
  const waiting = items(object, 'status', 'containerStatuses')
    .map((status) => valueAt(status, 'state', 'waiting', 'reason'))
    .find(Boolean);
  return waiting ?? valueAt(object, 'status', 'reason') ?? valueAt(object, 'status', 'phase') ?? 'Unknown';
};

const restarts: Cell = (object) =>
  String(
    items(object, 'status', 'containerStatuses').reduce((sum, status) => sum + Number(status.restartCount ?? 0), 0),
  );

const servicePorts: Cell = (object) => {
  const ports = items(object, 'spec', 'ports');
  if (ports.length === 0) return '<none>';
  return ports
    .map((port) => `${String(port.port)}${port.nodePort ? `:${String(port.nodePort)}` : ''}/${String(port.protocol)}`)
    .join(',');
};

const nodeAddress =
  (type: string): Cell =>
  (object) =>
    items(object, 'status', 'addresses').find((address) => address.type === type)?.address ?? '<none>';

const loadBalancer = (object: KubeJson): string =>
  items(object, 'status', 'loadBalancer', 'ingress')
    .map((entry) => entry.ip ?? entry.hostname)
    .join(',');

const externalAddress: Cell = (object) => {
  switch (valueAt(object, 'spec', 'type')) {
    case 'ExternalName':
      return valueAt(object, 'spec', 'externalName');
    case 'LoadBalancer':
      return loadBalancer(object) || '<pending>';
    default:
      return (valueAt(object, 'spec', 'externalIPs') as string[] | undefined)?.join(',') || '<none>';
  }
};

const jobDuration: Cell = (object) => {
  const start = valueAt(object, 'status', 'startTime') as string | undefined;
  const end = valueAt(object, 'status', 'completionTime') as string | undefined;
  return start === undefined ? '' : ageText(start, end === undefined ? Date.now() : Date.parse(end));
};

const jobStatus: Cell = (object) => {
  const holds = (type: string) =>
    items(object, 'status', 'conditions').some((condition) => condition.type === type && condition.status === 'True');
  return holds('Complete') ? 'Complete' : holds('Failed') ? 'Failed' : holds('Suspended') ? 'Suspended' : 'Running';
};

const hosts: Cell = (object) =>
  items(object, 'spec', 'rules')
    .map((rule) => rule.host)
    .filter(Boolean)
    .join(',') || '*';

const nodeStatus: Cell = (object) =>
  items(object, 'status', 'conditions').some((condition) => condition.type === 'Ready' && condition.status === 'True')
    ? 'Ready'
    : 'NotReady';

const subjects =
  (kind: string): Cell =>
  (object) =>
    items(object, 'subjects')
      .filter((subject) => subject.kind === kind)
      .map((subject) => (subject.namespace ? `${String(subject.namespace)}/${String(subject.name)}` : subject.name))
      .join(', ');

const binding = [
  name,
  column(
    'Role',
    (object) => `${String(valueAt(object, 'roleRef', 'kind'))}/${String(valueAt(object, 'roleRef', 'name'))}`,
  ),
  age,
  wide('Users', subjects('User')),
  wide('Groups', subjects('Group')),
  wide('ServiceAccounts', subjects('ServiceAccount')),
];

const lastSeen: Cell = (object) =>
  ageText((object.lastTimestamp ?? object.eventTime ?? object.metadata.creationTimestamp) as string);

const endpointList: Cell = (object) => {
  const found = items(object, 'subsets').flatMap((subset) =>
    items(subset, 'addresses').map(
      (address) =>
        `${String(address.ip)}${items(subset, 'ports')[0] ? `:${String(items(subset, 'ports')[0]!.port)}` : ''}`,
    ),
  );
  return found.slice(0, 3).join(',') + (found.length > 3 ? ` + ${found.length - 3} more...` : '') || '<none>';
};

const volumeColumns = [
  column('Capacity', at('spec', 'capacity', 'storage')),
  column('Access Modes', accessModes('spec', 'accessModes')),
];

function accessModes(...path: string[]): Cell {
  const short: Record<string, string> = {
    ReadWriteOnce: 'RWO',
    ReadOnlyMany: 'ROX',
    ReadWriteMany: 'RWX',
    ReadWriteOncePod: 'RWOP',
  };
  return (object) =>
    ((valueAt(object, ...path) as string[] | undefined) ?? []).map((mode) => short[mode] ?? mode).join(',');
}

const columns: Record<string, Column[]> = {
  '/Namespace': [name, column('Status', at('status', 'phase')), age],
  '/ConfigMap': [
    name,
    column('Data', (object) => Number(size('data')(object)) + Number(size('binaryData')(object))),
    age,
  ],
  '/Secret': [name, column('Type', at('type')), column('Data', size('data'), 'integer'), age],
  '/ServiceAccount': [name, age],
  '/Service': [
    name,
    column('Type', at('spec', 'type')),
    column('Cluster-IP', text('spec', 'clusterIP')),
    column('External-IP', externalAddress),
    column('Port(s)', servicePorts),
    age,
    selector,
  ],
  '/Pod': [
    name,
    column(
      'Ready',
      (object) =>
        `${items(object, 'status', 'containerStatuses').filter((status) => status.ready).length}/${items(object, 'spec', 'containers').length}`,
    ),
    column('Status', podStatus),
    column('Restarts', restarts),
    age,
    wide('IP', text('status', 'podIP')),
    wide('Node', text('spec', 'nodeName')),
    wide('Nominated Node', text('status', 'nominatedNodeName')),
    wide('Readiness Gates', () => '<none>'),
  ],
  '/Node': [
    name,
    column('Status', nodeStatus),
    column('Roles', () => '<none>'),
    age,
    column('Version', at('status', 'nodeInfo', 'kubeletVersion')),
    wide('Internal-IP', nodeAddress('InternalIP')),
    wide('External-IP', nodeAddress('ExternalIP')),
    wide('OS-Image', text('status', 'nodeInfo', 'osImage')),
    wide('Kernel-Version', text('status', 'nodeInfo', 'kernelVersion')),
    wide('Container-Runtime', text('status', 'nodeInfo', 'containerRuntimeVersion')),
  ],
  '/PersistentVolume': [
    name,
    ...volumeColumns,
    column('Reclaim Policy', at('spec', 'persistentVolumeReclaimPolicy')),
    column('Status', at('status', 'phase')),
    column('Claim', (object) =>
      valueAt(object, 'spec', 'claimRef')
        ? `${String(valueAt(object, 'spec', 'claimRef', 'namespace'))}/${String(valueAt(object, 'spec', 'claimRef', 'name'))}`
        : '',
    ),
    column('StorageClass', at('spec', 'storageClassName')),
    age,
  ],
  '/PersistentVolumeClaim': [
    name,
    column('Status', at('status', 'phase')),
    column('Volume', at('spec', 'volumeName')),
    column('Capacity', at('status', 'capacity', 'storage')),
    column('Access Modes', accessModes('status', 'accessModes')),
    column('StorageClass', at('spec', 'storageClassName')),
    column('VolumeAttributesClass', (object) => valueAt(object, 'spec', 'volumeAttributesClassName') ?? '<unset>'),
    age,
    wide('VolumeMode', text('spec', 'volumeMode')),
  ],
  '/Endpoints': [name, column('Endpoints', endpointList), age],
  '/Event': [
    column('Last Seen', lastSeen),
    column('Type', at('type')),
    column('Reason', at('reason')),
    column(
      'Object',
      (object) =>
        `${String(valueAt(object, 'involvedObject', 'kind')).toLowerCase()}/${String(valueAt(object, 'involvedObject', 'name'))}`,
    ),
    wide('Subobject', (object) => valueAt(object, 'involvedObject', 'fieldPath') ?? ''),
    wide('Source', (object) => valueAt(object, 'source', 'component') ?? valueAt(object, 'reportingComponent') ?? ''),
    column('Message', at('message')),
    wide('First Seen', (object) =>
      ageText((valueAt(object, 'firstTimestamp') ?? valueAt(object, 'eventTime')) as string),
    ),
    wide('Count', (object) => String(valueAt(object, 'count') ?? 1)),
    { ...wide('Name', at('metadata', 'name')), format: 'name' },
  ],
  'events.k8s.io/Event': [
    column('Last Seen', lastSeen),
    column('Type', at('type')),
    column('Reason', at('reason')),
    column(
      'Object',
      (object) =>
        `${String(valueAt(object, 'regarding', 'kind')).toLowerCase()}/${String(valueAt(object, 'regarding', 'name'))}`,
    ),
    column('Message', at('note')),
  ],
  'apps/Deployment': [
    name,
    column(
      'Ready',
      (object) => `${String(count('status', 'readyReplicas')(object))}/${String(valueAt(object, 'spec', 'replicas'))}`,
    ),
    column('Up-to-date', count('status', 'updatedReplicas')),
    column('Available', count('status', 'availableReplicas')),
    age,
    ...podTemplate,
    selector,
  ],
  'apps/ReplicaSet': [
    name,
    column('Desired', count('spec', 'replicas'), 'integer'),
    column('Current', count('status', 'replicas'), 'integer'),
    column('Ready', count('status', 'readyReplicas'), 'integer'),
    age,
    ...podTemplate,
    selector,
  ],
  'apps/StatefulSet': [
    name,
    column(
      'Ready',
      (object) => `${String(count('status', 'readyReplicas')(object))}/${String(valueAt(object, 'spec', 'replicas'))}`,
    ),
    age,
    ...podTemplate,
  ],
  'apps/DaemonSet': [
    name,
    column('Desired', count('status', 'desiredNumberScheduled'), 'integer'),
    column('Current', count('status', 'currentNumberScheduled'), 'integer'),
    column('Ready', count('status', 'numberReady'), 'integer'),
    column('Up-to-date', count('status', 'updatedNumberScheduled'), 'integer'),
    column('Available', count('status', 'numberAvailable'), 'integer'),
    column(
      'Node Selector',
      (object) => selectorText(valueAt(object, 'spec', 'template', 'spec', 'nodeSelector')) || '<none>',
    ),
    age,
    ...podTemplate,
    selector,
  ],
  'batch/Job': [
    name,
    column('Status', jobStatus),
    column(
      'Completions',
      (object) =>
        `${String(count('status', 'succeeded')(object))}/${String(valueAt(object, 'spec', 'completions') ?? 1)}`,
    ),
    column('Duration', jobDuration),
    age,
    ...podTemplate,
    selector,
  ],
  'batch/CronJob': [
    name,
    column('Schedule', at('spec', 'schedule')),
    column('Timezone', text('spec', 'timeZone')),
    column('Suspend', (object) => (valueAt(object, 'spec', 'suspend') ? 'True' : 'False'), 'boolean'),
    column('Active', size('status', 'active'), 'integer'),
    column('Last Schedule', (object) =>
      valueAt(object, 'status', 'lastScheduleTime')
        ? ageText(valueAt(object, 'status', 'lastScheduleTime') as string)
        : '<none>',
    ),
    age,
    ...containers('spec', 'jobTemplate', 'spec', 'template', 'spec'),
    wide('Selector', (object) => selectorText(valueAt(object, 'spec', 'jobTemplate', 'spec', 'selector')) || '<none>'),
  ],
  'autoscaling/HorizontalPodAutoscaler': [
    name,
    column(
      'Reference',
      (object) =>
        `${String(valueAt(object, 'spec', 'scaleTargetRef', 'kind'))}/${String(valueAt(object, 'spec', 'scaleTargetRef', 'name'))}`,
    ),
    column('Targets', () => '<unknown>'),
    column('MinPods', (object) => String(valueAt(object, 'spec', 'minReplicas') ?? '<unset>')),
    column('MaxPods', at('spec', 'maxReplicas'), 'integer'),
    column('Replicas', count('status', 'currentReplicas'), 'integer'),
    age,
  ],
  'networking.k8s.io/Ingress': [
    name,
    column('Class', text('spec', 'ingressClassName')),
    column('Hosts', hosts),
    column('Address', loadBalancer),
    column('Ports', (object) => (items(object, 'spec', 'tls').length > 0 ? '80, 443' : '80')),
    age,
  ],
  'networking.k8s.io/IngressClass': [
    name,
    column('Controller', at('spec', 'controller')),
    column('Parameters', () => '<none>'),
    age,
  ],
  'networking.k8s.io/NetworkPolicy': [
    name,
    column('Pod-Selector', (object) => selectorText(valueAt(object, 'spec', 'podSelector')) || '<none>'),
    age,
  ],
  'policy/PodDisruptionBudget': [
    name,
    column('Min Available', (object) => valueAt(object, 'spec', 'minAvailable') ?? 'N/A'),
    column('Max Unavailable', (object) => valueAt(object, 'spec', 'maxUnavailable') ?? 'N/A'),
    column('Allowed Disruptions', count('status', 'disruptionsAllowed'), 'integer'),
    age,
  ],
  'rbac.authorization.k8s.io/Role': [name, created],
  'rbac.authorization.k8s.io/ClusterRole': [name, created],
  'rbac.authorization.k8s.io/RoleBinding': binding,
  'rbac.authorization.k8s.io/ClusterRoleBinding': binding,
  'storage.k8s.io/StorageClass': [
    name,
    column('Provisioner', at('provisioner')),
    column('ReclaimPolicy', at('reclaimPolicy')),
    column('VolumeBindingMode', at('volumeBindingMode')),
    column('AllowVolumeExpansion', (object) => String(object.allowVolumeExpansion ?? false)),
    age,
  ],
  'scheduling.k8s.io/PriorityClass': [
    name,
    column('Value', at('value'), 'integer'),
    column('Global-Default', (object) => String(object.globalDefault ?? false)),
    age,
    column('PreemptionPolicy', at('preemptionPolicy')),
  ],
  'coordination.k8s.io/Lease': [name, column('Holder', at('spec', 'holderIdentity')), age],
  'discovery.k8s.io/EndpointSlice': [
    name,
    column('AddressType', at('addressType')),
    column(
      'Ports',
      (object) =>
        items(object, 'ports')
          .map((port) => port.port)
          .join(',') || '<unset>',
    ),
    column(
      'Endpoints',
      (object) =>
        items(object, 'endpoints')
          .flatMap((endpoint) => endpoint.addresses as string[])
          .join(',') || '<unset>',
    ),
    age,
  ],
  'apiextensions.k8s.io/CustomResourceDefinition': [name, created],
  'apiregistration.k8s.io/APIService': [name, column('Service', () => 'Local'), column('Available', () => 'True'), age],
  'admissionregistration.k8s.io/MutatingWebhookConfiguration': [
    name,
    column('Webhooks', size('webhooks'), 'integer'),
    age,
  ],
  'admissionregistration.k8s.io/ValidatingWebhookConfiguration': [
    name,
    column('Webhooks', size('webhooks'), 'integer'),
    age,
  ],
};

/** Columns by `group/Kind`; name and age for kinds that have none of their own. */
export function builtinColumns(id: string): Column[] {
  return columns[id] ?? [name, age];
}
