import type { FlagValues } from './flag.ts';
import { boolFlag, durationFlag, gatesFlag, intFlag, listFlag, stringFlag } from './types.ts';

/** The flags every controller has, with upstream's names and defaults (RTM-346…368). */
export const commonFlags = {
  'metrics-addr': stringFlag(':8080', 'Address of the metrics endpoint.'),
  'health-addr': stringFlag(':9440', 'Address of the health endpoint.'),
  'events-addr': stringFlag('', 'URL that events are posted to; empty: none are posted.'),
  concurrent: intFlag(4, 'Number of runs in parallel, per kind.', { min: 1 }),
  'log-level': stringFlag('info', 'One of trace, debug, info, error.'),
  'log-encoding': stringFlag('json', 'json or console.'),
  'enable-leader-election': boolFlag(false, 'Run only while holding the lease.'),
  'leader-election-release-on-cancel': boolFlag(true, 'Give the lease up on a graceful stop.'),
  'leader-election-lease-duration': durationFlag('35s', 'How long others wait before they take an unrenewed lease.'),
  'leader-election-renew-deadline': durationFlag('30s', 'How long the leader tries to renew before it gives up.'),
  'leader-election-retry-period': durationFlag('5s', 'Wait between attempts to take or renew the lease.'),
  'min-retry-delay': durationFlag('750ms', 'First delay of the exponential back-off of a failing object.'),
  'max-retry-delay': durationFlag('15m', 'Longest delay of the exponential back-off.'),
  'kube-api-qps': intFlag(50, 'Requests per second to the API server; only honoured when given.', { min: 0 }),
  'kube-api-burst': intFlag(300, 'Burst of requests to the API server; only honoured when given.', { min: 0 }),
  'watch-all-namespaces': boolFlag(true, 'Watch every namespace; false: only RUNTIME_NAMESPACE.'),
  'watch-label-selector': stringFlag('', 'Label selector of the objects to reconcile, for sharding.'),
  'watch-configs-label-selector': stringFlag(
    'reconcile.fluxcd.io/watch=Enabled',
    'Label selector of the Secrets and ConfigMaps whose changes trigger runs; empty: all.',
  ),
  'interval-jitter-percentage': intFlag(5, 'Random spread of intervals in percent, 0 to 99.', { min: 0, max: 255 }),
  'no-cross-namespace-refs': boolFlag(false, 'Refuse references to objects of other namespaces.'),
  'feature-gates': gatesFlag('Settings of the form name=true, separated by commas.'),
  'token-cache-max-size': intFlag(100, 'Access tokens kept; 0: none.', { min: 0 }),
  'token-cache-max-duration': durationFlag('1h', 'How long an access token is kept at most.'),
  'default-service-account': stringFlag('', 'ServiceAccount used where an object names none.'),
  'requeue-dependency': durationFlag('30s', 'Wait before a dependency that is not ready is looked at again.'),
  'http-retry': intFlag(9, 'How often an artifact download is retried.', { min: 0 }),
};

/** Values of {@link commonFlags}. */
export type CommonFlagValues = FlagValues<typeof commonFlags>;

/** Flags of the controllers that apply to clusters: kustomize- and helm-controller (RTM-369, 370, 386). */
export const applierFlags = {
  'insecure-kubeconfig-exec': boolFlag(false, 'Allow exec credential plug-ins in kubeconfigs of objects.'),
  'insecure-kubeconfig-tls': boolFlag(false, 'Allow kubeconfigs of objects to skip TLS verification.'),
  'override-manager': listFlag('Further field manager whose fields are taken over; repeatable.'),
  'default-kubeconfig-service-account': stringFlag('', 'ServiceAccount for access to remote clusters by identity.'),
};

/** Flags of the controllers that store artifacts: source-controller and source-watcher (RTM-371…376). */
export const storageFlags = {
  'storage-path': stringFlag('', 'Directory that artifacts are stored in.', { env: 'STORAGE_PATH' }),
  'storage-addr': stringFlag(':9090', 'Address of the artifact file server.', { env: 'STORAGE_ADDRESS' }),
  'storage-adv-addr': stringFlag('', 'Host, or URL, of artifacts as told to others.', { env: 'STORAGE_ADV_ADDR' }),
  'artifact-retention-ttl': durationFlag('1m', 'Age from which superseded artifacts may be deleted.'),
  'artifact-retention-records': intFlag(2, 'Artifacts kept per object.', { min: 1 }),
  'artifact-digest-algo': stringFlag('sha256', 'One of sha256, sha384, sha512, blake3.'),
};
