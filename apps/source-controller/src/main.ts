import {
  advertisedAddress,
  isDigestAlgorithm,
  openStorage,
  startFileServer,
  type DigestAlgorithm,
} from '@gitops-toolkit/artifact';
import {
  ConfigurationError,
  durationFlag,
  intFlag,
  listFlag,
  runController,
  storageFlags,
} from '@gitops-toolkit/runtime';
import { gitRepositoryController } from './git-repository/index.ts';

await runController({
  name: 'source-controller',
  common: {
    defaults: { concurrent: 2 },
    env: { 'metrics-addr': 'METRICS_ADDR', 'events-addr': 'EVENTS_ADDR' },
    omit: ['no-cross-namespace-refs', 'http-retry'],
  },
  flags: {
    ...storageFlags,
    'helm-index-max-size': intFlag(52_428_800, 'Largest index of a Helm repository, in bytes.'),
    'helm-chart-max-size': intFlag(10_485_760, 'Largest chart archive, in bytes.'),
    'helm-chart-file-max-size': intFlag(5_242_880, 'Largest file in a chart archive, in bytes.'),
    'helm-cache-max-size': intFlag(0, 'Helm repository indexes kept in memory; 0: none.'),
    'helm-cache-ttl': durationFlag('15m', 'How long a Helm repository index is kept in memory.'),
    'helm-cache-purge-interval': durationFlag('1m', 'How often outdated indexes are dropped from memory.'),
    'ssh-kex-algos': listFlag('Key exchange algorithms of SSH connections, most preferred first; empty: defaults.'),
    'ssh-hostkey-algos': listFlag('Host key algorithms of SSH connections; empty: those of known_hosts.'),
  },
  featureGates: { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: false, OptimizedGitClones: true },

  async setup(manager, flags) {
    if (flags['default-service-account'] && !manager.gates.enabled('ObjectLevelWorkloadIdentity')) {
      throw new ConfigurationError(
        'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
      );
    }
    const storage = await openStorage({
      directory: flags['storage-path'],
      address: advertisedAddress(flags['storage-addr'], flags['storage-adv-addr']),
      algorithm: digestAlgorithm(flags['artifact-digest-algo']),
      retention: { ttl: flags['artifact-retention-ttl'], records: flags['artifact-retention-records'] },
    }).catch((error: Error) => {
      throw new ConfigurationError(error.message, { cause: error });
    });

    manager.addService({
      name: 'artifact file server',
      leaderOnly: true,
      async run(signal) {
        const server = await startFileServer({ directory: storage.directory, address: flags['storage-addr'] });
        await new Promise<void>((stopped) => signal.addEventListener('abort', () => stopped(), { once: true }));
        await server.close();
      },
    });
    manager.add(gitRepositoryController({ storage, requeueDependencyMs: flags['requeue-dependency'] }));
  },
});

function digestAlgorithm(name: string): DigestAlgorithm {
  if (isDigestAlgorithm(name)) return name;
  throw new ConfigurationError(`unsupported digest algorithm '${name}', choose sha256, sha384, sha512 or blake3`);
}
