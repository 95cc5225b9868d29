/** The function libraries that Kubernetes adds to CEL. */
import { isIP } from 'node:net';
import { type Environment } from '@marcbachmann/cel-js';
import { Duration } from '@marcbachmann/cel-js/evaluator';
import { compilePattern } from '../compile.ts';
import { isCidr, isRequestUri } from '../formats.ts';
import { parseQuantity } from '../quantity.ts';
import { jsonEqual } from '../types.ts';

export { Duration };

/** Adds the libraries to an environment and answers it. */
export function registerLibrary(environment: Environment): Environment {
  registerRegex(environment);
  registerStrings(environment);
  registerLists(environment);
  registerUrl(environment);
  registerAddresses(environment);
  registerQuantity(environment);
  return environment;
}

type Handler = (...args: never[]) => unknown;

function add(environment: Environment, functions: Record<string, Handler>): void {
  for (const signature of Object.keys(functions)) {
    environment.registerFunction(signature, functions[signature] as (...args: unknown[]) => unknown);
  }
}

function registerRegex(environment: Environment): void {
  add(environment, {
    'string.matchesRe2(string): bool': (text: string, pattern: string) => compilePattern(pattern).test(text),
    'matchesRe2(string, string): bool': (text: string, pattern: string) => compilePattern(pattern).test(text),
    'string.find(string): string': (text: string, pattern: string) => allMatches(text, pattern, 1)[0] ?? '',
    'string.findAll(string): list<string>': (text: string, pattern: string) => allMatches(text, pattern, Infinity),
    'string.findAll(string, int): list<string>': (text: string, pattern: string, limit: bigint) =>
      allMatches(text, pattern, limit < 0n ? Infinity : Number(limit)),
  });
}

function allMatches(text: string, pattern: string, limit: number): string[] {
  const matcher = compilePattern(pattern).matcher(text);
  const found: string[] = [];
  while (found.length < limit && matcher.find()) found.push(matcher.group() ?? '');
  return found;
}

function registerStrings(environment: Environment): void {
  add(environment, {
    'string.charAt(int): string': (text: string, index: bigint) => text.charAt(Number(index)),
    'string.replace(string, string): string': (text: string, from: string, to: string) => text.split(from).join(to),
    'string.replace(string, string, int): string': (text: string, from: string, to: string, limit: bigint) =>
      replaceSome(text, from, to, Number(limit)),
    'string.reverse(): string': (text: string) => [...text].reverse().join(''),
    'string.format(list): string': (text: string, args: unknown[]) => formatText(text, args),
  });
}

function replaceSome(text: string, from: string, to: string, limit: number): string {
  const parts = text.split(from);
  if (limit < 0 || parts.length - 1 <= limit) return parts.join(to);
  return [...parts.slice(0, limit + 1)].join(to) + from + parts.slice(limit + 1).join(from);
}

/** `%s`, `%d`, `%f`, `%.Nf`, `%e`, `%x`, `%X`, `%o`, `%b` and `%%`. */
function formatText(text: string, args: unknown[]): string {
  let next = 0;
  return text.replace(/%(?:\.(\d+))?([sdfexXob%])/g, (_, precision: string | undefined, verb: string) => {
    if (verb === '%') return '%';
    if (next >= args.length) throw new Error('index out of bounds: format string refers to a missing argument');
    const arg = args[next++];
    switch (verb) {
      case 'f':
        return Number(arg).toFixed(precision === undefined ? 6 : Number(precision));
      case 'e':
        return Number(arg).toExponential(precision === undefined ? 6 : Number(precision));
      case 'x':
      case 'X': {
        const hex = typeof arg === 'string' ? Buffer.from(arg).toString('hex') : BigInt(arg as bigint).toString(16);
        return verb === 'X' ? hex.toUpperCase() : hex;
      }
      case 'o':
        return BigInt(arg as bigint).toString(8);
      case 'b':
        return typeof arg === 'boolean' ? (arg ? '1' : '0') : BigInt(arg as bigint).toString(2);
      default:
        return plainText(arg);
    }
  });
}

function plainText(value: unknown): string {
  if (value === null) return 'null';
  if (Array.isArray(value)) return `[${value.map(plainText).join(', ')}]`;
  if (value instanceof Date) return value.toISOString().replace('.000Z', 'Z');
  if (typeof value === 'object' && Object.getPrototypeOf(value) === Object.prototype) {
    const entries = Object.entries(value as object).sort(([a], [b]) => (a < b ? -1 : 1));
    return `{${entries.map(([name, entry]) => `${name}: ${plainText(entry)}`).join(', ')}}`;
  }
  return String(value);
}

type Ordered = number | bigint | string;

function registerLists(environment: Environment): void {
  const indexOf = (list: unknown[], item: unknown) => BigInt(list.findIndex((member) => celEqual(member, item)));
  add(environment, {
    'list.isSorted(): bool': (list: Ordered[]) => list.every((item, index) => index === 0 || list[index - 1]! <= item),
    'list.sum(): dyn': (list: Ordered[]) => sum(list),
    'list.min(): dyn': (list: Ordered[]) => extreme(list, (a, b) => a < b),
    'list.max(): dyn': (list: Ordered[]) => extreme(list, (a, b) => a > b),
    'list.indexOf(dyn): int': indexOf,
    'list.lastIndexOf(dyn): int': (list: unknown[], item: unknown) =>
      BigInt(list.findLastIndex((member) => celEqual(member, item))),
    'sets_contains(list, list): bool': (list: unknown[], sub: unknown[]) => isSubset(sub, list),
    'sets_equivalent(list, list): bool': (a: unknown[], b: unknown[]) => isSubset(a, b) && isSubset(b, a),
    'sets_intersects(list, list): bool': (a: unknown[], b: unknown[]) => a.some((item) => indexOf(b, item) >= 0n),
  });
}

