import { KustomizeError } from '../errors.ts';
import { builtinSchema } from '../patch/schema/builtin.ts';
import { type SchemaLookup } from '../patch/schema/types.ts';
import { type ScopeLookup } from '../resource/scope.ts';
import { type BuildOptions } from './options.ts';

/** State of one build: nothing is shared between builds (KZE-1). */
export interface BuildContext {
  options: BuildOptions;
  warnings: string[];
  /** `buildMetadata` of the top level, which holds for the whole tree (KZE-501). */
  metadata: ReadonlySet<string>;
  /** Set by the first `openapi` met (KZE-882). */
  customSchema: { lookup: SchemaLookup; scope: ScopeLookup } | undefined;
  /** How lists of a type merge. */
  schema: SchemaLookup;
  scope: ScopeLookup;
}

export function buildContext(options: BuildOptions): BuildContext {
  const context: BuildContext = {
    options,
    warnings: [],
    metadata: new Set(),
    customSchema: undefined,
    schema: (apiVersion, kind) => {
      const custom = context.customSchema;
      if (custom === undefined) return builtinSchema(apiVersion, kind);
      const found = custom.lookup(apiVersion, kind);
      if (found !== undefined || options.openapiMode === 'replaceBuiltins') return found;
      return builtinSchema(apiVersion, kind);
    },
    scope: (apiVersion, kind) => context.customSchema?.scope(apiVersion, kind),
  };
  return context;
}

export function warn(context: BuildContext, warning: string): void {
  context.warnings.push(warning);
  context.options.onWarning?.(warning);
}

/** @throws {KustomizeError} `aborted` once the caller's signal is. */
export function checkAborted(context: BuildContext): void {
  const signal = context.options.signal;
  if (signal?.aborted) {
    throw new KustomizeError('the build was cancelled', { code: 'aborted', cause: signal.reason });
  }
}
