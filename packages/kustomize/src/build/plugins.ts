import { KustomizeError, prefixed } from '../errors.ts';
import { type ResourceList } from '../resource/list.ts';
import { idText } from '../resource/id.ts';
import { parseResources } from '../resource/parse.ts';
import { currentId, kindOf, nameOf, namespaceOf, type Resource } from '../resource/resource.ts';
import { toPlain } from '../yaml/data.ts';
import { metadataMap, setMetadataMap } from '../yaml/edit.ts';
import { copy, textAt } from '../yaml/node.ts';
import { accumulateResources, emptyAccumulation, type Accumulation, type RecordedStep } from './accumulate.ts';
import { GENERATOR_PLUGINS, TRANSFORMER_PLUGINS } from './builtins.ts';
import { ORIGIN_ANNOTATION, setOrigin, type Origin } from './origin.ts';
import { type Target } from './target.ts';

/** Configurations of plugins: inline documents, files or kustomizations (KZE-890). */
function pluginConfigs(target: Target, entries: readonly string[]): Resource[] {
  const into = emptyAccumulation();
  const paths: string[] = [];
  for (const entry of entries) {
    const inline = parseInline(entry);
    if (inline === undefined) {
      paths.push(entry);
      continue;
    }
    for (const resource of inline) {
      if (target.context.metadata.size > 0) setOrigin(resource, { path: target.file });
    }
    into.list.appendAll(inline);
  }
  accumulateResources(target, paths, into);
  return into.list.items;
}

function parseInline(entry: string): Resource[] | undefined {
  try {
    return parseResources(entry);
  } catch {
    return undefined;
  }
}

/** Only builtins run; anything else would be a program (KZE-891, KZE-974). */
function checkBuiltin(config: Resource): void {
  if (textAt(config.root, 'apiVersion') === 'builtin') return;
  throw new KustomizeError(`external plugins disabled; unable to load external plugin '${kindOf(config)}'`, {
    code: 'unsupported',
    ...config.place,
  });
}

/** Who the configuration says it is, for origins (KZE-915). */
function pluginOrigin(target: Target, config: Resource): Origin | undefined {
  const origin = metadataMap(config.root, 'annotations').get(ORIGIN_ANNOTATION);
  if (target.context.metadata.size === 0 || origin === undefined) return undefined;
  const configuredIn = /^path: (.*)$/m.exec(origin)?.[1] ?? /^configuredIn: (.*)$/m.exec(origin)?.[1];
  return {
    configuredIn,
    configuredBy: {
      apiVersion: textAt(config.root, 'apiVersion'),
      kind: kindOf(config),
      name: nameOf(config),
      namespace: namespaceOf(config),
    },
  };
}

/** What the `generators` of a target make. */
export function pluginGenerators(target: Target): Resource[] {
  return pluginConfigs(target, target.kustomization.generators ?? []).flatMap((config) => {
    checkBuiltin(config);
    const make = GENERATOR_PLUGINS[kindOf(config)];
    if (!make) throw unknown(config, 'generator', TRANSFORMER_PLUGINS);
    const resource = configure(config, () => make(target, toPlain(config.root) as Record<string, unknown>));
    const origin = pluginOrigin(target, config);
    if (origin) setOrigin(resource, origin);
    return [resource];
  });
}

/** The `transformers`, or the `validators`, of a target as steps. */
export function pluginSteps(target: Target, entries: readonly string[]): RecordedStep[] {
  return pluginConfigs(target, entries).flatMap((config) => {
    checkBuiltin(config);
    const make = TRANSFORMER_PLUGINS[kindOf(config)];
    if (!make) throw unknown(config, 'transformer', GENERATOR_PLUGINS);
    const steps = configure(config, () => make(target, toPlain(config.root) as Record<string, unknown>));
    const origin = pluginOrigin(target, config);
    // Several steps of one configuration leave one record.
    return [{ kind: kindOf(config), run: (list) => steps.forEach((step) => step.run(list)), origin }];
  });
}

function unknown(config: Resource, wanted: string, others: Record<string, unknown>): KustomizeError {
  const kind = kindOf(config);
  const message = Object.hasOwn(others, kind)
    ? `plugin ${idText(currentId(config))} not a ${wanted}`
    : `unable to load builtin ${kind}.builtin.[noGrp]`;
  return new KustomizeError(message, { ...config.place });
}

function configure<T>(config: Resource, make: () => T): T {
  try {
    return make();
  } catch (error) {
    throw prefixed(`plugin ${idText(currentId(config))} fails configuration`, error);
  }
}

const VALIDATED_BY = 'validated-by';

/** Validators may complain, and add one label, but change nothing (KZE-896). */
export function runValidators(target: Target, into: Accumulation): void {
  for (const validator of pluginSteps(target, target.kustomization.validators ?? [])) {
    const before = snapshot(into.list);
    validator.run(into.list);
    const after = snapshot(into.list);
    if (before.length !== after.length || before.some((text, i) => text !== after[i])) {
      throw new KustomizeError(`validator shouldn't modify the resource map: ${validator.kind} changed it`);
    }
  }
}

function snapshot(list: ResourceList): string[] {
  return list.items.map((resource) => {
    const root = copy(resource.root);
    const labels = metadataMap(root, 'labels');
    if (labels.delete(VALIDATED_BY)) setMetadataMap(root, 'labels', labels);
    return JSON.stringify(toPlain(root));
  });
}
