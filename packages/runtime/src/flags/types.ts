import { formatDuration, parseDuration } from '@gitops-toolkit/api';
import { FlagValueError, type Flag } from './flag.ts';

interface Extra {
  env?: string;
}

/** Any text. */
export function stringFlag(defaultValue: string, help: string, extra: Extra = {}): Flag<string> {
  return {
    type: 'string',
    defaultValue,
    defaultText: defaultValue,
    help,
    isBoolean: false,
    parse: (text) => text,
    ...extra,
  };
}

/** A whole number within bounds. */
export function intFlag(
  defaultValue: number,
  help: string,
  extra: Extra & { min?: number; max?: number } = {},
): Flag<number> {
  const { min = Number.MIN_SAFE_INTEGER, max = Number.MAX_SAFE_INTEGER, ...rest } = extra;
  return {
    type: 'int',
    defaultValue,
    defaultText: String(defaultValue),
    help,
    isBoolean: false,
    parse(text) {
      const value = /^[+-]?\d+$/.test(text) ? Number(text) : NaN;
      if (!Number.isSafeInteger(value)) throw new FlagValueError(`'${text}' is not a whole number`);
      if (value < min || value > max)
        throw new FlagValueError(`${value} is out of range, allowed are ${min} to ${max}`);
      return value;
    },
    ...rest,
  };
}

/** A number. */
export function numberFlag(defaultValue: number, help: string, extra: Extra = {}): Flag<number> {
  return {
    type: 'float',
    defaultValue,
    defaultText: String(defaultValue),
    help,
    isBoolean: false,
    parse(text) {
      const value = text.trim() === '' ? NaN : Number(text);
      if (!Number.isFinite(value)) throw new FlagValueError(`'${text}' is not a number`);
      return value;
    },
    ...extra,
  };
}

/** `true`, `false` and the other spellings that Go accepts. */
export function boolFlag(defaultValue: boolean, help: string, extra: Extra = {}): Flag<boolean> {
  return {
    type: 'bool',
    defaultValue,
    defaultText: String(defaultValue),
    help,
    isBoolean: true,
    parse: parseBool,
    ...extra,
  };
}

/** A Go duration; the value is milliseconds. */
export function durationFlag(defaultText: string, help: string, extra: Extra = {}): Flag<number> {
  const defaultValue = parseDuration(defaultText);
  return {
    type: 'duration',
    defaultValue,
    defaultText: formatDuration(defaultValue),
    help,
    isBoolean: false,
    parse(text) {
      try {
        return parseDuration(text);
      } catch {
        throw new FlagValueError(`'${text}' is not a duration like 1m30s or 750ms`);
      }
    },
    ...extra,
  };
}

/** Texts, separated by commas, the flag given any number of times. */
export function listFlag(help: string, extra: Extra = {}): Flag<string[]> {
  return {
    type: 'strings',
    defaultValue: [],
    defaultText: '',
    help,
    isBoolean: false,
    parse: (text, previous = []) => [...previous, ...text.split(',').filter((part) => part !== '')],
    ...extra,
  };
}

/** `A=true,B=false`, the flag given any number of times, later settings winning. */
export function gatesFlag(help: string): Flag<Record<string, boolean>> {
  return {
    type: 'mapStringBool',
    defaultValue: {},
    defaultText: '',
    help,
    isBoolean: false,
    parse(text, previous = {}) {
      const settings = { ...previous };
      for (const part of text.split(',').filter((part) => part.trim() !== '')) {
        const equals = part.indexOf('=');
        if (equals < 1) throw new FlagValueError(`'${part}' is not of the form name=true or name=false`);
        settings[part.slice(0, equals).trim()] = parseBool(part.slice(equals + 1).trim());
      }
      return settings;
    },
  };
}

/** Go's `strconv.ParseBool`. */
export function parseBool(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true;
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false;
  throw new FlagValueError(`'${text}' is neither true nor false`);
}
