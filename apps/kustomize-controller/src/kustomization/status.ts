/** Sets a field, or removes it where there is no value: absent and undefined are not the same in a patch. */
export function setOrDelete<T extends object, K extends keyof T>(target: T, key: K, value: T[K] | undefined): void {
  if (value === undefined) delete target[key];
  else target[key] = value;
}
