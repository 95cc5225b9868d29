import { intFlag, runController, stringFlag } from '@gitops-toolkit/runtime';

// Starts, elects a leader, serves probes and metrics. It reconciles nothing yet.
await runController({
  name: 'image-reflector-controller',
  common: { omit: ['interval-jitter-percentage', 'http-retry'] },
  flags: {
    'storage-path': stringFlag('/data', 'Directory of the tag database.'),
    'storage-value-log-file-size': intFlag(268_435_456, 'Size of a value log file, in bytes.', { min: 1 }),
    'storage-compression-threshold': intFlag(64, 'Size from which tag lists are compressed, in KiB.', { min: 1 }),
    'gc-interval': intFlag(10, 'Minutes between garbage collections of the database; 0: none.', { min: 0 }),
  },
  featureGates: { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: false, FluxStorage: false },
  setup() {},
});
