import {
  keyText,
  KustomizationKind,
  parseDuration,
  type Kustomization,
  type ObjectKey,
  type UnstructuredObject,
} from '@gitops-toolkit/api';
import type { Informer } from '@gitops-toolkit/kube';
import {
  artifactChanged,
  configWatches,
  findCondition,
  isDependencyReady,
  isTrue,
  refText,
  RECONCILING,
  READY,
  sortByDependency,
  type Change,
  type ControllerDefinition,
} from '@gitops-toolkit/runtime';
import { dependencyKey, sourceKey } from './spec.ts';
import { finalizeKustomization } from './finalize.ts';
import { reconcileKustomization } from './reconcile.ts';
import type { Engine } from './engine.ts';
import type { Settings } from './settings.ts';
import { sourceKinds, type SourceObject } from './source.ts';

/** Builds, applies, prunes and checks Kustomizations. */
export function kustomizationController(settings: Settings, engine: Engine): ControllerDefinition<Kustomization> {
  const { manager } = settings;
  const sources = Object.values(sourceKinds).filter(
    ({ kind }) => kind !== 'ExternalArtifact' || manager.gates.enabled('ExternalArtifact'),
  );
  return {
    kind: KustomizationKind,
    interval: ({ spec }) => parseDuration(spec.interval),
    conditions: { owned: ['Healthy'] },
    // A run that finds nothing to do leaves no trace: what is being done is announced by the steps that do something.
    startMessage: null,
    announceStart: false,
    failureEvents: { plain: 'none' },
    indexes: {
      source: (object) => [refText(object.spec.sourceRef.kind, sourceKey(object).namespace, sourceKey(object).name)],
      config: referencedConfigs,
      dependency: (object) =>
        dependencyKeys(object).map(({ namespace, name }) => refText(KustomizationKind.kind, namespace, name)),
    },
    watches: [
      ...sources.map((kind) => ({
        kind,
        when: artifactChanged('revision'),
        enqueue: affectedBySource,
      })),
      { kind: KustomizationKind, index: 'dependency', when: becameReady, unless: isNotWaiting },
      ...configWatches<Kustomization>(manager, 'config'),
    ],
    reconcile: (ctx) => reconcileKustomization(ctx, settings, engine),
    finalize: (ctx) => finalizeKustomization(ctx, engine),
  };
}

/**
 * What a source event makes run: everything built from it that has not seen the revision, each after what it depends on,
 * which is run as well (KUS-68).
 *
 * @throws CircularDependencyError, which makes the runtime enqueue nothing (KUS-69).
 */
function affectedBySource(source: UnstructuredObject, objects: Informer<Kustomization>): ObjectKey[] {
  const { kind, metadata } = source;
  const triggered = objects
    .byIndex('source', refText(kind, metadata.namespace, metadata.name))
    .filter((object) => !hasSeen(object, source));
  const dependencies = triggered
    .flatMap(dependencyKeys)
    .map((key) => objects.get(key))
    .filter((object) => object !== undefined);
  const batch = new Map([...triggered, ...dependencies].map((object) => [keyText(object.metadata), object]));
  return sortByDependency(
    Array.from(batch.values(), (object) => ({
      namespace: object.metadata.namespace,
      name: object.metadata.name,
      dependsOn: dependencyKeys(object),
    })),
  );
}

function dependencyKeys(object: Kustomization): ObjectKey[] {
  return (object.spec.dependsOn ?? []).map((dependency) => dependencyKey(dependency, object));
}

/** A source event says nothing new to an object that is at, or on its way to, that revision (KUS-67). */
function hasSeen(object: Kustomization, cause: UnstructuredObject): boolean {
  const artifact = (cause as UnstructuredObject & SourceObject).status?.artifact;
  if (artifact === undefined) return true;
  const isBusyOrReady = isTrue(object, READY) || isTrue(object, RECONCILING);
  return isBusyOrReady && object.status?.lastAttemptedRevision === artifact.revision;
}

/** A dependency that is ready, or ready at another revision than before, may be what others wait for. */
function becameReady({ before, after }: Change<UnstructuredObject>): boolean {
  if (after === undefined || !isDependencyReady(after)) return false;
  const applied = (object: UnstructuredObject) => (object as unknown as Kustomization).status?.lastAppliedRevision;
  return before === undefined || !isDependencyReady(before) || applied(before) !== applied(after);
}

function isNotWaiting(object: Kustomization): boolean {
  return findCondition(object, READY)?.reason !== 'DependencyNotReady';
}

/** ConfigMaps and Secrets whose change concerns the object, optional ones too (KUS-65). */
function referencedConfigs({ spec, metadata }: Kustomization): string[] {
  const refs = (spec.postBuild?.substituteFrom ?? []).map(({ kind, name }) => [kind, name]);
  if (spec.kubeConfig?.configMapRef) refs.push(['ConfigMap', spec.kubeConfig.configMapRef.name]);
  if (spec.kubeConfig?.secretRef) refs.push(['Secret', spec.kubeConfig.secretRef.name]);
  if (spec.decryption?.secretRef) refs.push(['Secret', spec.decryption.secretRef.name]);
  return refs.map(([kind, name]) => refText(kind!, metadata.namespace, name!));
}
