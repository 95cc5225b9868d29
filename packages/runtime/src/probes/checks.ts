/** A named check; throwing or false fails it. */
export type Check = () => boolean | Promise<boolean>;

/** What a probe endpoint answers. */
export interface ProbeAnswer {
  status: number;
  body: string;
}

/**
 * Answers a probe in the format of Kubernetes components (RTM-438…441).
 *
 * @param name endpoint name as it appears in the last line: `healthz` or `readyz`
 * @param only a single check to run; unknown: 404
 */
export async function probe(
  name: string,
  checks: ReadonlyMap<string, Check>,
  query: { verbose?: boolean; exclude?: string[] } = {},
  only?: string,
): Promise<ProbeAnswer> {
  if (only !== undefined) {
    const check = checks.get(only);
    if (!check) return { status: 404, body: '404 page not found\n' };
    return (await passes(check))
      ? { status: 200, body: 'ok' }
      : { status: 500, body: `internal server error: ${only} failed\n` };
  }
  const lines: string[] = [];
  let failed = false;
  for (const [checkName, check] of checks) {
    if (query.exclude?.includes(checkName)) lines.push(`[+]${checkName} excluded: ok`);
    else if (await passes(check)) lines.push(`[+]${checkName} ok`);
    else {
      failed = true;
      lines.push(`[-]${checkName} failed: reason withheld`);
    }
  }
  const unknown = (query.exclude ?? []).filter((excluded) => !checks.has(excluded));
  if (unknown.length > 0) lines.push(`warn: some checks cannot be excluded: no matches for ${unknown.join(', ')}`);
  if (failed) return { status: 500, body: `${lines.join('\n')}\n${name} check failed\n` };
  if (query.verbose) return { status: 200, body: `${lines.join('\n')}\n${name} check passed\n` };
  return { status: 200, body: 'ok' };
}

async function passes(check: Check): Promise<boolean> {
  try {
    return await check();
  } catch {
    return false;
  }
}
