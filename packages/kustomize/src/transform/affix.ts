import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField } from '../fieldspec/walk.ts';
import { selectedByGvk, type Gvk } from '../resource/id.ts';
import { originalId, rememberId } from '../resource/resource.ts';
import { setScalar } from '../yaml/edit.ts';
import { TAG, scalar } from '../yaml/node.ts';
import { type Step } from './step.ts';

const LEAF = { kind: 'scalar', tag: TAG.string } as const;

/** Kinds whose names mean something to the cluster and are left alone (KZE-660). */
function keepsName(gvk: Gvk): boolean {
  return (
    gvk.kind === 'CustomResourceDefinition' ||
    gvk.kind === 'Namespace' ||
    (gvk.kind === 'APIService' && gvk.group === 'apiregistration.k8s.io')
  );
}

/** Puts a text before or after names (KZE-660 to KZE-663). */
export function affixStep(where: 'prefix' | 'suffix', affix: string, fieldSpecs: readonly FieldSpec[]): Step {
  return {
    kind: where === 'prefix' ? 'PrefixTransformer' : 'SuffixTransformer',
    run(list) {
      for (const resource of list.items) {
        const id = originalId(resource);
        if (keepsName(id)) continue;
        for (const spec of fieldSpecs) {
          if (!selectedByGvk(id, spec)) continue;
          if (spec.path === 'metadata/name' && affix !== '') {
            (where === 'prefix' ? resource.prefixes : resource.suffixes).push(affix);
            rememberId(resource);
          }
          visitField(
            resource,
            spec,
            (node) => setScalar(node, scalar(where === 'prefix' ? affix + node.value : node.value + affix)),
            LEAF,
          );
        }
      }
      list.invalidate();
    },
  };
}
