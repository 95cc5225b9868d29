import {
  applierFlags,
  boolFlag,
  ConfigurationError,
  intFlag,
  listFlag,
  stringFlag,
  type ProgramDefinition,
} from '@gitops-toolkit/runtime';
import { createEngine } from './kustomization/engine.ts';
import { kustomizationController } from './kustomization/index.ts';
import type { Settings } from './kustomization/settings.ts';

/** Flags beside the common ones (spec §7.1). */
const flags = {
  ...applierFlags,
  'concurrent-ssa': intFlag(4, 'Dry runs in parallel, per Kustomization.', { min: 1 }),
  'no-remote-bases': boolFlag(false, 'Refuse remote bases. This version refuses them always.'),
  'default-decryption-service-account': stringFlag('', 'ServiceAccount for key services, where an object names none.'),
  'sops-age-secret': stringFlag('', 'Secret with age keys for every Kustomization.'),
  'sops-vault-configmap': stringFlag('', 'ConfigMap with the trusted Vault and OpenBao servers.'),
  'custom-apply-stage-kinds': listFlag('group/Kind of objects that are applied in a stage of their own.'),
};

/** The kustomize controller. */
export const kustomizeController: ProgramDefinition<typeof flags> = {
  name: 'kustomize-controller',
  fieldManager: 'gotk-kustomize-controller',
  flags,
  featureGates: {
    CacheSecretsAndConfigMaps: false,
    ObjectLevelWorkloadIdentity: false,
    AdditiveCELDependencyCheck: false,
    ExternalArtifact: false,
    CancelHealthCheckOnNewRevision: false,
    DisableConfigWatchers: false,
    DirectSourceFetch: false,
    DisableStatusPollerCache: true,
    DisableFailFastBehavior: false,
    StrictPostBuildSubstitutions: true,
    GroupChangeLog: false,
    MigrateAPIVersion: false,
  },
  setup(manager, flags) {
    for (const flag of ['default-decryption-service-account', 'default-kubeconfig-service-account'] as const) {
      if (flags[flag] && !manager.gates.enabled('ObjectLevelWorkloadIdentity')) {
        throw new ConfigurationError(
          `--${flag} needs the feature gate ObjectLevelWorkloadIdentity, which is not enabled`,
        );
      }
    }
    const settings: Settings = {
      manager,
      requeueDependencyMs: flags['requeue-dependency'],
      noCrossNamespaceRefs: flags['no-cross-namespace-refs'],
      defaultServiceAccount: flags['default-service-account'],
      concurrentApply: flags['concurrent-ssa'],
      overrideManagers: flags['override-manager'],
      customStageKinds: flags['custom-apply-stage-kinds'].map((kind) => kind.trim()),
      insecureKubeconfigExec: flags['insecure-kubeconfig-exec'],
      insecureKubeconfigTls: flags['insecure-kubeconfig-tls'],
    };
    const engine = createEngine(settings);
    manager.addService({ name: 'kustomize engine', run: (signal) => engine.run(signal) });
    manager.add(kustomizationController(settings, engine));
  },
};
