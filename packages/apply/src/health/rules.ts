import { gvkOf, type UnstructuredObject } from '@gitops-toolkit/api';
import { CelError, type CelExpression, parseCel } from '@gitops-toolkit/template';
import { jsonDigest } from '../object/digest.ts';
import { fieldAt } from '../object/object.ts';
import { UnreadableStatusError } from './fields.ts';
import { type ObjectStatus, statusOf, type StatusOptions } from './status.ts';

/** CEL expressions that replace the built-in rules for a kind, or for all kinds of a group (KUS-311). */
export interface HealthExpressions {
  /** Only the group counts. */
  apiVersion: string;
  /** Absent or empty: all kinds of the group. */
  kind?: string;
  current: string;
  inProgress?: string;
  failed?: string;
}

/** Expressions that cannot be used: bad syntax, or two for the same kinds (KUS-80 … KUS-82). */
export class HealthRulesError extends Error {
  override readonly name = 'HealthRulesError';
}

/** How objects are judged. */
export interface HealthRules {
  /** Never throws: what cannot be judged is Unknown, with the reason as its message. */
  status(object: UnstructuredObject, options?: StatusOptions): ObjectStatus;
  /** The same for the same expressions. */
  readonly digest: string;
}

/**
 * Health rules: the built-in ones (KUS-302), and before them those of `expressions`. Expressions win over the rule for
 * Jobs too (KUS-320).
 *
 * @throws HealthRulesError naming the index of the entry, and the expression that is wrong.
 */
export function createHealthRules(expressions: readonly HealthExpressions[] = []): HealthRules {
  const custom = new Map<string, Evaluator>();
  for (const [index, entry] of expressions.entries()) {
    const { group } = gvkOf({ apiVersion: entry.apiVersion, kind: '' });
    const name = `${entry.kind ?? ''}.${group}`;
    if (custom.has(name)) {
      throw new HealthRulesError(`duplicate custom health check for GroupKind ${name} at healthchecks[${index}]`);
    }
    custom.set(name, compile(entry, index));
  }
  return {
    digest: jsonDigest(expressions),
    status(object, options) {
      const { group, kind } = gvkOf(object);
      const evaluator = custom.get(`${kind}.${group}`) ?? custom.get(`.${group}`);
      try {
        return evaluator ? evaluator(object) : statusOf(object, options);
      } catch (error) {
        if (error instanceof CelError || error instanceof UnreadableStatusError) {
          return { status: 'Unknown', message: error.message };
        }
        throw error;
      }
    },
  };
}

type Evaluator = (object: UnstructuredObject) => ObjectStatus;

function compile(entry: HealthExpressions, index: number): Evaluator {
  const parse = (name: string, expression: string): CelExpression => {
    try {
      return parseCel(expression);
    } catch (cause) {
      if (!(cause instanceof CelError)) throw cause;
      const where = `failed to create custom status evaluator for healthchecks[${index}]`;
      throw new HealthRulesError(`${where}: failed to parse the expression ${name}: ${cause.message}`, { cause });
    }
  };
  if (!entry.current) {
    throw new HealthRulesError(
      `failed to create custom status evaluator for healthchecks[${index}]: expression Current not specified`,
    );
  }
  const current = parse('Current', entry.current);
  const failed = entry.failed ? parse('Failed', entry.failed) : undefined;
  const inProgress = entry.inProgress ? parse('InProgress', entry.inProgress) : undefined;
  return (object) => {
    const observed = fieldAt(object, 'status', 'observedGeneration');
    const { generation } = object.metadata;
    if (Number.isInteger(observed) && Number.isInteger(generation) && observed !== generation) {
      return { status: 'InProgress', message: 'the latest generation has not been observed yet' };
    }
    if (inProgress?.evaluateBoolean(object)) return { status: 'InProgress', message: '' };
    if (failed?.evaluateBoolean(object)) return { status: 'Failed', message: '' };
    if (current.evaluateBoolean(object)) return { status: 'Current', message: '' };
    return { status: 'InProgress', message: '' };
  };
}