function celEqual(a: unknown, b: unknown): boolean {
  return jsonEqual(a, b);
}

function isSubset(sub: unknown[], list: unknown[]): boolean {
  return sub.every((item) => list.some((member) => celEqual(member, item)));
}

function sum(list: Ordered[]): unknown {
  if (list.length === 0) return 0n;
  return list.every((item) => typeof item === 'bigint')
    ? list.reduce((total, item) => total + item, 0n)
    : list.reduce<number>((total, item) => total + Number(item), 0);
}

function extreme(list: Ordered[], better: (a: Ordered, b: Ordered) => boolean): unknown {
  if (list.length === 0) throw new Error('min/max called on empty list');
  return list.reduce((best, item) => (better(item, best) ? item : best));
}

function registerUrl(environment: Environment): void {
  const parse = (text: string) => {
    if (!isRequestUri(text))
      throw new Error(`URL parse error during conversion from string: parse "${text}": invalid URI for request`);
    return new CelUrl(text);
  };
  environment.registerType('kubernetes.URL', CelUrl as never);
  add(environment, {
    'isURL(string): bool': (text: string) => isRequestUri(text),
    'url(string): kubernetes.URL': parse,
    'kubernetes.URL.getScheme(): string': (url: CelUrl) => url.scheme,
    'kubernetes.URL.getHost(): string': (url: CelUrl) => url.host,
    'kubernetes.URL.getHostname(): string': (url: CelUrl) => url.host.replace(/:\d*$/, '').replace(/^\[(.*)\]$/, '$1'),
    'kubernetes.URL.getPort(): string': (url: CelUrl) => /:(\d+)$/.exec(url.host)?.[1] ?? '',
    'kubernetes.URL.getEscapedPath(): string': (url: CelUrl) => url.path,
    'kubernetes.URL.getQuery(): map': (url: CelUrl) => {
      const query: Record<string, string[]> = {};
      for (const [name, value] of new URLSearchParams(url.query)) (query[name] ??= []).push(value);
      return query;
    },
  });
}

class CelUrl {
  readonly scheme: string;
  readonly host: string;
  readonly path: string;
  readonly query: string;

  constructor(text: string) {
    const match = /^(?:([A-Za-z][A-Za-z0-9+.-]*):)?(?:\/\/(?:[^/?#@]*@)?([^/?#]*))?([^?#]*)(?:\?([^#]*))?/.exec(text)!;
    this.scheme = (match[1] ?? '').toLowerCase();
    this.host = match[2] ?? '';
    this.path = match[3] ?? '';
    this.query = match[4] ?? '';
  }
}

function registerAddresses(environment: Environment): void {
  environment.registerType('net.IP', CelIp as never);
  add(environment, {
    'isIP(string): bool': (text: string) => isIP(text) !== 0,
    'isCIDR(string): bool': (text: string) => isCidr(text),
    'ip(string): net.IP': (text: string) => {
      if (isIP(text) === 0) throw new Error(`IP Address "${text}" parse error during conversion from string`);
      return new CelIp(text);
    },
    'net.IP.family(): int': (ip: CelIp) => BigInt(isIP(ip.text)),
    'string(net.IP): string': (ip: CelIp) => ip.text,
  });
}

class CelIp {
  readonly text: string;
  constructor(text: string) {
    this.text = text;
  }
}

class CelQuantity {
  readonly value: number;
  constructor(value: number) {
    this.value = value;
  }
}

function registerQuantity(environment: Environment): void {
  environment.registerType('kubernetes.Quantity', CelQuantity as never);
  const type = 'kubernetes.Quantity';
  add(environment, {
    'isQuantity(string): bool': (text: string) => parseQuantity(text) !== undefined,
    [`quantity(string): ${type}`]: (text: string) => {
      const value = parseQuantity(text);
      if (value === undefined)
        throw new Error(
          'quantities must match the regular expression ' + "'^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'",
        );
      return new CelQuantity(value);
    },
    [`${type}.isInteger(): bool`]: (a: CelQuantity) => Number.isInteger(a.value),
    [`${type}.asInteger(): int`]: (a: CelQuantity) => BigInt(a.value),
    [`${type}.asApproximateFloat(): double`]: (a: CelQuantity) => a.value,
    [`${type}.sign(): int`]: (a: CelQuantity) => BigInt(Math.sign(a.value)),
    [`${type}.add(${type}): ${type}`]: (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.value + b.value),
    [`${type}.sub(${type}): ${type}`]: (a: CelQuantity, b: CelQuantity) => new CelQuantity(a.value - b.value),
    [`${type}.isGreaterThan(${type}): bool`]: (a: CelQuantity, b: CelQuantity) => a.value > b.value,
    [`${type}.isLessThan(${type}): bool`]: (a: CelQuantity, b: CelQuantity) => a.value < b.value,
    [`${type}.compareTo(${type}): int`]: (a: CelQuantity, b: CelQuantity) => BigInt(Math.sign(a.value - b.value)),
  });
}
