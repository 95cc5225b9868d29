/** Dependencies as text, the way people write them on a command line (RTM-41). */
import type { DependencyReference } from '../fields/shared.ts';

/** `[<namespace>/]<name>[@<CEL>]`. */
export function dependencyText(dependency: DependencyReference): string {
  const namespace = dependency.namespace ? `${dependency.namespace}/` : '';
  const readyExpr = dependency.readyExpr ? `@${dependency.readyExpr}` : '';
  return `${namespace}${dependency.name}${readyExpr}`;
}

/** The dependency that `dependencyText` wrote. The expression begins after the first `@`, whatever is in it. */
export function parseDependency(text: string): DependencyReference {
  const at = text.indexOf('@');
  const key = at < 0 ? text : text.slice(0, at);
  const slash = key.indexOf('/');
  return {
    ...(slash < 0 ? {} : { namespace: key.slice(0, slash) }),
    name: key.slice(slash + 1),
    ...(at < 0 ? {} : { readyExpr: text.slice(at + 1) }),
  };
}
