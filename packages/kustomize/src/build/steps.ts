import { KustomizeError, messageOf } from '../errors.ts';
import { mergeSpecs } from '../fieldspec/merge.ts';
import { type FieldSpec, type FieldTables, fieldSpec } from '../fieldspec/types.ts';
import { type LabelsEntry } from '../kustomization/types.ts';
import { emitObject } from '../output/emit.ts';
import { affixStep } from '../transform/affix.ts';
import { imageStep } from '../transform/images.ts';
import { annotationsStep, labelsStep } from '../transform/metadata.ts';
import { namespaceStep } from '../transform/namespace.ts';
import { json6902Step, patchStep, strategicMergeStep } from '../transform/patches.ts';
import { replicasStep } from '../transform/replicas.ts';
import { replacementsStep } from '../transform/replacements.ts';
import { type Step } from '../transform/step.ts';
import { type Plain } from '../yaml/data.ts';
import { type Target } from './target.ts';

/** The builtin transformers of a kustomization, in the order in which they run (KZE-502). */
export function builtinSteps(target: Target, tables: FieldTables): Step[] {
  const { kustomization: k, loader, context } = target;
  const steps: Step[] = [];
  const add = (kind: string, config: unknown, make: () => Step) => steps.push(configured(kind, config, make));

  if (k.patchesStrategicMerge?.length) {
    const paths = k.patchesStrategicMerge;
    add('PatchStrategicMergeTransformer', {}, () => strategicMergeStep(paths, loader, context));
  }
  for (const entry of k.patches ?? []) {
    add('PatchTransformer', { ...entry, patch: undefined }, () => patchStep(entry, loader, context));
  }
  if (k.namespace) steps.push(namespaceStep({ namespace: k.namespace, fieldSpecs: tables.namespace }));
  if (k.namePrefix) steps.push(affixStep('prefix', k.namePrefix, tables.namePrefix));
  if (k.nameSuffix) steps.push(affixStep('suffix', k.nameSuffix, tables.nameSuffix));
  if (k.labels?.length || Object.keys(k.commonLabels ?? {}).length > 0) {
    for (const entry of k.labels ?? []) steps.push(labelsStep(entry.pairs ?? {}, labelSpecs(entry, tables)));
    steps.push(labelsStep(k.commonLabels ?? {}, tables.commonLabels));
  }
  if (Object.keys(k.commonAnnotations ?? {}).length > 0) {
    steps.push(annotationsStep(k.commonAnnotations!, tables.commonAnnotations));
  }
  for (const entry of k.patchesJson6902 ?? []) {
    add('PatchJson6902Transformer', { ...entry, patch: undefined }, () => json6902Step(entry, loader));
  }
  for (const entry of k.replicas ?? []) steps.push(replicasStep(entry, tables.replicas));
  for (const entry of k.images ?? []) steps.push(imageStep(entry, tables.images));
  if (k.replacements?.length) {
    const replacements = k.replacements;
    add('ReplacementTransformer', {}, () => replacementsStep(replacements, loader));
  }
  return steps;
}

/** Names the step and its configuration when it cannot be set up (KZE-305). */
export function configured<T>(kind: string, config: unknown, make: () => T): T {
  try {
    return make();
  } catch (error) {
    const inner = error instanceof KustomizeError ? error : undefined;
    throw new KustomizeError(
      `trouble configuring builtin ${kind} with config: \`\n${emitObject(JSON.parse(JSON.stringify(config)) as Plain)}\`: ${messageOf(error)}`,
      { code: inner?.code, file: inner?.file, line: inner?.line, cause: error },
    );
  }
}

const METADATA_LABELS = fieldSpec({ path: 'metadata/labels', create: true });

/** The fields that one entry of `labels` reaches (KZE-665). */
function labelSpecs(entry: LabelsEntry, tables: FieldTables): readonly FieldSpec[] {
  try {
    const own = mergeSpecs((entry.fields ?? []).map(fieldSpec), tables.labels);
    if (entry.includeSelectors) return mergeSpecs(own, tables.commonLabels);
    const withTemplates = entry.includeTemplates ? mergeSpecs(own, tables.templateLabels) : own;
    return mergeSpecs(withTemplates, [METADATA_LABELS]);
  } catch (error) {
    throw new KustomizeError(`failed to merge labels: ${messageOf(error)}`, { cause: error });
  }
}
