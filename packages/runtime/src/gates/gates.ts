/** Feature gates of a process, fixed for its lifetime (RTM-426). */
export interface FeatureGates {
  /** Throws {@link UnknownGateError} for a gate that the controller does not declare (RTM-566). */
  enabled(name: string): boolean;
}

/** A gate that this controller does not have. */
export class UnknownGateError extends Error {
  constructor(name: string, known: string[]) {
    super(`feature gate '${name}' is not supported; supported gates: ${known.join(', ') || 'none'}`);
    this.name = 'UnknownGateError';
  }
}

/**
 * Gates with their declared defaults, overlaid with settings of the form `A=true,B=false`, later ones winning.
 *
 * @throws UnknownGateError a setting names an undeclared gate
 * @throws TypeError a setting is not `name=bool`
 */
export function featureGates(defaults: Record<string, boolean>, settings: Record<string, boolean> = {}): FeatureGates {
  const known = Object.keys(defaults);
  const values = new Map(Object.entries(defaults));
  for (const [name, value] of Object.entries(settings)) {
    if (!values.has(name)) throw new UnknownGateError(name, known);
    values.set(name, value);
  }
  return {
    enabled(name) {
      const value = values.get(name);
      if (value === undefined) throw new UnknownGateError(name, known);
      return value;
    },
  };
}
