import { ConditionType, Reason } from './conditions.ts';
import * as wellKnown from './well-known.ts';

test('the names that others rely on', () => {
  expect({ ...wellKnown }).toEqual({
    reconcileRequestedAt: 'reconcile.fluxcd.io/requestedAt',
    reconcileForceAt: 'reconcile.fluxcd.io/forceAt',
    reconcileResetAt: 'reconcile.fluxcd.io/resetAt',
    eventAnnotationPrefix: 'event.toolkit.fluxcd.io/',
    watchLabel: 'reconcile.fluxcd.io/watch',
    watchEnabled: 'Enabled',
    shardKeyLabel: 'sharding.fluxcd.io/key',
    shardRoleAnnotation: 'sharding.fluxcd.io/role',
    finalizer: 'finalizers.fluxcd.io',
    artifactGeneratorFinalizer: 'source.extensions.fluxcd.io/finalizer',
    partOfLabel: 'app.kubernetes.io/part-of',
    tenantLabel: 'toolkit.fluxcd.io/tenant',
  });
});

test('condition types and reasons are their own names', () => {
  for (const [name, value] of Object.entries({ ...ConditionType, ...Reason })) expect(value).toBe(name);
});
