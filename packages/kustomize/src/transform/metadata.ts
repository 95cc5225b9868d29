import { type FieldSpec } from '../fieldspec/types.ts';
import { visitField } from '../fieldspec/walk.ts';
import { compareText } from '../resource/order.ts';
import { setField } from '../yaml/edit.ts';
import { text } from '../yaml/node.ts';
import { type Step } from './step.ts';

const LEAF = { kind: 'map', tag: '' } as const;

/** Writes labels to every field the rows name (KZE-665 to KZE-670). */
export function labelsStep(labels: Record<string, string>, fieldSpecs: readonly FieldSpec[]): Step {
  return pairsStep('LabelTransformer', labels, fieldSpecs);
}

/** Writes annotations to every field the rows name (KZE-669). */
export function annotationsStep(annotations: Record<string, string>, fieldSpecs: readonly FieldSpec[]): Step {
  return pairsStep('AnnotationsTransformer', annotations, fieldSpecs);
}

function pairsStep(kind: string, pairs: Record<string, string>, fieldSpecs: readonly FieldSpec[]): Step {
  const keys = Object.keys(pairs).sort(compareText);
  return {
    kind,
    run(list) {
      for (const resource of list.items) {
        for (const key of keys) {
          // One node for all fields of the object: see the note on sharing in YamlNode.
          const value = text(pairs[key]!);
          for (const spec of fieldSpecs) visitField(resource, spec, (node) => setField(node, key, value), LEAF);
        }
      }
    },
  };
}
