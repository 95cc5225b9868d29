/** Defaults of built-in kinds, by `group/Kind`. */
import type { KubeJson } from '../../object/json.ts';
import { configDefaults } from './config.ts';
import { networkDefaults } from './network.ts';
import { workloadDefaults } from './workloads.ts';

/** Fills in defaults, in place. */
export type Defaulter = (object: KubeJson, old: KubeJson | undefined) => void;

const defaulters: Record<string, Defaulter> = { ...workloadDefaults, ...configDefaults, ...networkDefaults };

export function defaultsOf(id: string): Defaulter {
  return defaulters[id] ?? (() => undefined);
}
