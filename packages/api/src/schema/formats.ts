/** The string formats that the API server checks. A format that is not listed is ignored. */
import { isIP, isIPv4, isIPv6 } from 'node:net';
import { goDuration } from './go-duration.ts';

const uuid = /^[0-9a-f]{8}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{4}-?[0-9a-f]{12}$/i;
const hostnameLabel = /^[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,61}[a-zA-Z0-9_])?$/;
const base64 = /^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/;
const fullDate = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;
const dateTime =
  /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])[Tt]([01]\d|2[0-3]):[0-5]\d:([0-5]\d|60)(\.\d+)?([Zz]|[+-]([01]\d|2[0-3]):[0-5]\d)$/;

const formats: Record<string, (text: string) => boolean> = {
  uri: isRequestUri,
  email: (text) => /^[^\s@]+@[^\s@]+$/.test(text),
  hostname: isHostname,
  ipv4: isIPv4,
  ipv6: isIPv6,
  cidr: isCidr,
  mac: (text) => /^([0-9a-f]{2}([:-])[0-9a-f]{2}(\2[0-9a-f]{2}){4}|([0-9a-f]{4}\.){2}[0-9a-f]{4})$/i.test(text),
  uuid: (text) => uuid.test(text),
  uuid3: (text) => uuid.test(text) && text.replaceAll('-', '')[12] === '3',
  uuid4: (text) => uuid.test(text) && text.replaceAll('-', '')[12] === '4',
  uuid5: (text) => uuid.test(text) && text.replaceAll('-', '')[12] === '5',
  hexcolor: (text) => /^#?([0-9a-f]{3}|[0-9a-f]{6})$/i.test(text),
  byte: (text) => base64.test(text),
  date: (text) => fullDate.test(text) && !Number.isNaN(Date.parse(text)),
  datetime: (text) => dateTime.test(text),
  duration: (text) => goDuration(text) !== undefined,
  'k8s-short-name': (text) => text.length <= 63 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?$/.test(text),
  'k8s-long-name': (text) =>
    text.length <= 253 && /^[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/.test(text),
};

/** The check for a format, or undefined when the API server does not check it. `date-time` equals `datetime`. */
export function formatCheck(format: string): ((text: string) => boolean) | undefined {
  return formats[format] ?? formats[format.replaceAll('-', '')];
}

/** An absolute URI or an absolute path, without blanks. */
export function isRequestUri(text: string): boolean {
  if (text === '' || /[\u0000-\u0020\u007f]/.test(text)) return false;
  if (text.startsWith('/')) return true;
  if (!/^[A-Za-z][A-Za-z0-9+.-]*:/.test(text)) return false;
  return !text.includes('://') || URL.canParse(text) || /^[A-Za-z][A-Za-z0-9+.-]*:\/\/[^[\]%]*$/.test(text);
}

export function isHostname(text: string): boolean {
  if (text === '' || text.length > 255) return false;
  return text
    .replace(/\.$/, '')
    .split('.')
    .every((label) => hostnameLabel.test(label));
}

/** An address with a prefix length. */
export function isCidr(text: string): boolean {
  const slash = text.indexOf('/');
  if (slash < 0 || !/^\d{1,3}$/.test(text.slice(slash + 1))) return false;
  const family = isIP(text.slice(0, slash));
  return family !== 0 && Number(text.slice(slash + 1)) <= (family === 4 ? 32 : 128);
}
