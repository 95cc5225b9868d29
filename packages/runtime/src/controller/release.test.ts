import { createSlots } from '../queue/slots.ts';
import { manualClock } from '../testing/clock.ts';
import { Interrupted } from './outcome.ts';
import { createWaits } from './release.ts';

function setup() {
  const clock = manualClock();
  const slots = createSlots(1, () => {});
  slots.tryTake();
  const shutdown = new AbortController();
  let timeouts = 0;
  const waits = createWaits(slots, shutdown.signal, clock, () => timeouts++);
  return { clock, slots, shutdown, waits, timeouts: () => timeouts };
}
/** Waits for the signal and then fails with its own words. */
const until = (words: string) => (signal: AbortSignal) =>
  new Promise<never>((_, reject) => signal.addEventListener('abort', () => reject(new Error(words))));

describe('waiting without a worker', () => {
  test('the slot is free while the wait is pending and taken again afterwards', async () => {
    const { slots, waits } = setup();
    let finish: (value: string) => void;
    const waiting = waits.release(() => new Promise<string>((resolve) => (finish = resolve)));
    expect(slots.inUse).toBe(0);
    // Somebody else has the slot when the wait ends.
    expect(slots.tryTake()).toBe(true);
    let resumed = false;
    void waiting.then(() => (resumed = true));
    finish!('healthy');
    await new Promise((resolve) => setImmediate(resolve));
    expect(resumed).toBe(false);
    slots.give();
    expect(await waiting).toBe('healthy');
    expect(slots.inUse).toBe(1);
  });

  test('several waits of one run share its one slot', async () => {
    const { slots, waits } = setup();
    await Promise.all([waits.release(async () => 1), waits.release(async () => 2)]);
    expect(slots.inUse).toBe(1);
  });

  test('a wait that begins while the run is in line for its slot gives nothing away', async () => {
    const { slots, waits } = setup();
    let finish: () => void;
    const first = waits.release(() => new Promise<void>((resolve) => (finish = resolve)));
    expect(slots.tryTake()).toBe(true);
    finish!();
    await new Promise((resolve) => setImmediate(resolve));
    let finishSecond: () => void;
    const second = waits.release(() => new Promise<void>((resolve) => (finishSecond = resolve)));
    // The one slot is still that of somebody else.
    expect(slots.inUse).toBe(1);
    expect(slots.tryTake()).toBe(false);
    slots.give();
    await first;
    expect(slots.inUse).toBe(0);
    finishSecond!();
    await second;
    expect(slots.inUse).toBe(1);
  });

  test('RTM-236, RTM-237, RTM-238: the first trigger ends an interruptible wait and is named; others go on', async () => {
    const { waits, slots } = setup();
    const interruptible = waits.release(until('timeout waiting for: []'), { interruptible: true });
    let otherEnded = false;
    void waits.release(until('other')).catch(() => (otherEnded = true));
    waits.trigger('GitRepository/apps/repo');
    waits.trigger('Secret/apps/config');
    await expect(interruptible).rejects.toMatchObject({ trigger: 'GitRepository/apps/repo' });
    await expect(interruptible).rejects.toBeInstanceOf(Interrupted);
    expect(otherEnded).toBe(false);
    expect(slots.inUse).toBe(0);
  });

  test('deletion of the object ends every wait, and those that would begin', async () => {
    const { waits } = setup();
    const waiting = waits.release(until('timeout waiting for: []'));
    waits.end('Kustomization/apps/web');
    await expect(waiting).rejects.toMatchObject({ trigger: 'Kustomization/apps/web' });
    await expect(waits.release(async () => 'too late')).rejects.toBeInstanceOf(Interrupted);
  });

  test('RTM-236: a trigger from earlier in the run ends the wait at once', async () => {
    const { waits } = setup();
    waits.trigger('GitRepository/apps/repo');
    await expect(waits.release(until('x'), { interruptible: true })).rejects.toBeInstanceOf(Interrupted);
    await expect(waits.release(async () => 'not interruptible')).resolves.toBe('not interruptible');
  });

  test('RTM-469: at the deadline the wait itself has the word, and it is counted', async () => {
    const { waits, clock, timeouts } = setup();
    const waiting = waits.release(until('timeout waiting for: [Deployment/a]'), { timeoutMs: 60_000 });
    const rejection = expect(waiting).rejects.toThrow('timeout waiting for: [Deployment/a]');
    await clock.advance(60_000);
    await rejection;
    expect(timeouts()).toBe(1);
    expect(clock.pending()).toEqual([]);
  });

  test('RTM-268: a shutdown ends every wait with its reason', async () => {
    const { waits, shutdown } = setup();
    const waiting = waits.release(until('own words'));
    shutdown.abort(new Error('received SIGTERM'));
    await expect(waiting).rejects.toThrow('received SIGTERM');
    await expect(waits.release(async () => 1)).rejects.toThrow('received SIGTERM');
  });
});
