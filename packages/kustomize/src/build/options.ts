import { type IntegerMode } from '../yaml/data.ts';
import { type LoadRestriction } from './loader.ts';

/** The whole configuration of a build (KZE section 7). Everything but the signal and the callback is structured-cloneable. */
export interface BuildOptions {
  /** Default `rootOnly`; Flux builds use `none` over a confined file system (KZE-2). */
  loadRestriction?: LoadRestriction;
  /** Order when the file has no `sortOptions`: `legacy` and `unspecified` sort, the others do not. Default `none` (KZE-924). */
  reorder?: 'legacy' | 'unspecified' | 'none' | '';
  /** Adds `app.kubernetes.io/managed-by` to every object. Default false (KZE-912). */
  addManagedByLabel?: boolean;
  /** Keeps objects marked as local configuration. Default false (KZE-505). */
  includeLocalConfigs?: boolean;
  /** Whether a custom OpenAPI schema adds to the built-in one or replaces it. Default `extendBuiltins` (KZE-880). */
  openapiMode?: 'extendBuiltins' | 'replaceBuiltins';
  /** How integers beyond 2^53 leave the engine: rounded, or as bigint. Default `number`. */
  integers?: IntegerMode;
  /** Stops the build between steps. */
  signal?: AbortSignal;
  /** Called for every warning as it occurs; they are also in the result (KZE-403). */
  onWarning?: (warning: string) => void;
}

/** What a build gives: plain, structured-cloneable data. */
export interface BuildResult {
  /** The objects, in order. */
  objects: { [field: string]: unknown }[];
  warnings: string[];
}

/** The version whose behaviour and labels the engine reproduces. */
export const KUSTOMIZE_VERSION = 'v5.8.1';
