const MIN_INT64 = -(2n ** 63n);
const MAX_UINT64 = 2n ** 64n - 1n;

/** Text of a number as the reference prints it (KZE-933). */
export function numberText(value: number | bigint): string {
  if (typeof value === 'bigint') {
    return value >= MIN_INT64 && value <= MAX_UINT64 ? value.toString() : floatText(Number(value));
  }
  if (Number.isSafeInteger(value)) return value === 0 ? '0' : String(value);
  if (Number.isInteger(value) && Math.abs(value) < 1e21) {
    const integer = BigInt(value.toString());
    if (integer >= MIN_INT64 && integer <= MAX_UINT64) return integer.toString();
  }
  return floatText(value);
}

/** Shortest digits that round-trip, plain for exponents -4 to 5, else `d.ddde±dd`. */
function floatText(value: number): string {
  const [digits, exponent] = value.toExponential().split('e') as [string, string];
  const power = Number(exponent);
  if (power >= -4 && power <= 5) return String(value);
  return `${digits}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`;
}
