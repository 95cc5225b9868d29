import { commonFlags, type CommonFlagValues } from '../flags/common.ts';
import type { Flag, FlagSet } from '../flags/flag.ts';
import { formatDuration } from '@gitops-toolkit/api';
import { eventsUrl } from '../events/post.ts';
import { isLabelSelector } from '../access/selector.ts';
import { parseListenAddress } from '../server/listen.ts';
import { checkJitterPercentage } from '../time/jitter.ts';
import { ConfigurationError, type CommonFlagChanges } from './definition.ts';

/** The common flags as one controller declares them, with its own. */
export function declaredFlags(changes: CommonFlagChanges = {}, own: FlagSet = {}): FlagSet {
  const { defaults = {}, env = {}, omit = [] } = changes;
  const flags: FlagSet = {};
  for (const [name, flag] of Object.entries(commonFlags) as [keyof CommonFlagValues, Flag<unknown>][]) {
    if (omit.includes(name)) continue;
    const changed: Flag<unknown> = { ...flag, ...(env[name] ? { env: env[name] } : {}) };
    flags[name] = name in defaults ? withDefault(changed, defaults[name]) : changed;
  }
  return { ...flags, ...own };
}

/** Values of common flags that a controller does not have. */
export function omittedValues({ defaults = {}, omit = [] }: CommonFlagChanges = {}): Partial<CommonFlagValues> {
  const values: Record<string, unknown> = {};
  for (const name of omit) values[name] = defaults[name] ?? commonFlags[name].defaultValue;
  return values;
}

function withDefault(flag: Flag<unknown>, value: unknown): Flag<unknown> {
  const text = flag.type === 'duration' ? formatDuration(value as number) : String(value);
  return { ...flag, defaultValue: value, defaultText: text };
}

/** Refuses values that no controller can work with (RTM-267). @throws ConfigurationError */
export function checkSettings(flags: CommonFlagValues, eventsAddrIsUrl: boolean): void {
  check('interval-jitter-percentage', () => checkJitterPercentage(flags['interval-jitter-percentage']));
  for (const name of ['metrics-addr', 'health-addr'] as const) check(name, () => parseListenAddress(flags[name]));
  for (const name of ['watch-label-selector', 'watch-configs-label-selector'] as const)
    if (!isLabelSelector(flags[name]))
      throw new ConfigurationError(`--${name}: '${flags[name]}' is not a label selector like a=b, !a or a in (x,y)`);
  if (eventsAddrIsUrl) check('events-addr', () => eventsUrl(flags['events-addr']));
  if (flags['leader-election-lease-duration'] <= flags['leader-election-renew-deadline'])
    throw new ConfigurationError(
      '--leader-election-lease-duration must be longer than --leader-election-renew-deadline',
    );
  if (flags['leader-election-renew-deadline'] <= flags['leader-election-retry-period'])
    throw new ConfigurationError('--leader-election-renew-deadline must be longer than --leader-election-retry-period');
}

function check(name: string, run: () => unknown): void {
  try {
    run();
  } catch (error) {
    throw new ConfigurationError(`--${name}: ${(error as Error).message}`, { cause: error });
  }
}
