const name = String.raw`[A-Za-z0-9](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?`;
const key = String.raw`(?:${name}/)?${name}`;
const value = String.raw`(?:${name})?`;
const requirement = new RegExp(
  String.raw`^\s*(?:!\s*${key}|${key}\s*(?:(?:==|=|!=)\s*${value}|[<>]\s*\d+|\s(?:in|notin)\s*\(\s*${value}(?:\s*,\s*${value})*\s*\))?)\s*$`,
);

/**
 * Whether the text is a Kubernetes label selector such as `a=b`, `!a` or `a in (x,y)` (RTM-214). Empty selects all.
 */
export function isLabelSelector(text: string): boolean {
  if (text.trim() === '') return true;
  // Commas separate requirements, except inside parentheses.
  return text.length <= 4096 && text.split(/,(?![^()]*\))/).every((part) => requirement.test(part));
}
