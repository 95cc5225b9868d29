import { manualClock } from '../testing/clock.ts';
import { exponentialBackoff } from './backoff.ts';
import { createWorkQueue, type Next } from './queue.ts';
import type { Slots } from './slots.ts';

/** A queue whose work ends when the test says so. */
function controlled(concurrent = 2) {
  const clock = manualClock();
  const runs: { key: string; slots: Slots; end: (next?: Next) => Promise<void> }[] = [];
  const observed: string[] = [];
  const queue = createWorkQueue({
    concurrent,
    clock,
    backoff: exponentialBackoff(750, 900_000),
    observer: {
      added: () => observed.push('added'),
      retried: () => observed.push('retried'),
      started: (ms) => observed.push(`started after ${ms}`),
      finished: (ms) => observed.push(`finished after ${ms}`),
    },
    work: (key, slots) =>
      new Promise((resolve) => {
        runs.push({
          key,
          slots,
          async end(next = { kind: 'done' }) {
            resolve(next);
            await new Promise((done) => setImmediate(done));
          },
        });
      }),
  });
  return { clock, queue, runs, observed, keys: () => runs.map(({ key }) => key) };
}

describe('work queue', () => {
  test('RTM-166: a key is worked on once at a time, and once more however often it is added meanwhile', async () => {
    const { queue, runs, keys } = controlled();
    queue.start();
    queue.add('a');
    queue.add('a');
    queue.add('a');
    expect(keys()).toEqual(['a']);
    await runs[0]!.end();
    expect(keys()).toEqual(['a', 'a']);
    await runs[1]!.end();
    expect(keys()).toEqual(['a', 'a']);
  });

  test('RTM-167: no more keys than slots are worked on', async () => {
    const { queue, runs, keys } = controlled(2);
    queue.start();
    for (const key of ['a', 'b', 'c', 'd']) queue.add(key);
    expect(keys()).toEqual(['a', 'b']);
    expect(queue.depth).toBe(2);
    await runs[1]!.end();
    expect(keys()).toEqual(['a', 'b', 'c']);
  });

  test('RTM-168, RTM-169: failures back off from 750 ms to 15 min, doubling, without jitter', async () => {
    const { queue, runs, clock } = controlled();
    queue.start();
    queue.add('a');
    const delays: number[] = [];
    for (let failure = 0; failure < 13; failure++) {
      await runs.at(-1)!.end({ kind: 'backoff' });
      delays.push(clock.pending()[0]!);
      await clock.advance(delays.at(-1)!);
    }
    expect(delays.slice(0, 4)).toEqual([750, 1500, 3000, 6000]);
    expect(delays.slice(-3)).toEqual([768_000, 900_000, 900_000]);
  });

  test('RTM-168: success, a fixed delay and an immediate run forget earlier failures', async () => {
    for (const next of [{ kind: 'done' }, { kind: 'after', ms: 10 }, { kind: 'again' }] as Next[]) {
      const { queue, runs, clock } = controlled();
      queue.start();
      queue.add('a');
      await runs[0]!.end({ kind: 'backoff' });
      await clock.advance(750);
      await runs[1]!.end(next);
      if (next.kind === 'done') queue.add('a');
      await clock.advance(10);
      await runs[2]!.end({ kind: 'backoff' });
      expect(clock.pending()).toEqual([750]);
    }
  });

  test('RTM-208: a run between supersedes the pending timed run', async () => {
    const { queue, runs, clock, keys } = controlled();
    queue.start();
    queue.add('a');
    await runs[0]!.end({ kind: 'after', ms: 60_000 });
    await clock.advance(30_000);
    queue.add('a');
    await runs[1]!.end({ kind: 'after', ms: 60_000 });
    expect(clock.pending()).toEqual([60_000]);
    await clock.advance(59_999);
    expect(keys()).toHaveLength(2);
    await clock.advance(1);
    expect(keys()).toHaveLength(3);
  });

  test('RTM-208: an event does not wait for the back-off', async () => {
    const { queue, runs, keys } = controlled();
    queue.start();
    queue.add('a');
    await runs[0]!.end({ kind: 'backoff' });
    queue.add('a');
    expect(keys()).toEqual(['a', 'a']);
  });

  test('a slot given back serves other keys; the key itself stays exclusive', async () => {
    const { queue, runs, keys } = controlled(1);
    queue.start();
    queue.add('waits');
    queue.add('other');
    expect(keys()).toEqual(['waits']);
    runs[0]!.slots.give();
    queue.add('waits');
    expect(keys()).toEqual(['waits', 'other']);
    let resumed = false;
    const taking = runs[0]!.slots.take().then(() => (resumed = true));
    queue.add('late');
    await Promise.resolve();
    expect(resumed).toBe(false);
    await runs[1]!.end();
    await taking;
    // Resumed work goes before new work.
    expect(keys()).toEqual(['waits', 'other']);
    await runs[0]!.end();
    expect(keys()).toEqual(['waits', 'other', 'late']);
    await runs[2]!.end();
    expect(keys()).toEqual(['waits', 'other', 'late', 'waits']);
  });

  test('keys collect before the start; a stop drops timers and waits for running work', async () => {
    const { queue, runs, clock, keys } = controlled(1);
    queue.add('a');
    queue.add('b');
    expect(keys()).toEqual([]);
    queue.start();
    expect(keys()).toEqual(['a']);
    let stopped = false;
    const stop = queue.stop().then(() => (stopped = true));
    await Promise.resolve();
    expect(stopped).toBe(false);
    await runs[0]!.end({ kind: 'after', ms: 5 });
    await stop;
    queue.add('c');
    await clock.advance(1000);
    expect(keys()).toEqual(['a']);
  });

  test('RTM-471, RTM-472: observers learn of additions, retries and times', async () => {
    const { queue, runs, clock, observed } = controlled(1);
    queue.add('a');
    await clock.advance(40);
    queue.start();
    await clock.advance(7);
    await runs[0]!.end({ kind: 'backoff' });
    expect(observed).toEqual(['added', 'started after 40', 'finished after 7', 'retried']);
  });
});
