import { KustomizeError, messageOf, prefixed } from '../errors.ts';
import { joinPath } from '../filesystem/path.ts';
import { NO_TABLES } from '../fieldspec/defaults.ts';
import { mergeTables } from '../fieldspec/merge.ts';
import { type FieldTables } from '../fieldspec/types.ts';
import { absorb } from '../generate/absorb.ts';
import { generateConfigMap, generateSecret } from '../generate/generator.ts';
import { type GeneratorArgs, type VarEntry } from '../kustomization/types.ts';
import { ResourceList } from '../resource/list.ts';
import { parseResources } from '../resource/parse.ts';
import { type Resource } from '../resource/resource.ts';
import { bindVars, mergeVars } from '../reference/vars.ts';
import { type Step } from '../transform/step.ts';
import { configurationTables } from './configurations.ts';
import { crdTables } from './crds.ts';
import { checkAborted } from './context.ts';
import { childLoader, loadText } from './loader.ts';
import { loadOpenApi } from './openapi.ts';
import {
  ORIGIN_ANNOTATION,
  builtinOrigin,
  fileOrigin,
  hasOrigin,
  originText,
  recordStep,
  setOrigin,
  type Origin,
} from './origin.ts';
import { pluginGenerators, pluginSteps, runValidators } from './plugins.ts';
import { builtinSteps } from './steps.ts';
import { loadTarget, type Target } from './target.ts';
import { metadataMap, setMetadataMap } from '../yaml/edit.ts';

/** What a target has gathered so far: objects, tables and vars (KZE-500, KZE-501). */
export interface Accumulation {
  list: ResourceList;
  tables: FieldTables;
  vars: VarEntry[];
}

export function emptyAccumulation(): Accumulation {
  return { list: new ResourceList(), tables: NO_TABLES, vars: [] };
}

/** A transformer with what is recorded of it when origins are wanted. */
export interface RecordedStep extends Step {
  origin?: Origin;
}

/** Builds one target, bases and components included, into `into` (KZE-500). */
export function accumulate(target: Target, into: Accumulation = emptyAccumulation()): Accumulation {
  const { kustomization: k } = target;
  step('accumulating resources', () => accumulateResources(target, k.resources ?? [], into));
  into.tables = mergeTables(into.tables, configurationTables(target.loader, k.configurations ?? []));
  into.tables = step(`loading CRDs [${(k.crds ?? []).join(' ')}]`, () =>
    crdTables(target.loader, k.crds ?? [], into.tables),
  );
  runGenerators(target, into);
  step('accumulating components', () => accumulateComponents(target, k.components ?? [], into));
  runTransformers(target, into);
  runValidators(target, into);
  step(`merging vars [${(k.vars ?? []).map((v) => v.name).join(' ')}]`, () => {
    bindVars(into.list, k.vars ?? [], target.context.scope);
    into.vars = mergeVars(into.vars, k.vars ?? []);
  });
  return into;
}

function step<T>(what: string, run: () => T): T {
  try {
    return run();
  } catch (error) {
    throw prefixed(what, error);
  }
}

/** Every entry is tried as a file, then as a directory (KZE-520, KZE-300 to KZE-303). */
export function accumulateResources(target: Target, entries: readonly string[], into: Accumulation): void {
  for (const entry of entries) {
    checkAborted(target.context);
    const failure = accumulateFile(target, entry, into);
    if (failure !== undefined) accumulateBase(target, entry, into, failure);
  }
}

function accumulateFile(target: Target, entry: string, into: Accumulation): KustomizeError | undefined {
  const { loader, context } = target;
  let resources: Resource[];
  try {
    resources = parseResources(loadText(loader, entry), { file: joinPath(target.path, entry), scope: context.scope });
  } catch (error) {
    return prefixed(`accumulating resources from '${entry}'`, error);
  }
  if (context.metadata.size > 0)
    for (const resource of resources) annotateOrigin(resource, fileOrigin(target.path, entry));
  try {
    new ResourceList().appendAll(resources);
    into.list.appendAll(resources);
  } catch (error) {
    return prefixed(`merging resources from '${entry}'`, error);
  }
  return undefined;
}

function annotateOrigin(resource: Resource, origin: Origin): void {
  const annotations = metadataMap(resource.root, 'annotations');
  setMetadataMap(resource.root, 'annotations', annotations.set(ORIGIN_ANNOTATION, originText(origin)));
}

