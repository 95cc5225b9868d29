/**
 * The "natural" order of map keys (KZE-932): letters by code point and after everything else, runs of digits as numbers,
 * a prefix first.
 */
export function compareKeys(a: string, b: string): number {
  const length = Math.min(a.length, b.length);
  let i = 0;
  while (i < length && a.charCodeAt(i) === b.charCodeAt(i)) i++;
  if (i === length) return a.length - b.length;
  const x = a.charCodeAt(i);
  const y = b.charCodeAt(i);
  if (isAsciiLetter(x) && isAsciiLetter(y)) return x - y;
  if (x < 128 && y < 128) return compareAscii(a, b, i);
  return compareRunes([...a], [...b]);
}

function isAsciiLetter(code: number): boolean {
  return (code >= 97 && code <= 122) || (code >= 65 && code <= 90);
}

function compareAscii(a: string, b: string, i: number): number {
  const x = isAsciiLetter(a.charCodeAt(i));
  const y = isAsciiLetter(b.charCodeAt(i));
  if (x || y) return y ? -1 : 1;
  return compareNumbers(a, b, i);
}

const LETTER = /^\p{L}$/u;

function compareRunes(a: string[], b: string[]): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    if (a[i] === b[i]) continue;
    const x = LETTER.test(a[i]!);
    const y = LETTER.test(b[i]!);
    if (x && y) return a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
    if (x || y) return y ? -1 : 1;
    return compareNumbers(a, b, i);
  }
  return a.length - b.length;
}

function compareNumbers(a: ArrayLike<string>, b: ArrayLike<string>, i: number): number {
  let m = 0;
  let n = 0;
  if (a[i] === '0' || b[i] === '0') {
    for (let j = i - 1; j >= 0 && isDigit(a[j]); j--) {
      if (a[j] !== '0') {
        m = n = 1;
        break;
      }
    }
  }
  let p = i;
  let q = i;
  for (; p < a.length && isDigit(a[p]); p++) m = m * 10 + Number(a[p]);
  for (; q < b.length && isDigit(b[q]); q++) n = n * 10 + Number(b[q]);
  if (m !== n) return m - n;
  if (p !== q) return p - q;
  return a[i]!.codePointAt(0)! - b[i]!.codePointAt(0)!;
}

function isDigit(char: string | undefined): boolean {
  return char !== undefined && char >= '0' && char <= '9';
}
