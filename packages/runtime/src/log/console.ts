/** A JSON log line as tab-separated text: time, LEVEL, logger, message, other facts as JSON (RTM-446, RTM-451). */
export function consoleLine(line: string): string {
  const { ts, level, logger, msg, ...facts } = JSON.parse(line) as Record<string, unknown>;
  const parts = [ts, String(level).toUpperCase(), logger, msg];
  if (Object.keys(facts).length > 0) parts.push(JSON.stringify(facts));
  return `${parts.filter((part) => part !== undefined).join('\t')}\n`;
}
