/** Names of annotations, labels and finalizers that people and other programs rely on (RTM-42 to RTM-52). */

/** Annotation: any new value asks for a run now (RTM-42). */
export const reconcileRequestedAt = 'reconcile.fluxcd.io/requestedAt';
/** Annotation: forces one run of a HelmRelease when it equals `requestedAt` (RTM-43). */
export const reconcileForceAt = 'reconcile.fluxcd.io/forceAt';
/** Annotation: resets the failure counters of a HelmRelease when it equals `requestedAt` (RTM-44). */
export const reconcileResetAt = 'reconcile.fluxcd.io/resetAt';
/** Prefix of annotations that are copied into the metadata of every event about the object (RTM-45). */
export const eventAnnotationPrefix = 'event.toolkit.fluxcd.io/';
/** Label on ConfigMaps and Secrets: with `watchEnabled`, a change reconciles the objects that refer to them (RTM-46). */
export const watchLabel = 'reconcile.fluxcd.io/watch';
/** The value of `watchLabel` that counts. */
export const watchEnabled = 'Enabled';
/** Label: the shard of controllers that an object belongs to (RTM-47). */
export const shardKeyLabel = 'sharding.fluxcd.io/key';
/** Annotation on the Deployments of a shard, value `shard` (RTM-48). */
export const shardRoleAnnotation = 'sharding.fluxcd.io/role';
/** Finalizer of every reconciled kind except ArtifactGenerator (RTM-49). */
export const finalizer = 'finalizers.fluxcd.io';
/** Finalizer of ArtifactGenerator (RTM-50). */
export const artifactGeneratorFinalizer = 'source.extensions.fluxcd.io/finalizer';
/** Label on everything that belongs to an installation, value `flux` (RTM-51). */
export const partOfLabel = 'app.kubernetes.io/part-of';
/** Label on what was created for a tenant (RTM-52). */
export const tenantLabel = 'toolkit.fluxcd.io/tenant';
