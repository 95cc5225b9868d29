import { commonFlags } from '../flags/common.ts';
import { parseFlags, usage } from '../flags/parse.ts';
import { stringFlag } from '../flags/types.ts';
import { ConfigurationError } from './definition.ts';
import { runProgram } from './run.ts';
import { checkSettings, declaredFlags, omittedValues } from './settings.ts';

test('RTM-346, RTM-347, RTM-348, RTM-350, RTM-351, RTM-352, RTM-353, RTM-354, RTM-355, RTM-356, RTM-357, RTM-358, RTM-359, RTM-360, RTM-361, RTM-362, RTM-363, RTM-364, RTM-365, RTM-366, RTM-367, RTM-368: names and defaults of the common flags', () => {
  const text = usage('c', commonFlags);
  const defaults: Record<string, string> = {
    'metrics-addr': ':8080',
    'health-addr': ':9440',
    'events-addr': '',
    concurrent: '4',
    'log-level': 'info',
    'log-encoding': 'json',
    'enable-leader-election': 'false',
    'leader-election-release-on-cancel': 'true',
    'leader-election-lease-duration': '35s',
    'leader-election-renew-deadline': '30s',
    'leader-election-retry-period': '5s',
    'min-retry-delay': '750ms',
    'max-retry-delay': '15m0s',
    'kube-api-qps': '50',
    'kube-api-burst': '300',
    'watch-all-namespaces': 'true',
    'watch-label-selector': '',
    'watch-configs-label-selector': 'reconcile.fluxcd.io/watch=Enabled',
    'interval-jitter-percentage': '5',
    'no-cross-namespace-refs': 'false',
    'feature-gates': '',
    'token-cache-max-size': '100',
    'token-cache-max-duration': '1h0m0s',
    'default-service-account': '',
    'requeue-dependency': '30s',
    'http-retry': '9',
  };
  expect(Object.fromEntries(Object.entries(commonFlags).map(([name, f]) => [name, f.defaultText]))).toEqual(defaults);
  for (const name of Object.keys(defaults)) expect(text).toContain(`--${name}`);
});

test('RTM-349, RTM-360, RTM-435: a controller changes defaults, variables and omissions by declaration', () => {
  const changes = {
    defaults: { concurrent: 2 },
    env: { 'metrics-addr': 'METRICS_ADDR' },
    omit: ['watch-label-selector' as const],
  };
  const flags = declaredFlags(changes, { own: stringFlag('o', 'Own.') });
  const { values } = parseFlags(flags, [], { METRICS_ADDR: ':1' });
  expect(values).toMatchObject({ concurrent: 2, 'metrics-addr': ':1', own: 'o' });
  expect(() => parseFlags(flags, ['--watch-label-selector=a=b'])).toThrow(/unknown flag/);
  expect(omittedValues(changes)).toEqual({ 'watch-label-selector': '' });
});

test('RTM-206, RTM-214, RTM-267, RTM-134: settings no controller can work with are refused', () => {
  const values = parseFlags(commonFlags, []).values;
  expect(() => checkSettings(values, true)).not.toThrow();
  const bad: [Partial<typeof values>, RegExp][] = [
    [{ 'interval-jitter-percentage': 100 }, /non-negative.*below 100/],
    [{ 'watch-label-selector': 'a in (' }, /--watch-label-selector/],
    [{ 'watch-configs-label-selector': '=x' }, /--watch-configs-label-selector/],
    [{ 'events-addr': 'not a url' }, /--events-addr/],
    [{ 'metrics-addr': '8080' }, /--metrics-addr/],
    [{ 'leader-election-lease-duration': 1 }, /lease-duration/],
  ];
  for (const [change, message] of bad) {
    expect(() => checkSettings({ ...values, ...change }, true)).toThrow(ConfigurationError);
    expect(() => checkSettings({ ...values, ...change }, true)).toThrow(message);
  }
  expect(() => checkSettings({ ...values, 'events-addr': ':9090' }, false)).not.toThrow();
});

describe('exit codes', () => {
  async function run(...args: string[]) {
    let stderr = '';
    const code = await runProgram(
      { name: 'thing-controller', featureGates: { Known: true }, setup: () => {} },
      { args, env: {}, stderr: { write: (text) => (stderr += text) }, signal: new AbortController().signal },
    );
    return { code, stderr };
  }

  test('RTM-266: an unknown flag prints the usage and ends with 2', async () => {
    const { code, stderr } = await run('--nope');
    expect(code).toBe(2);
    expect(stderr).toMatch(/Usage of thing-controller[\s\S]*unknown flag: --nope/);
  });

  test('RTM-267: a configuration error is logged by setup at error level and ends with 1', async () => {
    const { code, stderr } = await run('--interval-jitter-percentage=100');
    expect(code).toBe(1);
    expect(JSON.parse(stderr)).toMatchObject({
      level: 'error',
      logger: 'setup',
      error: expect.stringContaining('below 100'),
    });
  });

  test('RTM-364, RTM-566: an unknown gate is named as not supported and ends with 1', async () => {
    const { code, stderr } = await run('--feature-gates=Nope=true');
    expect(code).toBe(1);
    expect(stderr).toMatch(/'Nope' is not supported/);
  });
});
