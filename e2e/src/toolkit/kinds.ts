/** Kinds that suites look at, with their resources, so that no discovery is needed. */
import type { ResourceType } from '@gitops-toolkit/api';

const core = (kind: string, plural: string, namespaced = true): ResourceType => ({
  group: '',
  version: 'v1',
  kind,
  plural,
  namespaced,
});

export const configMaps = core('ConfigMap', 'configmaps');
export const events = core('Event', 'events');
export const namespaces = core('Namespace', 'namespaces', false);
export const services = core('Service', 'services');
export const deployments: ResourceType = { ...core('Deployment', 'deployments'), group: 'apps' };
export const leases: ResourceType = { ...core('Lease', 'leases'), group: 'coordination.k8s.io' };
export const promotions: ResourceType = { ...core('Promotion', 'promotions'), group: 'shop.example.org' };
export const crds: ResourceType = {
  ...core('CustomResourceDefinition', 'customresourcedefinitions', false),
  group: 'apiextensions.k8s.io',
};
