import { DurationError, formatDuration, parseDuration } from './duration.ts';

describe('durations', () => {
  test.each([
    ['0', 0],
    ['0s', 0],
    ['60s', 60_000],
    ['1m30s', 90_000],
    ['1.5h', 5_400_000],
    ['.5s', 500],
    ['750ms', 750],
    ['1h2m3s4ms', 3_723_004],
    ['-1m', -60_000],
    ['+1m', 60_000],
    ['1us', 0.001],
    ['1µs', 0.001],
    ['250ns', 0.00025],
    ['1.1s100ms', 1_200],
    ['8760h', 31_536_000_000],
  ])('%s is %d milliseconds', (text, ms) => {
    expect(parseDuration(text)).toBe(ms);
  });

  test.each(['', '5', '1d', '1 m', 's', '1m-', '--1s', '1e3s', '1M', ' 1s', '.s', '9999999999h', '1s'.repeat(200)])(
    '%p is no duration',
    (text) => {
      expect(() => parseDuration(text)).toThrow(DurationError);
    },
  );

  test.each([
    [0, '0s'],
    [1_000, '1s'],
    [1_500, '1.5s'],
    [60_000, '1m0s'],
    [90_000, '1m30s'],
    [570_000, '9m30s'],
    [3_600_000, '1h0m0s'],
    [5_400_500, '1h30m0.5s'],
    [250, '250ms'],
    [1.5, '1.5ms'],
    [0.0015, '1.5µs'],
    [0.00025, '250ns'],
    [-90_000, '-1m30s'],
  ])('%d milliseconds are written %s, as Go does', (ms, text) => {
    expect(formatDuration(ms)).toBe(text);
    expect(parseDuration(text)).toBe(ms);
  });

  test('a number that is no time span is refused', () => {
    expect(() => formatDuration(Number.NaN)).toThrow(RangeError);
    expect(() => formatDuration(Infinity)).toThrow(RangeError);
  });
});
