import { KustomizeError } from '../errors.ts';
import { fieldSpec, type FieldSpec } from '../fieldspec/types.ts';
import { generateConfigMap, generateSecret } from '../generate/generator.ts';
import { hashStep } from '../generate/hash.ts';
import { FIELD_SPEC, GENERATOR_FIELDS, IMAGE, REPLACEMENT, REPLICA, SELECTOR } from '../kustomization/fields.ts';
import {
  ANY,
  BOOLEAN,
  INTEGER,
  STRING,
  STRINGS,
  STRING_MAP,
  array,
  decode,
  struct,
  type Shape,
} from '../kustomization/shape.ts';
import {
  type GeneratorArgs,
  type ImageEntry,
  type PatchEntry,
  type ReplacementEntry,
  type ReplicaEntry,
  type Selector,
} from '../kustomization/types.ts';
import { makeResource, type Resource } from '../resource/resource.ts';
import { affixStep } from '../transform/affix.ts';
import { imageStep } from '../transform/images.ts';
import { annotationsStep, labelsStep } from '../transform/metadata.ts';
import { namespaceStep, type SubjectMode } from '../transform/namespace.ts';
import { json6902Step, patchStep, strategicMergeStep } from '../transform/patches.ts';
import { replacementsStep } from '../transform/replacements.ts';
import { replicasStep } from '../transform/replicas.ts';
import { type Step } from '../transform/step.ts';
import { readValueTargets, valueAddStep, type ValueTarget } from '../transform/value-add.ts';
import { fromPlain } from '../yaml/data.ts';
import { type Target } from './target.ts';

type Config = Record<string, unknown>;

const SPECS = { fieldSpecs: array(FIELD_SPEC) };

/** Plugin configurations ignore what they do not know (KZE-892). */
function read<T>(config: Config, fields: Record<string, Shape>): T {
  return (decode(config, struct(fields), { lenient: true }) ?? {}) as T;
}

function specs(input: { fieldSpecs?: Partial<FieldSpec>[] }): FieldSpec[] {
  return (input.fieldSpecs ?? []).map(fieldSpec);
}

const METADATA = struct({ name: STRING, namespace: STRING });
interface Metadata {
  metadata?: { name?: string; namespace?: string };
}

function generatorArgs(config: Config, extra: Record<string, Shape> = {}): GeneratorArgs {
  const { metadata, ...args } = read<GeneratorArgs & Metadata>(config, {
    ...GENERATOR_FIELDS,
    ...extra,
    metadata: METADATA,
  });
  const { env, ...rest } = args;
  return {
    ...rest,
    name: args.name || metadata?.name,
    namespace: args.namespace || metadata?.namespace,
    envs: env ? [...(args.envs ?? []), env] : args.envs,
  };
}

/** Builtin generators that `generators` may configure (KZE-891). */
export const GENERATOR_PLUGINS: Record<string, (target: Target, config: Config) => Resource> = {
  ConfigMapGenerator: ({ loader, context }, config) =>
    generateConfigMap({ loader, args: generatorArgs(config), scope: context.scope }),
  SecretGenerator: ({ loader, context }, config) =>
    generateSecret({ loader, args: generatorArgs(config, { type: STRING }), scope: context.scope }),
  IAMPolicyGenerator: ({ context }, config) => makeResource(iamServiceAccount(config), { scope: context.scope }),
  HelmChartInflationGenerator: () => {
    throw new KustomizeError('must specify --enable-helm (Helm charts are not inflated by this engine)', {
      code: 'unsupported',
    });
  },
};

/** KZE-894. */
function iamServiceAccount(config: Config): ReturnType<typeof fromPlain> {
  const account = struct({ name: STRING, namespace: STRING, projectId: STRING });
  const input = read<{
    cloud?: string;
    kubernetesService?: { name?: string; namespace?: string };
    serviceAccount?: { name?: string; projectId?: string };
  }>(config, { cloud: STRING, kubernetesService: account, serviceAccount: account });
  if (input.cloud !== 'gke')
    throw new KustomizeError(`cloud provider ${input.cloud ?? ''} not supported by iampolicygenerator`);
  const { name = '', namespace } = input.kubernetesService ?? {};
  const { serviceAccount = {} } = input;
  return fromPlain({
    apiVersion: 'v1',
    kind: 'ServiceAccount',
    metadata: {
      name,
      ...(namespace ? { namespace } : {}),
      annotations: {
        'iam.gke.io/gcp-service-account': `${serviceAccount.name ?? ''}@${serviceAccount.projectId ?? ''}.iam.gserviceaccount.com`,
      },
    },
  });
}

