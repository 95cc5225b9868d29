import { boolFlag, durationFlag, runController, stringFlag } from '@gitops-toolkit/runtime';

// Starts, elects a leader, serves probes and metrics. It neither takes events nor reconciles anything yet.
await runController({
  name: 'notification-controller',
  eventsAddr: 'listen',
  common: {
    defaults: { 'events-addr': ':9090' },
    omit: ['watch-label-selector', 'interval-jitter-percentage', 'requeue-dependency', 'http-retry'],
  },
  flags: {
    receiverAddr: stringFlag(':9292', 'Address of the webhook receivers.'),
    'rate-limit-interval': durationFlag('5m', 'Window in which equal events are delivered once.'),
    'export-http-path-metrics': boolFlag(false, 'Put the URL path into the metrics of the HTTP servers.'),
  },
  featureGates: { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: false, DisableConfigWatchers: false },
  setup() {},
});
