import { createHash } from 'node:crypto';

/**
 * `base`, with `-` and the first 8 hex digits of the SHA-256 over the additions when there are any; an empty base stays
 * empty (RTM-263).
 */
export function idWith(base: string, ...additions: string[]): string {
  if (base === '' || additions.length === 0) return base;
  return `${base}-${createHash('sha256').update(additions.join('')).digest('hex').slice(0, 8)}`;
}

/** Name of the Lease of a controller, one per shard (RTM-257, RTM-262). */
export function leaseName(controller: string, watchLabelSelector: string): string {
  const base = `${controller}-leader-election`;
  return watchLabelSelector === '' ? base : idWith(base, watchLabelSelector);
}
