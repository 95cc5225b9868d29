import { type KubeObject } from '@gitops-toolkit/api';
import { SubstitutionError } from './errors.ts';

/** Label and annotation that exclude an object from substitution when their value is `disabled` (KUS-147). */
export const substituteKey = 'kustomize.toolkit.fluxcd.io/substitute';

/** The names a variable may have (KUS-146). */
export const variableNamePattern = /^[_A-Za-z][_A-Za-z0-9]*$/;

/** True when a label or an annotation excludes the object from substitution (KUS-147). */
export function isSubstitutionDisabled(object: KubeObject): boolean {
  const { labels, annotations } = object.metadata;
  return labels?.[substituteKey] === 'disabled' || annotations?.[substituteKey] === 'disabled';
}

/** @throws SubstitutionError when `name` cannot be a variable's name (KUS-146). */
export function assertVariableName(name: string): void {
  if (variableNamePattern.test(name)) return;
  throw new SubstitutionError(
    'invalid-variable-name',
    `'${name}' var name is invalid, must match '^[_[:alpha:]][_[:alpha:][:digit:]]*$'`,
    { variable: name },
  );
}

/**
 * Merges sets of variables, later ones overriding earlier ones (KUS-142), and removes every line feed from their
 * values (KUS-143).
 *
 * @throws SubstitutionError for an invalid name in any of the sets.
 */
export function mergeVariables(...sets: readonly Readonly<Record<string, string>>[]): Record<string, string> {
  const merged: Record<string, string> = Object.create(null);
  for (const set of sets) {
    for (const [name, value] of Object.entries(set)) {
      assertVariableName(name);
      merged[name] = value.replaceAll('\n', '');
    }
  }
  return merged;
}
