import { createHash, type Hash } from 'node:crypto';

/** SHA-256 of a JSON value in which the order of fields does not matter. */
export function jsonDigest(...values: unknown[]): string {
  const hash = createHash('sha256');
  const chunks: string[] = [];
  for (const value of values) write(value, chunks, hash);
  hash.update(chunks.join(''));
  return hash.digest('base64url');
}

function write(value: unknown, chunks: string[], hash: Hash): void {
  // Strings are short; hashing them in batches is what makes a digest of a large object cheap.
  if (chunks.length > 2048) hash.update(chunks.splice(0).join(''));
  if (Array.isArray(value)) {
    chunks.push('[');
    for (const item of value) {
      write(item, chunks, hash);
      chunks.push(',');
    }
    chunks.push(']');
  } else if (typeof value === 'object' && value !== null) {
    chunks.push('{');
    const record = value as Record<string, unknown>;
    for (const key of Object.keys(record).sort()) {
      if (record[key] === undefined) continue;
      chunks.push(JSON.stringify(key), ':');
      write(record[key], chunks, hash);
      chunks.push(',');
    }
    chunks.push('}');
  } else {
    chunks.push(JSON.stringify(value) ?? 'null');
  }
}
