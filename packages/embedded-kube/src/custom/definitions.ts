/** CustomResourceDefinitions: their defaults and checks, and their life as resources of the server. */
import { schema } from '@gitops-toolkit/api';
import { copyJson, type JsonObject, type KubeJson, timeText } from '../object/json.ts';
import { dns1035Label, dnsSubdomain } from '../object/names.ts';
import type { Registry } from '../resource/registry.ts';
import type { Resource } from '../resource/resource.ts';
import type { Store } from '../store/store.ts';
import { compileJsonPath } from './jsonpath.ts';
import { type CrdSpec, customResources } from './resources.ts';
import { checkStructure } from './structural.ts';

export const crdCollection = 'apiextensions.k8s.io/customresourcedefinitions';

/** Makes the CRD resource complete and check its objects, with what the registry knows about taken names. */
export function adoptCrdResource(resource: Resource, registry: Registry): void {
  resource.setDefaults = (object, old) => completeCrd(object, old);
  const check = resource.validate;
  resource.validate = (object, old) => [...check.call(resource, object, old), ...checkCrd(object, old, registry)];
}

/** Defaults, and the status that the server's controllers would have set a moment later. */
function completeCrd(crd: KubeJson, old: KubeJson | undefined): void {
  if (!schema.isObject(crd.spec)) return;
  const spec = crd.spec;
  spec.conversion ??= { strategy: 'None' };
  const names = (spec.names ??= {}) as JsonObject;
  names.singular ||= String(names.kind ?? '').toLowerCase();
  names.listKind ||= `${String(names.kind ?? '')}List`;
  for (const version of (Array.isArray(spec.versions) ? spec.versions : []) as JsonObject[]) {
    const scale = (version.subresources as JsonObject | undefined)?.scale;
    if (scale === null) delete (version.subresources as JsonObject).scale;
  }
  const before = old?.status as { storedVersions?: string[]; conditions?: JsonObject[] } | undefined;
  const storage = ((spec.versions as JsonObject[] | undefined) ?? []).find((version) => version.storage)?.name as
    string | undefined;
  const time = timeText();
  const conditions = before?.conditions?.length
    ? before.conditions
    : [
        {
          type: 'NamesAccepted',
          status: 'True',
          lastTransitionTime: time,
          reason: 'NoConflicts',
          message: 'no conflicts found',
        },
        {
          type: 'Established',
          status: 'True',
          lastTransitionTime: time,
          reason: 'InitialNamesAccepted',
          message: 'the initial names have been accepted',
        },
      ];
  const storedVersions = [...new Set([...(before?.storedVersions ?? []), ...(storage === undefined ? [] : [storage])])];
  if (before === undefined || !schema.jsonEqual(before.storedVersions, storedVersions) || crd.status === undefined) {
    crd.status = { conditions: copyJson(conditions), acceptedNames: copyJson(names), storedVersions };
  } else {
    (crd.status as JsonObject).acceptedNames = copyJson(names);
  }
}

function checkCrd(crd: KubeJson, old: KubeJson | undefined, registry: Registry): schema.Issue[] {
  if (!schema.isObject(crd.spec)) return [schema.required('spec')];
  const spec = crd.spec as unknown as CrdSpec;
  const issues: schema.Issue[] = [];
  const wanted = `${spec.names?.plural}.${spec.group}`;
  const groupBefore = (old?.spec as unknown as CrdSpec | undefined)?.group;
  if (groupBefore !== undefined && groupBefore !== spec.group)
    return [schema.invalid('spec.group', spec.group, 'field is immutable')];
  if (crd.metadata.name !== wanted)
    issues.push(schema.invalid('metadata.name', crd.metadata.name, `must be spec.names.plural+"."+spec.group`));
  if (!spec.group) issues.push(schema.required('spec.group'));
  else for (const text of dnsSubdomain(spec.group, false)) issues.push(schema.invalid('spec.group', spec.group, text));
  if (!['Cluster', 'Namespaced'].includes(spec.scope))
    issues.push(schema.notSupported('spec.scope', spec.scope ?? '', ['Cluster', 'Namespaced']));
  for (const field of ['plural', 'kind'] as const) {
    const name = spec.names?.[field];
    if (!name) issues.push(schema.required(`spec.names.${field}`));
    else
      for (const text of dns1035Label(name.toLowerCase(), false))
        issues.push(schema.invalid(`spec.names.${field}`, name, text));
  }
  issues.push(...checkVersions(spec));
  if (issues.length === 0 && old === undefined) {
    const taken = registry
      .all()
      .find(
        (resource) =>
          resource.group === spec.group && resource.kind === spec.names.kind && resource.plural !== spec.names.plural,
      );
    if (taken !== undefined)
      issues.push(
        schema.invalid('spec.names.kind', spec.names.kind, `${JSON.stringify(spec.names.kind)} is already in use`),
      );
  }
  const before = old?.spec as unknown as CrdSpec | undefined;
  if (before !== undefined) {
    if (before.scope !== spec.scope) issues.push(schema.invalid('spec.scope', spec.scope, 'field is immutable'));
    if (before.names.kind !== spec.names.kind)
      issues.push(schema.invalid('spec.names.kind', spec.names.kind, 'field is immutable'));
  }
  return issues;
}

function checkVersions(spec: CrdSpec): schema.Issue[] {
  const issues: schema.Issue[] = [];
  const versions = Array.isArray(spec.versions) ? spec.versions : [];
  if (versions.filter((version) => version.storage).length !== 1) {
    issues.push(
      schema.invalid(
        'spec.versions',
        versions.map((version) => version.name),
        'must have exactly one version marked as storage version',
      ),
    );
  }
  versions.forEach((version, index) => {
    const path = `spec.versions[${index}]`;
    for (const text of dns1035Label(version.name ?? '', false))
      issues.push(schema.invalid(`${path}.name`, version.name ?? '', text));
    const openApi = version.schema?.openAPIV3Schema;
    if (openApi === undefined) issues.push(schema.required(`${path}.schema.openAPIV3Schema`));
    // The schema of an only version is that of the definition.
    else
      issues.push(
        ...checkStructure(openApi, `${versions.length === 1 ? 'spec.validation' : `${path}.schema`}.openAPIV3Schema`),
      );
    version.additionalPrinterColumns?.forEach((column, position) => {
      try {
        compileJsonPath(column.jsonPath ?? '');
      } catch (error) {
        issues.push(
          schema.invalid(
            `${path}.additionalPrinterColumns[${position}].jsonPath`,
            column.jsonPath,
            (error as Error).message,
          ),
        );
      }
    });
  });
  return issues;
}

/** Keeps the registry's custom resources in step with the CRDs in the store. */
export function registerCustomResources(store: Store, registry: Registry): void {
  const known = new Map<string, string>();
  store.onChange((collection, change) => {
    if (collection !== crdCollection) return;
    const crd = change.stored.object;
    const spec = crd.spec as unknown as CrdSpec;
    if (change.type === 'DELETED') {
      known.delete(change.key);
      registry.remove(spec.group, spec.names.plural);
      store.drop(`${spec.group}/${spec.names.plural}`);
      return;
    }
    // Only the spec matters; status updates of CRDs are frequent and change nothing here.
    const text = JSON.stringify(crd.spec);
    if (known.get(change.key) === text) return;
    known.set(change.key, text);
    const resources = customResources(crd);
    registry.remove(
      spec.group,
      spec.names.plural,
      resources.map((resource) => resource.version),
    );
    registry.add(...resources);
  });
}
