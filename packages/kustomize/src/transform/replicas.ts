import { KustomizeError } from '../errors.ts';
import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField } from '../fieldspec/walk.ts';
import { type ReplicaEntry } from '../kustomization/types.ts';
import { gvkText, selectedByGvk } from '../resource/id.ts';
import { allIds } from '../resource/resource.ts';
import { setScalar } from '../yaml/edit.ts';
import { TAG, scalar } from '../yaml/node.ts';
import { type Step } from './step.ts';

const LEAF = { kind: 'scalar', tag: TAG.int } as const;

/** Sets the replica count of the workloads that have, or had, the name (KZE-685). */
export function replicasStep(replica: ReplicaEntry, fieldSpecs: readonly FieldSpec[]): Step {
  const count = String(replica.count ?? 0);
  return {
    kind: 'ReplicaCountTransformer',
    run(list) {
      const named = list.items
        .map((resource) => ({ resource, ids: allIds(resource).filter((id) => id.name === (replica.name ?? '')) }))
        .filter(({ ids }) => ids.length > 0);
      let found = false;
      for (const spec of fieldSpecs) {
        for (const { resource, ids } of named) {
          if (!ids.some((id) => selectedByGvk(id, spec))) continue;
          found = true;
          visitField(resource, spec, (node) => setScalar(node, scalar(count, TAG.int)), LEAF);
        }
      }
      if (!found) {
        throw new KustomizeError(
          `resource with name ${replica.name} does not match a config with the following GVK [${fieldSpecs.map(gvkText).join(' ')}]`,
        );
      }
    },
  };
}
