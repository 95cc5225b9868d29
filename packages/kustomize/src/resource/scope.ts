/** Kinds that are certainly cluster-scoped (KZE-541, table 10.10); every other pair counts as namespaced. */
const CLUSTER_SCOPED: ReadonlySet<string> = new Set(
  Object.entries({
    v1: ['ComponentStatus', 'Namespace', 'Node', 'NodeProxyOptions', 'PersistentVolume'],
    ...both('admissionregistration.k8s.io', ['MutatingWebhookConfiguration', 'ValidatingWebhookConfiguration']),
    ...both('apiextensions.k8s.io', ['CustomResourceDefinition']),
    ...both('apiregistration.k8s.io', ['APIService']),
    ...both('certificates.k8s.io', ['CertificateSigningRequest']),
    'flowcontrol.apiserver.k8s.io/v1beta1': ['FlowSchema', 'PriorityLevelConfiguration'],
    ...both('networking.k8s.io', ['IngressClass']),
    ...both('node.k8s.io', ['RuntimeClass']),
    'policy/v1beta1': ['PodSecurityPolicy'],
    ...both('rbac.authorization.k8s.io', ['ClusterRole', 'ClusterRoleBinding']),
    ...both('scheduling.k8s.io', ['PriorityClass']),
    ...both('storage.k8s.io', ['CSIDriver', 'CSINode', 'StorageClass', 'VolumeAttachment']),
  }).flatMap(([apiVersion, kinds]) => kinds.map((kind) => `${apiVersion}/${kind}`)),
);

function both(group: string, kinds: string[]): Record<string, string[]> {
  return { [`${group}/v1`]: kinds, [`${group}/v1beta1`]: kinds };
}

/** Scope of kinds that a custom schema knows: true for namespaced. */
export type ScopeLookup = (apiVersion: string, kind: string) => boolean | undefined;

export function isClusterScoped(apiVersion: string, kind: string, custom?: ScopeLookup): boolean {
  return CLUSTER_SCOPED.has(`${apiVersion}/${kind}`) || custom?.(apiVersion, kind) === false;
}
