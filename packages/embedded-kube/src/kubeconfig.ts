/** A kubeconfig for a running server. */
import { dump } from 'js-yaml';

export interface Kubeconfig {
  apiVersion: 'v1';
  kind: 'Config';
  'current-context': string;
  clusters: { name: string; cluster: { server: string } }[];
  users: { name: string; user: { token?: string } }[];
  contexts: { name: string; context: { cluster: string; user: string; namespace: string } }[];
}

export function kubeconfigFor(server: string, token: string | undefined): Kubeconfig {
  const name = 'embedded';
  return {
    apiVersion: 'v1',
    kind: 'Config',
    'current-context': name,
    clusters: [{ name, cluster: { server } }],
    users: [{ name, user: token === undefined ? {} : { token } }],
    contexts: [{ name, context: { cluster: name, user: name, namespace: 'default' } }],
  };
}

export function kubeconfigText(kubeconfig: Kubeconfig): string {
  return dump(kubeconfig, { noRefs: true });
}