function accumulateBase(target: Target, entry: string, into: Accumulation, fileFailure: KustomizeError): void {
  const wrap = (error: unknown) => {
    const inner = error instanceof KustomizeError ? error : undefined;
    // The reason that helps is the file's when it was read, the directory's when it is one.
    const place = fileFailure.line !== undefined ? fileFailure : inner;
    return new KustomizeError(`accumulation err='${fileFailure.message}': ${messageOf(error)}`, {
      code: inner?.code === 'not-found' ? fileFailure.code : inner?.code,
      file: place?.file,
      line: place?.line,
      cause: error,
    });
  };
  let loader;
  try {
    loader = childLoader(target.loader, entry);
  } catch (error) {
    if (fileFailure.code === 'malformed-yaml') throw fileFailure;
    throw wrap(error);
  }
  try {
    const base = loadChild(target, loader, entry, 'Kustomization');
    const built = recursed(base, () => accumulate(base));
    mergeAccumulation(into, built, base);
  } catch (error) {
    throw wrap(error);
  }
}

function accumulateComponents(target: Target, entries: readonly string[], into: Accumulation): void {
  for (const entry of entries) {
    checkAborted(target.context);
    let loader;
    try {
      loader = childLoader(target.loader, entry);
    } catch (error) {
      throw quoted('loader.New', error);
    }
    try {
      const component = loadChild(target, loader, entry, 'Component');
      recursed(component, () => accumulate(component, into));
    } catch (error) {
      throw quoted('accumulateDirectory:', error);
    }
  }
}

function quoted(what: string, error: unknown): KustomizeError {
  const inner = error instanceof KustomizeError ? error : undefined;
  return new KustomizeError(`${what} ${JSON.stringify(messageOf(error))}`, {
    code: inner?.code,
    file: inner?.file,
    line: inner?.line,
    cause: error,
  });
}

function loadChild(
  parent: Target,
  loader: Target['loader'],
  entry: string,
  kind: 'Kustomization' | 'Component',
): Target {
  let child: Target;
  try {
    child = loadTarget(loader, parent.context, joinPath(parent.path, entry));
  } catch (error) {
    throw prefixed(`couldn't make target for path '${loader.root}'`, error);
  }
  loadOpenApi(child);
  const found = child.kustomization.kind!;
  if (kind === 'Component' && found !== 'Component') {
    throw new KustomizeError(`expected kind 'Component' for path '${loader.root}' but got '${found}'`);
  }
  if (kind !== 'Component' && found === 'Component') {
    throw new KustomizeError(`expected kind != 'Component' for path '${loader.root}'`);
  }
  return child;
}

function recursed<T>(target: Target, run: () => T): T {
  return step(`recursed accumulation of path '${target.loader.root}'`, run);
}

function mergeAccumulation(into: Accumulation, built: Accumulation, base: Target): void {
  step(`recursed merging from path '${base.loader.root}'`, () => {
    into.list.appendAll(built.list.items);
    into.tables = into.tables === NO_TABLES ? built.tables : mergeTables(into.tables, built.tables);
    into.vars = mergeVars(into.vars, built.vars);
  });
}

function runGenerators(target: Target, into: Accumulation): void {
  const { kustomization: k, loader, context } = target;
  if (k.helmCharts?.length || k.helmChartInflationGenerator?.length) {
    throw new KustomizeError(
      'trouble configuring builtin HelmChartInflationGenerator: must specify --enable-helm (Helm charts are not inflated by this engine)',
      { code: 'unsupported', file: target.file },
    );
  }
  const run = (kind: string, args: GeneratorArgs, generate: typeof generateConfigMap) => {
    const resource = generate({ loader, args, defaults: k.generatorOptions, scope: context.scope });
    if (context.metadata.size > 0 && !hasOrigin(resource)) setOrigin(resource, builtinOrigin(target.file, kind));
    step(`merging from generator ${kind} ${args.name}`, () => absorb(into.list, resource, ORIGIN_ANNOTATION));
  };
  for (const args of k.configMapGenerator ?? []) run('ConfigMapGenerator', args, generateConfigMap);
  for (const args of k.secretGenerator ?? []) run('SecretGenerator', args, generateSecret);
  for (const resource of pluginGenerators(target)) {
    step('merging from generator', () => absorb(into.list, resource, ORIGIN_ANNOTATION));
  }
}

function runTransformers(target: Target, into: Accumulation): void {
  const recorded = target.context.metadata.size > 0;
  const steps: RecordedStep[] = builtinSteps(target, into.tables).map((builtin) =>
    recorded ? { ...builtin, origin: builtinOrigin(target.file, builtin.kind) } : builtin,
  );
  steps.push(...pluginSteps(target, target.kustomization.transformers ?? []));
  for (const { run, origin } of steps) {
    checkAborted(target.context);
    run(into.list);
    into.list.dropEmpty();
    if (origin) recordStep(into.list, origin);
  }
}
