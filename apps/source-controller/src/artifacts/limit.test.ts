import { createLimit } from './limit.ts';

/** Work that ends when told to. */
function work() {
  const { promise, resolve } = Promise.withResolvers<void>();
  const state = { started: false, end: resolve };
  return { state, run: () => ((state.started = true), promise) };
}

const never = new AbortController().signal;

test('so many at a time, the others in the order in which they came', async () => {
  const limit = createLimit(2);
  const all = [work(), work(), work(), work()];
  const ended = all.map(({ run }) => limit.run(run, never));
  const started = () => all.map(({ state }) => state.started);
  expect(started()).toEqual([true, true, false, false]);
  all[1]!.state.end();
  await ended[1];
  await Promise.resolve();
  expect(started()).toEqual([true, true, true, false]);
  all.forEach(({ state }) => state.end());
  await Promise.all(ended.slice(0, 3));
  await ended[3];
  expect(started()).toEqual([true, true, true, true]);
});

test('who gives up waiting takes no place, and who fails frees theirs', async () => {
  const limit = createLimit(1);
  const first = work();
  const running = limit.run(first.run, never);
  const giving = new AbortController();
  const impatient = work();
  const waiting = limit.run(impatient.run, giving.signal);
  giving.abort(new Error('enough'));
  await expect(waiting).rejects.toThrow('enough');
  expect(impatient.state.started).toBe(false);
  const failing = limit.run(() => Promise.reject(new Error('failed')), never);
  first.state.end();
  await running;
  await expect(failing).rejects.toThrow('failed');
  expect(await limit.run(async () => 'done', never)).toBe('done');
});
