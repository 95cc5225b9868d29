/** `group/version`, or the version alone for core kinds. */
export function apiVersionText(group: string, version: string): string {
  return group === '' ? version : `${group}/${version}`;
}
