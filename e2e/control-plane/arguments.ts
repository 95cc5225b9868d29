/** Command lines of the three programs: production's behaviour, without what needs nodes or survives a crash. */
import { join } from 'node:path';

/** Files that the programs read. */
export interface Files {
  authority: string;
  servingCertificate: string;
  servingKey: string;
  accountKey: string;
  accountPublicKey: string;
  adminKubeconfig: string;
  managerKubeconfig: string;
}

/** Controllers that work without nodes. Everything about pods comes from the workload simulation instead. */
const controllers = [
  'namespace-controller',
  'garbage-collector-controller',
  'serviceaccount-controller',
  'serviceaccount-token-controller',
  'root-ca-certificate-publisher-controller',
  'clusterrole-aggregation-controller',
  'resourcequota-controller',
  'ttl-after-finished-controller',
];

export function etcdArguments(folder: string, port: number, peerPort: number): string[] {
  const client = `http://127.0.0.1:${port}`;
  const peer = `http://127.0.0.1:${peerPort}`;
  return [
    '--name=default',
    `--data-dir=${join(folder, 'etcd')}`,
    `--listen-client-urls=${client}`,
    `--advertise-client-urls=${client}`,
    `--listen-peer-urls=${peer}`,
    `--initial-advertise-peer-urls=${peer}`,
    `--initial-cluster=default=${peer}`,
    // Test data need not survive a power cut, and a write costs a disk flush otherwise.
    '--unsafe-no-fsync',
    '--log-level=warn',
  ];
}

export function apiServerArguments(files: Files, port: number, etcdPort: number): string[] {
  return [
    `--etcd-servers=http://127.0.0.1:${etcdPort}`,
    '--bind-address=127.0.0.1',
    '--advertise-address=127.0.0.1',
    `--secure-port=${port}`,
    `--tls-cert-file=${files.servingCertificate}`,
    `--tls-private-key-file=${files.servingKey}`,
    `--client-ca-file=${files.authority}`,
    '--authorization-mode=RBAC',
    '--service-account-issuer=https://kubernetes.default.svc',
    `--service-account-key-file=${files.accountPublicKey}`,
    `--service-account-signing-key-file=${files.accountKey}`,
    '--service-cluster-ip-range=10.0.0.0/16',
    '--allow-privileged=true',
    // There is no pod network in which the `kubernetes` service could have an endpoint.
    '--endpoint-reconciler-type=none',
    '--profiling=false',
  ];
}

export function controllerManagerArguments(files: Files): string[] {
  return [
    `--kubeconfig=${files.managerKubeconfig}`,
    `--service-account-private-key-file=${files.accountKey}`,
    `--root-ca-file=${files.authority}`,
    `--controllers=${controllers.join(',')}`,
    '--leader-elect=false',
    '--secure-port=0',
    '--kube-api-qps=400',
    '--kube-api-burst=800',
  ];
}
