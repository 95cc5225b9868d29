/** The built-in kinds. What they have in common is in `resources.ts`; their shapes are in `schemas.json`. */
import { dns1035Label, dnsLabel, dnsSubdomain, type NameCheck, pathSegment } from '../object/names.ts';

export interface KindRow {
  apiVersion: string;
  kind: string;
  plural: string;
  namespaced: boolean;
  short?: string[];
  categories?: string[];
  status?: boolean;
  scale?: boolean;
  generation?: boolean;
  checkName?: NameCheck;
}

const all = ['all'];

/** Rows of `[kind, plural, short names, flags]`; flags: c cluster-scoped, s status, x scale, g generation, a category "all". */
type Row = [kind: string, plural: string, short: string, flags: string, checkName?: NameCheck];

const table: Record<string, Row[]> = {
  v1: [
    ['Namespace', 'namespaces', 'ns', 'cs', dnsLabel],
    ['ConfigMap', 'configmaps', 'cm', ''],
    ['Secret', 'secrets', '', ''],
    ['Service', 'services', 'svc', 'sa', dns1035Label],
    ['ServiceAccount', 'serviceaccounts', 'sa', ''],
    ['Pod', 'pods', 'po', 'sga'],
    ['PodTemplate', 'podtemplates', '', ''],
    ['ReplicationController', 'replicationcontrollers', 'rc', 'sxga'],
    ['Event', 'events', 'ev', ''],
    ['Node', 'nodes', 'no', 'cs'],
    ['PersistentVolume', 'persistentvolumes', 'pv', 'cs'],
    ['PersistentVolumeClaim', 'persistentvolumeclaims', 'pvc', 's'],
    ['Endpoints', 'endpoints', 'ep', ''],
    ['LimitRange', 'limitranges', 'limits', ''],
    ['ResourceQuota', 'resourcequotas', 'quota', 's'],
  ],
  'apps/v1': [
    ['Deployment', 'deployments', 'deploy', 'sxga'],
    ['ReplicaSet', 'replicasets', 'rs', 'sxga'],
    ['StatefulSet', 'statefulsets', 'sts', 'sxga'],
    ['DaemonSet', 'daemonsets', 'ds', 'sga'],
    ['ControllerRevision', 'controllerrevisions', '', ''],
  ],
  'batch/v1': [
    ['Job', 'jobs', '', 'sga'],
    ['CronJob', 'cronjobs', 'cj', 'sga'],
  ],
  'autoscaling/v2': [['HorizontalPodAutoscaler', 'horizontalpodautoscalers', 'hpa', 'sa']],
  'networking.k8s.io/v1': [
    ['Ingress', 'ingresses', 'ing', 'sg'],
    ['IngressClass', 'ingressclasses', '', 'cg'],
    ['NetworkPolicy', 'networkpolicies', 'netpol', 'g'],
  ],
  'policy/v1': [['PodDisruptionBudget', 'poddisruptionbudgets', 'pdb', 'sg']],
  'rbac.authorization.k8s.io/v1': [
    ['Role', 'roles', '', '', pathSegment],
    ['RoleBinding', 'rolebindings', '', '', pathSegment],
    ['ClusterRole', 'clusterroles', '', 'c', pathSegment],
    ['ClusterRoleBinding', 'clusterrolebindings', '', 'c', pathSegment],
  ],
  'storage.k8s.io/v1': [
    ['StorageClass', 'storageclasses', 'sc', 'c'],
    ['CSIDriver', 'csidrivers', '', 'c'],
    ['CSINode', 'csinodes', '', 'c'],
    ['CSIStorageCapacity', 'csistoragecapacities', '', ''],
    ['VolumeAttachment', 'volumeattachments', '', 'cs'],
  ],
  'scheduling.k8s.io/v1': [['PriorityClass', 'priorityclasses', 'pc', 'cg']],
  'coordination.k8s.io/v1': [['Lease', 'leases', '', '']],
  'discovery.k8s.io/v1': [['EndpointSlice', 'endpointslices', '', 'g']],
  'node.k8s.io/v1': [['RuntimeClass', 'runtimeclasses', '', 'c']],
  'certificates.k8s.io/v1': [['CertificateSigningRequest', 'certificatesigningrequests', 'csr', 'cs']],
  'apiextensions.k8s.io/v1': [['CustomResourceDefinition', 'customresourcedefinitions', 'crd crds', 'csg']],
  'apiregistration.k8s.io/v1': [['APIService', 'apiservices', '', 'cs', pathSegment]],
  'admissionregistration.k8s.io/v1': [
    ['MutatingWebhookConfiguration', 'mutatingwebhookconfigurations', '', 'cg'],
    ['ValidatingWebhookConfiguration', 'validatingwebhookconfigurations', '', 'cg'],
    ['ValidatingAdmissionPolicy', 'validatingadmissionpolicies', '', 'csg'],
    ['ValidatingAdmissionPolicyBinding', 'validatingadmissionpolicybindings', '', 'cg'],
  ],
  'events.k8s.io/v1': [['Event', 'events', 'ev', '']],
  'flowcontrol.apiserver.k8s.io/v1': [
    ['FlowSchema', 'flowschemas', '', 'csg'],
    ['PriorityLevelConfiguration', 'prioritylevelconfigurations', '', 'csg'],
  ],
};

/** Kinds that group their objects under a category besides `all`. */
const categories: Record<string, string[]> = {
  CustomResourceDefinition: ['api-extensions'],
  APIService: ['api-extensions'],
  MutatingWebhookConfiguration: ['api-extensions'],
  ValidatingWebhookConfiguration: ['api-extensions'],
  ValidatingAdmissionPolicy: ['api-extensions'],
  ValidatingAdmissionPolicyBinding: ['api-extensions'],
};

export function builtinKinds(): KindRow[] {
  return Object.entries(table).flatMap(([apiVersion, rows]) =>
    rows.map(([kind, plural, short, flags, checkName]) => ({
      apiVersion,
      kind,
      plural,
      namespaced: !flags.includes('c'),
      short: short === '' ? [] : short.split(' '),
      categories: flags.includes('a') ? all : (categories[kind] ?? []),
      status: flags.includes('s'),
      scale: flags.includes('x'),
      generation: flags.includes('g'),
      checkName: checkName ?? dnsSubdomain,
    })),
  );
}
