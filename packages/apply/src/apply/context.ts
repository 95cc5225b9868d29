import { type KubeObject, type ObjectKey, type ResourceType } from '@gitops-toolkit/api';
import { type KubeClient } from '@gitops-toolkit/kube';
import { compileIgnoreRules, type IgnorePaths } from '../drift/ignore.ts';
import { createHealthRules, type HealthRules } from '../health/rules.ts';
import { jsonDigest } from '../object/digest.ts';
import { fieldAt } from '../object/object.ts';
import { type ApplyOptions } from './options.ts';

/** What one apply works with: the options, made ready once. */
export interface ApplyContext {
  client: KubeClient;
  options: ApplyOptions;
  health: HealthRules;
  ignorePaths: IgnorePaths;
  /** Digest of everything in the options that bears on the outcome. */
  optionsDigest: string;
  /** `group/Kind` of the kinds whose definitions are among the objects. */
  definedKinds: ReadonlySet<string>;
}

export function createContext(client: KubeClient, objects: readonly KubeObject[], options: ApplyOptions): ApplyContext {
  const { fieldManager, group, forceConflicts = true, cleanup, migrateApiVersion = false, ignore = [] } = options;
  return {
    client,
    options,
    health: options.health ?? createHealthRules(),
    ignorePaths: compileIgnoreRules(ignore),
    optionsDigest: jsonDigest({ fieldManager, group, forceConflicts, cleanup, migrateApiVersion, ignore }),
    definedKinds: new Set(objects.filter(({ kind }) => kind === 'CustomResourceDefinition').map(definedKind)),
  };
}

function definedKind(definition: KubeObject): string {
  return `${String(fieldAt(definition, 'spec', 'group'))}/${String(fieldAt(definition, 'spec', 'names', 'kind'))}`;
}

/** Where an object really lives: a cluster-scoped one has no namespace, whatever its manifest says (KUS-18). */
export function liveKey(type: ResourceType, object: KubeObject): ObjectKey {
  const { namespace, name } = object.metadata;
  return type.namespaced && namespace ? { namespace, name } : { name };
}
