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
  const cases = suite.cases.filter(({ name }) => options.match === undefined || name.includes(options.match));
  if (cases.length === 0) return;
  let plane: ControlPlane | undefined;
  let suiteContext: OpenContext | undefined;
  let shared: unknown;
  /** Why no case can run: shown as the failure of the first one. */
  let failure: unknown;
  let unavailable: string | undefined;

  async function setUp(): Promise<void> {
    const { signal, log } = session;
    plane = await startControlPlane(kind, { kubeconfig: options.kubeconfig, signal, log });
    const deadline = AbortSignal.timeout(suite.options.setupTimeoutMs ?? defaultSetupTimeoutMs);
    suiteContext = await openContext({
      plane,
      name: suite.name,
      signal: AbortSignal.any([signal, deadline]),
      note: log,
      keep: options.keep,
    });
    try {
      shared = await suite.options.setup?.(suiteContext.context);
    } catch (error) {
      throw await suiteContext.explain(error);
    }
  }

  before(
    () =>
      setUp().catch((error: unknown) => {
        if (error instanceof ControlPlaneUnavailableError && !options.strict) unavailable = error.message;
        else failure = error;
      }),
    { timeout: startTimeoutMs },
  );
  after(async () => {
    await suiteContext?.close();
    await plane?.stop();
  });

  for (const one of cases) {
    it(one.name, { timeout: one.timeoutMs ?? defaultTimeoutMs }, async (test) => {
      const reason = unavailable ?? one.notOn?.[kind];
      if (reason !== undefined) test.skip(reason);
      else if (failure === undefined) await runCase(one, plane as ControlPlane, test, shared, suiteContext);
      else if (one === cases[0]) throw failure;
      else test.skip('the suite could not start');
    });
  }
}

async function runCase(
  one: Case<unknown>,
  plane: ControlPlane,
  test: TestContext,
  shared: unknown,
  suiteContext: OpenContext | undefined,
): Promise<void> {
  session.signal.throwIfAborted();
  const signal = AbortSignal.any([test.signal, session.signal]);
  const opened = await openContext({
    plane,
    name: 'case',
    signal,
    note: (line) => test.diagnostic(line),
    keep: session.options.keep,
  });
  try {
    // A case that does not look at its signal must not hold up the end of a cancelled run.
    await Promise.race([one.run(opened.context, shared), aborted(signal)]);
  } catch (error) {
    if (error instanceof ControlPlaneUnavailableError && !session.options.strict) return test.skip(error.message);
    await suiteContext?.explain(error);
    throw await opened.explain(error);
  } finally {
    await opened.close();
  }
}

function aborted(signal: AbortSignal): Promise<never> {
  return new Promise((_, fail) => {
    signal.addEventListener('abort', () => fail(signal.reason), { once: true });
  });
}
