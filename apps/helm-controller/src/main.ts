import { applierFlags, durationFlag, intFlag, runController, stringFlag } from '@gitops-toolkit/runtime';

// Starts, elects a leader, serves probes and metrics. It reconciles nothing yet: HelmReleases stay untouched.
await runController({
  name: 'helm-controller',
  flags: {
    ...applierFlags,
    'graceful-shutdown-timeout': durationFlag('600s', 'How long running Helm actions may take to finish on shutdown.'),
    'http-timeout': durationFlag('30s', 'Limit of an artifact download.'),
    'snapshot-digest-algo': stringFlag('sha256', 'Digest algorithm of release snapshots.'),
    'oom-watch-memory-threshold': intFlag(95, 'Percentage of the memory limit that counts as near it.'),
    'oom-watch-interval': durationFlag('500ms', 'How often the memory in use is looked at.'),
    'oom-watch-max-memory-path': stringFlag('', 'File with the memory limit; empty: found by itself.'),
    'oom-watch-current-memory-path': stringFlag('', 'File with the memory in use; empty: found by itself.'),
  },
  featureGates: {
    CacheSecretsAndConfigMaps: false,
    ObjectLevelWorkloadIdentity: false,
    AdditiveCELDependencyCheck: false,
    ExternalArtifact: false,
    CancelHealthCheckOnNewRevision: false,
    DisableConfigWatchers: false,
    DirectSourceFetch: false,
    DetectDrift: false,
    CorrectDrift: false,
    AllowDNSLookups: false,
    OOMWatch: false,
    AdoptLegacyReleases: false,
    DisableChartDigestTracking: false,
    UseHelm3Defaults: false,
    DefaultToRetryOnFailure: false,
  },
  gracePeriodMs: (flags) => flags['graceful-shutdown-timeout'],
  setup() {},
});
