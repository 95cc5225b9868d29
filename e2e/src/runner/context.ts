/** Makes and unmakes the context of one case or suite. */
import { join } from 'node:path';
import type { ControlPlane } from '../control-planes/index.ts';
import { scratchFolder, startProgram, type Program } from '../processes/index.ts';
import type { Context } from './suite.ts';

export interface OpenContext {
  context: Context;
  /** The error with the ends of the logs of the programs that this context started. */
  explain(error: unknown): Promise<unknown>;
  close(): Promise<void>;
}

interface Opening {
  plane: ControlPlane;
  name: string;
  signal: AbortSignal;
  note: (line: string) => void;
  keep: boolean;
}

export async function openContext({ plane, name, signal, note, keep }: Opening): Promise<OpenContext> {
  const scratch = await scratchFolder(name, { keep });
  const programs: Program[] = [];
  const actions: (() => Promise<unknown> | unknown)[] = [];

  const context: Context = {
    controlPlane: plane,
    folder: scratch.path,
    signal,
    async start(spec) {
      const program = await startProgram({ ...spec, logFile: join(scratch.path, `${spec.name}.log`) });
      programs.push(program);
      return program;
    },
    cleanUp: (action) => void actions.push(action),
    note,
  };

  return {
    context,
    async explain(error) {
      const tails = await Promise.all(
        programs.map(async (program) => `--- ${program.name} ---\n${await program.logTail()}`),
      );
      if (tails.length > 0 && error instanceof Error) error.message += `\n${tails.join('\n')}`;
      return error;
    },
    async close() {
      const failures: unknown[] = [];
      for (const action of actions.reverse()) {
        try {
          await action();
        } catch (error) {
          failures.push(error);
        }
      }
      await Promise.all(programs.map((program) => program.stop()));
      if (keep) note(`files kept in ${scratch.path}`);
      else await scratch.remove();
      if (failures.length > 0) throw new AggregateError(failures, 'cleaning up failed');
    },
  };
}
