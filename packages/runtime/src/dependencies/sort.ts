import { keyText, type ObjectKey } from '@gitops-toolkit/api';

/** An object and what has to come before it. */
export interface Dependent extends ObjectKey {
  /** Without a namespace: that of the dependent (RTM-226). */
  dependsOn?: { namespace?: string; name: string }[];
}

/** The dependencies go round in a circle. */
export class CircularDependencyError extends Error {
  /** The objects on the circle, the first one again at the end. */
  readonly path: string[];

  constructor(path: string[]) {
    super(`circular dependency detected: ${path.join(' -> ')}`);
    this.name = 'CircularDependencyError';
    this.path = path;
  }
}

/**
 * The objects, each after those it depends on; otherwise in the order given. References to objects that are not among
 * them are ignored (RTM-226).
 *
 * @throws CircularDependencyError
 */
export function sortByDependency(objects: Dependent[]): ObjectKey[] {
  const byKey = new Map(objects.map((object) => [keyText(object), object]));
  const done = new Set<string>();
  const sorted: ObjectKey[] = [];

  for (const root of byKey.keys()) {
    // The path from the root, with the references still to follow; a loop, because chains may be long.
    const path: { key: string; rest: string[] }[] = [];
    const enter = (key: string) =>
      path.push({ key, rest: dependenciesOf(byKey.get(key)!).filter((k) => byKey.has(k)) });
    if (!done.has(root)) enter(root);
    while (path.length > 0) {
      const { key, rest } = path.at(-1)!;
      const next = rest.shift();
      if (next === undefined) {
        const { namespace, name } = byKey.get(key)!;
        sorted.push({ namespace, name });
        done.add(key);
        path.pop();
      } else if (!done.has(next)) {
        const start = path.findIndex((step) => step.key === next);
        if (start >= 0) throw new CircularDependencyError([...path.slice(start).map((step) => step.key), next]);
        enter(next);
      }
    }
  }
  return sorted;
}

function dependenciesOf({ namespace, dependsOn = [] }: Dependent): string[] {
  return dependsOn.map((ref) => keyText({ namespace: ref.namespace || namespace, name: ref.name }));
}
