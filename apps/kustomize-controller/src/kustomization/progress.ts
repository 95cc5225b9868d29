import type { Kustomization } from '@gitops-toolkit/api';
import { READY, type ReconcileContext } from '@gitops-toolkit/runtime';

/** Says what a run is doing, once it does something. */
export interface Progress {
  /** Stores a step in the status, or remembers it while the run is quiet (KUS-46…48). */
  step(message: string, mark?: () => void): Promise<void>;
  /** Ends the quiet: something differs, so people get to see what is going on. */
  speak(): Promise<void>;
  /** Ends the quiet on the object only; for a run that has failed and stores its object anyway. */
  admit(): void;
  /** True while the run has found nothing to do. */
  readonly quiet: boolean;
}

/**
 * Progress of a run. A run by the timer on an object that is Ready begins quietly: when it finds everything in place it
 * writes nothing at all; as soon as it finds something to do, it catches up.
 */
export function createProgress(ctx: ReconcileContext<Kustomization>, startQuiet: boolean): Progress {
  let quiet = startQuiet;
  let last: { message: string; mark?: () => void } | undefined;

  const show = () => {
    quiet = false;
    if (!last) return;
    ctx.conditions.markReconciling('Progressing', last.message);
    ctx.conditions.markUnknown(READY, 'Progressing', 'Reconciliation in progress');
    last.mark?.();
  };
  return {
    get quiet() {
      return quiet;
    },
    async step(message, mark) {
      last = { message, mark };
      if (quiet) return;
      show();
      await ctx.patchStatus();
    },
    async speak() {
      if (!quiet) return;
      show();
      await ctx.patchStatus();
    },
    admit() {
      if (quiet) show();
    },
  };
}
