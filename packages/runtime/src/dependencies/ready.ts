import type { KubeObject } from '@gitops-toolkit/api';
import { conditionsOf, isTrue, READY } from '../conditions/set.ts';

/** The built-in check of a dependency: it has conditions, its generation was observed, and Ready is True (RTM-220). */
export function isDependencyReady(dependency: KubeObject): boolean {
  const { observedGeneration } = (dependency as { status?: { observedGeneration?: number } }).status ?? {};
  return (
    conditionsOf(dependency).length > 0 &&
    observedGeneration === dependency.metadata.generation &&
    isTrue(dependency, READY)
  );
}