function affixes(config: Config, wanted: readonly ('prefix' | 'suffix')[]): Step[] {
  const input = read<{ prefix?: string; suffix?: string; fieldSpecs?: FieldSpec[] }>(config, {
    prefix: STRING,
    suffix: STRING,
    ...SPECS,
  });
  if (input.fieldSpecs === undefined) throw new KustomizeError('fieldSpecs is not expected to be nil');
  return wanted.map((where) => affixStep(where, input[where] ?? '', specs(input)));
}

const SUBJECT_MODES: readonly string[] = ['defaultOnly', 'allServiceAccounts', 'none'];

function namespaceSteps(config: Config): Step[] {
  const input = read<Metadata & { fieldSpecs?: FieldSpec[]; unsetOnly?: boolean; setRoleBindingSubjects?: string }>(
    config,
    {
      metadata: METADATA,
      ...SPECS,
      unsetOnly: BOOLEAN,
      setRoleBindingSubjects: STRING,
    },
  );
  const subjects = input.setRoleBindingSubjects || 'defaultOnly';
  if (!SUBJECT_MODES.includes(subjects)) {
    throw new KustomizeError(
      `invalid value "${subjects}" for setRoleBindingSubjects: must be one of "defaultOnly", "none" or "allServiceAccounts"`,
    );
  }
  return [
    namespaceStep({
      namespace: input.metadata?.namespace ?? '',
      fieldSpecs: specs(input),
      unsetOnly: input.unsetOnly,
      subjects: subjects as SubjectMode,
    }),
  ];
}

const PATCH_FIELDS = {
  path: STRING,
  patch: STRING,
  target: SELECTOR,
  options: struct({ allowNameChange: BOOLEAN, allowKindChange: BOOLEAN }),
};

/** Builtin transformers that `transformers` and `validators` may configure (KZE-891, KZE-892). */
export const TRANSFORMER_PLUGINS: Record<string, (target: Target, config: Config) => Step[]> = {
  AnnotationsTransformer: (_, config) => {
    const input = read<{ annotations?: Record<string, string>; fieldSpecs?: FieldSpec[] }>(config, {
      annotations: STRING_MAP,
      ...SPECS,
    });
    return [annotationsStep(input.annotations ?? {}, specs(input))];
  },
  HashTransformer: () => [hashStep],
  ImageTagTransformer: (_, config) => {
    const input = read<{ imageTag?: ImageEntry; fieldSpecs?: FieldSpec[] }>(config, { imageTag: IMAGE, ...SPECS });
    return [imageStep(input.imageTag ?? {}, specs(input))];
  },
  LabelTransformer: (_, config) => {
    const input = read<{ labels?: Record<string, string>; fieldSpecs?: FieldSpec[] }>(config, {
      labels: STRING_MAP,
      ...SPECS,
    });
    return [labelsStep(input.labels ?? {}, specs(input))];
  },
  NamespaceTransformer: (_, config) => namespaceSteps(config),
  PatchJson6902Transformer: ({ loader }, config) => {
    const input = read<{ target?: Selector; path?: string; jsonOp?: string }>(config, {
      target: SELECTOR,
      path: STRING,
      jsonOp: STRING,
    });
    return [json6902Step({ target: input.target, path: input.path, patch: input.jsonOp }, loader)];
  },
  PatchStrategicMergeTransformer: ({ loader, context }, config) => {
    const input = read<{ paths?: string[]; patches?: string }>(config, { paths: STRINGS, patches: STRING });
    return [strategicMergeStep(input.paths ?? [], loader, context, input.patches)];
  },
  PatchTransformer: ({ loader, context }, config) => [
    patchStep(read<PatchEntry>(config, PATCH_FIELDS), loader, context),
  ],
  PrefixTransformer: (_, config) => affixes(config, ['prefix']),
  SuffixTransformer: (_, config) => affixes(config, ['suffix']),
  PrefixSuffixTransformer: (_, config) => affixes(config, ['prefix', 'suffix']),
  ReplacementTransformer: ({ loader }, config) => {
    const input = read<{ replacements?: ReplacementEntry[] }>(config, { replacements: array(REPLACEMENT) });
    return [replacementsStep(input.replacements ?? [], loader)];
  },
  ReplicaCountTransformer: (_, config) => {
    const input = read<{ replica?: ReplicaEntry; fieldSpecs?: FieldSpec[] }>(config, { replica: REPLICA, ...SPECS });
    return [replicasStep(input.replica ?? {}, specs(input))];
  },
  ValueAddTransformer: ({ loader }, config) => {
    const target = struct({ selector: SELECTOR, fieldPath: STRING, filePathPosition: INTEGER });
    const input = read<{ value?: string; targets?: ValueTarget[]; targetFilePath?: string }>(config, {
      value: STRING,
      targets: array(target),
      targetFilePath: STRING,
      metadata: ANY,
    });
    const more = input.targetFilePath ? readValueTargets(loader, input.targetFilePath, target) : [];
    return [valueAddStep(input.value ?? '', [...(input.targets ?? []), ...more], loader)];
  },
};
