import { toPlain, type Plain } from './data.ts';
import { parseDocument } from './parse.ts';

/**
 * Reads one YAML document as Kubernetes tools do, by the rules of YAML 1.1 (`yes` is a boolean); a repeated key takes its
 * last value. Undefined for an empty document.
 *
 * @throws {KustomizeError} `malformed-yaml` with the line, or `limit`.
 */
export function parseYaml(source: string): Plain | undefined {
  const node = parseDocument(source, { dialect: '1.1', duplicateKeys: 'last' });
  return node && toPlain(node);
}
