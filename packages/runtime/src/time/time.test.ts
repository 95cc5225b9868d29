import { checkJitterPercentage, jittered } from './jitter.ts';
import { sleep, systemClock } from './clock.ts';

test('RTM-205, RTM-520: jitter spreads over ±p percent; 0 changes nothing', () => {
  const hour = 3_600_000;
  expect(jittered(hour, 0)).toBe(hour);
  expect(jittered(0, 5)).toBe(0);
  expect(jittered(hour, 5, () => 0)).toBe(57 * 60_000);
  expect(jittered(hour, 5, () => 0.5)).toBe(hour);
  for (let i = 0; i < 100; i++) {
    const ms = jittered(hour, 5);
    expect(ms >= 57 * 60_000 && ms <= 63 * 60_000).toBe(true);
  }
});

test('RTM-206, RTM-520: percentages from 100 on, and negative ones, are errors', () => {
  for (const percent of [100, 255, -1, NaN])
    expect(() => checkJitterPercentage(percent)).toThrow(/non-negative.*below 100/);
  checkJitterPercentage(99);
  checkJitterPercentage(0);
});

test('a timer longer than Node can set does not fire at once', async () => {
  let fired = false;
  const cancel = systemClock.after(2 ** 40, () => (fired = true));
  await new Promise((resolve) => setImmediate(resolve));
  cancel();
  expect(fired).toBe(false);
});

test('sleeping ends with the reason of the signal', async () => {
  const reason = new Error('stop');
  const controller = new AbortController();
  const sleeping = sleep(60_000, controller.signal);
  controller.abort(reason);
  await expect(sleeping).rejects.toBe(reason);
  await expect(sleep(1, controller.signal)).rejects.toBe(reason);
});
