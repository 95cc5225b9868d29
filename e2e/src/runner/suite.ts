/** How a suite is written: a name, cases, and what they share. */
import type { ControlPlane, ControlPlaneKind } from '../control-planes/index.ts';
import type { Program, ProgramSpec } from '../processes/index.ts';

/** What a case (or a suite's setup) is given. All of it ends with the case (or the suite). */
export interface Context {
  /** The API server to test against; see `controlPlane.kubeconfig`. */
  controlPlane: ControlPlane;
  /** A temporary folder; kept and named in the output when `--keep` is given. */
  folder: string;
  /** Aborted when the deadline passes or the run is cancelled. */
  signal: AbortSignal;
  /** Starts a program; its log goes to `<folder>/<name>.log`, and the log's end is shown when the case fails. */
  start(spec: Omit<ProgramSpec, 'logFile'>): Promise<Program>;
  /** Called at the end of the case (or suite), latest first, also after a failure. */
  cleanUp(action: () => Promise<unknown> | unknown): void;
  /** A line in the report. */
  note(line: string): void;
}

export interface Case<Shared> {
  /** Starts with the numbers of the statements that it really checks, for instance `SRC-12, SRC-14: …`. */
  name: string;
  /** Default 60,000. */
  timeoutMs?: number;
  /** Kinds of control plane on which the case makes no sense, each with the reason. */
  notOn?: Partial<Record<ControlPlaneKind, string>>;
  run(context: Context, shared: Shared): Promise<void>;
}

export interface SuiteOptions<Shared> {
  /** Runs once before the cases; what it returns is handed to each of them. Default deadline 120,000 ms. */
  setup?(context: Context): Promise<Shared>;
  setupTimeoutMs?: number;
}

export interface Suite {
  name: string;
  cases: Case<unknown>[];
  options: SuiteOptions<unknown>;
}

/**
 * Declares a suite. Its cases run one after another, in order, against one control plane that is started for this suite
 * alone; a case may build on what an earlier one left behind.
 */
export function suite<Shared = undefined>(
  name: string,
  cases: Case<Shared>[],
  options: SuiteOptions<Shared> = {},
): Suite {
  // The runner hands `setup`'s own result back to the cases and never looks into it.
  return { name, cases: cases as Case<unknown>[], options: options as SuiteOptions<unknown> };
}
