import { type Plain } from '../yaml/data.ts';
import { emitObject } from './emit.ts';

/**
 * The text that `kustomize build` prints for these objects: sorted keys, documents joined by `---` (KZE-930).
 * No objects give the empty string.
 */
export function toYaml(objects: readonly object[]): string {
  return objects.map((object) => emitObject(object as Plain)).join('---\n');
}
