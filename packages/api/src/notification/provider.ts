/** Provider (NTF-9 to NTF-11). */
import { object, oneOf, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import { duration, localObjectReference, suspend, timeout } from '../fields/shared.ts';
import { ageColumn, defineKind } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { notificationKind } from './group.ts';

const type = oneOf('What kind of service it is.', [
  'slack',
  'discord',
  'msteams',
  'rocket',
  'generic',
  'generic-hmac',
  'github',
  'gitlab',
  'gitea',
  'giteapullrequestcomment',
  'bitbucketserver',
  'bitbucket',
  'azuredevops',
  'googlechat',
  'googlepubsub',
  'webex',
  'sentry',
  'azureeventhub',
  'telegram',
  'lark',
  'matrix',
  'opsgenie',
  'alertmanager',
  'grafana',
  'githubdispatch',
  'githubpullrequestcomment',
  'gitlabmergerequestcomment',
  'pagerduty',
  'datadog',
  'nats',
  'zulip',
  'otel',
  'zoom',
  'incident.io',
]);

const spec = object(
  'How to reach a service that takes notifications.',
  {
    type: required(type),
    interval: duration('Has no effect; accepted for compatibility.'),
    channel: string('Where in the service the message goes: a channel, room, topic or key, depending on the type.', {
      maxLength: 2048,
    }),
    username: string('Name under which messages are posted.', { maxLength: 2048 }),
    address: string('Address of the service, of a repository or of a project, depending on the type.', {
      maxLength: 2048,
    }),
    timeout: timeout('Limit for one delivery, with its retries. Default: 15s.'),
    proxy: string('Address of a proxy. Deprecated: use `proxySecretRef`, which keeps its credentials secret.', {
      maxLength: 2048,
      pattern: '^(http|https)://.*$',
    }),
    proxySecretRef: localObjectReference(
      'Secret with the proxy to connect through: `address`, and optionally `username` and `password`.',
    ),
    secretRef: localObjectReference('Secret with the credentials that the type needs.'),
    serviceAccountName: string(
      'ServiceAccount in the same namespace to authenticate as, for the types `azureeventhub`, `azuredevops` and `googlepubsub`.',
    ),
    certSecretRef: localObjectReference(
      'Secret with TLS material: `ca.crt` to verify the server, `tls.crt` and `tls.key` to authenticate as a client.',
    ),
    suspend,
    commitStatusExpr: string(
      'CEL expression that yields the name under which a commit status is set. It sees `event`, `alert` and `provider`. For the types that set a commit status only.',
    ),
  },
  {
    'x-kubernetes-validations': [
      {
        rule: "self.type == 'github' || self.type == 'gitlab' || self.type == 'gitea' || self.type == 'bitbucketserver' || self.type == 'bitbucket' || self.type == 'azuredevops' || !has(self.commitStatusExpr)",
        message:
          "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types",
      },
    ],
  },
);

export type ProviderType = ValueOf<typeof type>;
export type ProviderSpec = ValueOf<typeof spec>;

/** A service that takes notifications. It has no status (NTF-5). */
export interface Provider extends KubeObject {
  spec: ProviderSpec;
}

export const ProviderKind: KindDefinition<Provider> = defineKind<Provider>({
  ...notificationKind,
  version: 'v1beta3',
  kind: 'Provider',
  printerColumns: [ageColumn],
  description: 'A service that takes notifications.',
  spec: required(spec),
});
