/** A reference to something that has to be ready first (RTM-23). */
export interface DependencyReference {
  namespace?: string;
  name: string;
  /** CEL over `self` and `dep`. */
  readyExpr?: string;
}

/** Parses `[<ns>/]<name>[@<CEL>]`, splitting at the first `@`, then at the first `/` (RTM-41, RTM-518). */
export function parseDependency(text: string): DependencyReference {
  const at = text.indexOf('@');
  const object = at < 0 ? text : text.slice(0, at);
  const slash = object.indexOf('/');
  return {
    ...(slash < 0 ? {} : { namespace: object.slice(0, slash) }),
    name: object.slice(slash + 1),
    ...(at < 0 ? {} : { readyExpr: text.slice(at + 1) }),
  };
}

/** The inverse of {@link parseDependency}. */
export function formatDependency({ namespace, name, readyExpr }: DependencyReference): string {
  return `${namespace ? `${namespace}/` : ''}${name}${readyExpr ? `@${readyExpr}` : ''}`;
}
