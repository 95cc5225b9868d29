import { join } from 'node:path';
import {
  advertisedAddress,
  isDigestAlgorithm,
  openStorage,
  startFileServer,
  StorageError,
  type DigestAlgorithm,
} from '@gitops-toolkit/artifact';
import { closeConnections, openObjectCache } from '@gitops-toolkit/git';
import {
  ConfigurationError,
  durationFlag,
  intFlag,
  listFlag,
  storageFlags,
  stringFlag,
  type ProgramDefinition,
  type Service,
} from '@gitops-toolkit/runtime';
import { createLimit } from './artifacts/limit.ts';
import { createWorkspaces } from './artifacts/workspace.ts';
import { gitRepositoryController } from './git-repository/index.ts';

/** Flags beside the common ones (SRC-435…441; those for Helm belong to kinds that this version does not serve yet). */
const flags = {
  ...storageFlags,
  'storage-path': stringFlag('/data', 'Directory that artifacts are stored in.', { env: 'STORAGE_PATH' }),
  'helm-index-max-size': intFlag(52_428_800, 'Largest index of a Helm repository, in bytes.'),
  'helm-chart-max-size': intFlag(10_485_760, 'Largest chart archive, in bytes.'),
  'helm-chart-file-max-size': intFlag(5_242_880, 'Largest file in a chart archive, in bytes.'),
  'helm-cache-max-size': intFlag(0, 'Helm repository indexes kept in memory; 0: none.'),
  'helm-cache-ttl': durationFlag('15m', 'How long a Helm repository index is kept in memory.'),
  'helm-cache-purge-interval': durationFlag('1m', 'How often outdated indexes are dropped from memory.'),
  'ssh-kex-algos': listFlag('Key exchange algorithms of SSH connections, most preferred first; empty: defaults.'),
  'ssh-hostkey-algos': listFlag('Host key algorithms of SSH connections; empty: those of known_hosts.'),
};

/** Remotes asked at a time, by all kinds together, while they hold no worker. */
const maxRemoteChecks = 64;

/** The source controller. */
export const sourceController: ProgramDefinition<typeof flags> = {
  name: 'source-controller',
  common: {
    defaults: { concurrent: 2 },
    env: { 'metrics-addr': 'METRICS_ADDR', 'events-addr': 'EVENTS_ADDR' },
    omit: ['no-cross-namespace-refs', 'http-retry'],
  },
  flags,
  featureGates: { CacheSecretsAndConfigMaps: false, ObjectLevelWorkloadIdentity: false, OptimizedGitClones: true },

  async setup(manager, flags) {
    if (flags['default-service-account'] && !manager.gates.enabled('ObjectLevelWorkloadIdentity')) {
      throw new ConfigurationError(
        'cannot set default service accounts when the feature gate ObjectLevelWorkloadIdentity is not enabled',
      );
    }
    if (!manager.gates.enabled('OptimizedGitClones')) {
      manager.log.info('the feature gate OptimizedGitClones has no effect: what has not changed is never cloned');
    }
    const bindAddress = flags['storage-addr'];
    const storage = await configuring(async () =>
      openStorage({
        directory: flags['storage-path'],
        address: advertisedAddress(bindAddress, flags['storage-adv-addr']),
        algorithm: digestAlgorithm(flags['artifact-digest-algo']),
        retention: { ttl: flags['artifact-retention-ttl'], records: flags['artifact-retention-records'] },
      }),
    );
    manager.addService(fileServer(storage.directory, bindAddress));
    manager.addService(connections);

    // Hidden directories are not served; on the volume of the artifacts they belong to its one writer.
    const workspaces = createWorkspaces(join(storage.directory, '.work'));
    const objects = openObjectCache({ directory: join(storage.directory, '.git-objects') });
    const remoteChecks = createLimit(maxRemoteChecks);
    const requeueDependencyMs = flags['requeue-dependency'];
    const sshAlgorithms = { kexAlgorithms: flags['ssh-kex-algos'], hostKeyAlgorithms: flags['ssh-hostkey-algos'] };
    const shared = { storage, workspaces, requeueDependencyMs };
    manager.add(gitRepositoryController({ ...shared, objects, remoteChecks, sshAlgorithms }));
  },
};

/** Serves the artifacts, only while this process leads (SRC-456). */
function fileServer(directory: string, address: string): Service {
  return {
    name: 'artifact file server',
    leaderOnly: true,
    async run(signal) {
      const server = await startFileServer({ directory, address });
      await aborted(signal);
      await server.close();
    },
  };
}

/** Lets go of idle connections to Git servers, which would keep the process alive. */
const connections: Service = {
  name: 'connections to Git servers',
  async run(signal) {
    await aborted(signal);
    await closeConnections();
  },
};

function aborted(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return Promise.resolve();
  return new Promise((resolve) => signal.addEventListener('abort', () => resolve(), { once: true }));
}

/** What the storage cannot work with is a mistake in the flags. */
async function configuring<T>(work: () => Promise<T>): Promise<T> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StorageError) throw new ConfigurationError(error.message, { cause: error });
    throw error;
  }
}

function digestAlgorithm(name: string): DigestAlgorithm {
  if (isDigestAlgorithm(name)) return name;
  throw new ConfigurationError(`unsupported digest algorithm '${name}', choose sha256, sha384, sha512 or blake3`);
}
