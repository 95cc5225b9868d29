/** Kubernetes quantities: `100m`, `1.5Gi`, `2e3`. */

const suffixes: Record<string, number> = {
  n: 1e-9,
  u: 1e-6,
  m: 1e-3,
  '': 1,
  k: 1e3,
  M: 1e6,
  G: 1e9,
  T: 1e12,
  P: 1e15,
  E: 1e18,
  Ki: 2 ** 10,
  Mi: 2 ** 20,
  Gi: 2 ** 30,
  Ti: 2 ** 40,
  Pi: 2 ** 50,
  Ei: 2 ** 60,
};

const shape = /^([+-]?(?:\d+\.?\d*|\.\d+))(?:([eE][+-]?\d+)|([a-zA-Z]{0,2}))$/;

/** The number that a quantity stands for, or undefined when `text` is no quantity. Exact up to 2^53. */
export function parseQuantity(text: string): number | undefined {
  const match = shape.exec(text);
  if (match === null) return undefined;
  if (match[2] !== undefined) return Number(match[1] + match[2]);
  const factor = suffixes[match[3] ?? ''];
  return factor === undefined ? undefined : factor < 1 ? Number(match[1]) / (1 / factor) : Number(match[1]) * factor;
}
