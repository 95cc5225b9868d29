import { listFlag, runController } from '@gitops-toolkit/runtime';

// Starts, elects a leader, serves probes and metrics. It reconciles nothing yet.
await runController({
  name: 'image-automation-controller',
  common: { omit: ['interval-jitter-percentage', 'requeue-dependency', 'http-retry'] },
  flags: {
    'ssh-kex-algos': listFlag('Key exchange algorithms of SSH connections, most preferred first; empty: defaults.'),
    'ssh-hostkey-algos': listFlag('Host key algorithms of SSH connections; empty: those of known_hosts.'),
  },
  featureGates: {
    CacheSecretsAndConfigMaps: false,
    ObjectLevelWorkloadIdentity: false,
    GitForcePushBranch: true,
    GitShallowClone: true,
    GitAllBranchReferences: true,
    GitSparseCheckout: false,
  },
  setup() {},
});
