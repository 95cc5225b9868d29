/**
 * Declares every selected suite to Node's test runner, once per kind of control plane. The runner imports this file
 * itself, in the process of `main.ts`, which has left the selection in `session` before.
 */
import { after, before, describe, it, type TestContext } from 'node:test';
import { ControlPlaneUnavailableError } from '../../control-plane/binaries.ts';
import { startControlPlane, type ControlPlane, type ControlPlaneKind } from '../control-planes/index.ts';
import { openContext, type OpenContext } from './context.ts';
import { session } from './session.ts';
import type { Case, Suite } from './suite.ts';

const defaultTimeoutMs = 60_000;
const defaultSetupTimeoutMs = 120_000;
/** Time to start a control plane, on top of what the suite's own setup takes; the first start may build one. */
const startTimeoutMs = 50 * 60_000;

for (const kind of session.options.kinds) {
  for (const suite of session.suites) describe(`${suite.name} on ${kind}`, () => declare(suite, kind));
}

function declare(suite: Suite, kind: ControlPlaneKind): void {
  const { options } = session;
  let plane: ControlPlane | undefined;
  let unavailable: string | undefined;
  let suiteContext: OpenContext | undefined;
  let shared: unknown;

  before(
    async () => {
      try {
        plane = await startControlPlane(kind, {
          kubeconfig: options.kubeconfig,
          signal: session.signal,
          log: session.log,
        });
      } catch (error) {
        if (options.strict || !(error instanceof ControlPlaneUnavailableError)) throw error;
        unavailable = error.message;
        return;
      }
      const signal = AbortSignal.any([
        session.signal,
        AbortSignal.timeout(suite.options.setupTimeoutMs ?? defaultSetupTimeoutMs),
      ]);
      suiteContext = await openContext({ plane, name: suite.name, signal, note: session.log, keep: options.keep });
      try {
        shared = await suite.options.setup?.(suiteContext.context);
      } catch (error) {
        throw await suiteContext.explain(error);
      }
    },
    { timeout: startTimeoutMs },
  );
  after(async () => {
    await suiteContext?.close();
    await plane?.stop();
  });

  for (const one of suite.cases) {
    if (options.match !== undefined && !one.name.includes(options.match)) continue;
    it(one.name, { timeout: one.timeoutMs ?? defaultTimeoutMs }, async (test) => {
      const reason = unavailable ?? one.notOn?.[kind];
      if (reason !== undefined) test.skip(reason);
      else await runCase(one, plane as ControlPlane, test, shared);
    });
  }
}

async function runCase(one: Case<unknown>, plane: ControlPlane, test: TestContext, shared: unknown): Promise<void> {
  const opened = await openContext({
    plane,
    name: 'case',
    signal: AbortSignal.any([test.signal, session.signal]),
    note: (line) => test.diagnostic(line),
    keep: session.options.keep,
  });
  try {
    await one.run(opened.context, shared);
  } catch (error) {
    throw await opened.explain(error);
  } finally {
    await opened.close();
  }
}
