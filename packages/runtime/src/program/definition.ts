import type { CommonFlagValues } from '../flags/common.ts';
import type { FlagSet, FlagValues } from '../flags/flag.ts';
import type { Manager } from '../manager/types.ts';

/** How a controller's common flags differ from {@link commonFlags}. */
export interface CommonFlagChanges {
  /** Other defaults: `{ concurrent: 2 }`. */
  defaults?: Partial<CommonFlagValues>;
  /** Variables that replace a default: `{ 'metrics-addr': 'METRICS_ADDR' }`. */
  env?: Partial<Record<keyof CommonFlagValues, string>>;
  /** Flags this controller does not have; giving one is an error, its value is the default. */
  omit?: (keyof CommonFlagValues)[];
}

/** A controller program, as one object literal. */
export interface ProgramDefinition<F extends FlagSet = Record<never, never>> {
  /** `kustomize-controller`: lease name, event source, metric and log name. */
  name: string;
  /** Default: `name` (RTM-186). */
  fieldManager?: string;
  version?: string;
  common?: CommonFlagChanges;
  /**
   * What `--events-addr` is: where to post events (default), or the program's own listen address, as for the
   * notification controller (RTM-348).
   */
  eventsAddr?: 'post' | 'listen';
  /** Flags of its own. */
  flags?: F;
  /** Gates with their defaults. */
  featureGates?: Record<string, boolean>;
  /** Milliseconds to wait for running reconciles on shutdown; default 30 000 (RTM-268). */
  gracePeriodMs?: number | ((flags: ProgramFlags<F>) => number);
  /** Adds controllers and services. A {@link ConfigurationError} thrown here ends the program with exit code 1. */
  setup(manager: Manager, flags: ProgramFlags<F>): void | Promise<void>;
}

/** Values of common and own flags. */
export type ProgramFlags<F extends FlagSet> = CommonFlagValues & FlagValues<F>;

/** The program cannot start as configured (RTM-267): exit code 1. */
export class ConfigurationError extends Error {
  constructor(message: string, options?: ErrorOptions) {
    super(message, options);
    this.name = 'ConfigurationError';
  }
}
