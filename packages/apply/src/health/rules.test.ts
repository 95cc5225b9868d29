import { type UnstructuredObject } from '@gitops-toolkit/api';
import { createHealthRules, type HealthExpressions, HealthRulesError } from './rules.ts';

const make = (rest: object, metadata: object = {}): UnstructuredObject =>
  ({
    apiVersion: 'example.org/v1',
    kind: 'Thing',
    metadata: { name: 'it', ...metadata },
    ...rest,
  }) as UnstructuredObject;

const rulesOf = (expressions: Partial<HealthExpressions>) =>
  createHealthRules([{ apiVersion: 'example.org/v1beta1', kind: 'Thing', current: 'true', ...expressions }]);
const statusBy = (expressions: Partial<HealthExpressions>, object: UnstructuredObject) =>
  rulesOf(expressions).status(object).status;

const ready = (status: string) => ({ status: { conditions: [{ type: 'Ready', status }] } });
const lifeCycle = {
  current: "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'True')",
  failed: "status.conditions.filter(e, e.type == 'Ready').all(e, e.status == 'False')",
};

test('KUS-315 RTM-231 RTM-527: inProgress, then failed, then current, then InProgress', () => {
  expect(statusBy({ inProgress: 'true', failed: 'true' }, make({}))).toBe('InProgress');
  expect(statusBy({ failed: 'true' }, make({}))).toBe('Failed');
  expect(statusBy({ failed: 'false', inProgress: 'false' }, make({}))).toBe('Current');
  expect(statusBy({ current: 'false' }, make({}))).toBe('InProgress');
});

test('KUS-314 RTM-231: generations that differ are InProgress before any expression', () => {
  expect(statusBy({ current: 'nothing.here' }, make({ status: { observedGeneration: 1 } }, { generation: 2 }))).toBe(
    'InProgress',
  );
  expect(statusBy({}, make({ status: { observedGeneration: 2 } }, { generation: 2 }))).toBe('Current');
});

test('KUS-317 RTM-232: generations that are not integers leave it to the expressions', () => {
  expect(statusBy({}, make({ status: { observedGeneration: 'abc' } }, { generation: 2 }))).toBe('Current');
});

test('KUS-312 KUS-316 RTM-233 RTM-528: an object without status', () => {
  const { status, message } = rulesOf(lifeCycle).status(make({}));
  expect(status).toBe('Unknown');
  expect(message).toContain('no such attribute(s): status.conditions');
  expect(rulesOf(lifeCycle).status(make({ status: {} })).message).toContain('no such key: conditions');
  expect(statusBy({ current: "metadata.name == 'it' && spec.?ready.orValue(false)" }, make({ spec: {} }))).toBe(
    'InProgress',
  );
});

test('KUS-318: a result that is not boolean', () => {
  const result = rulesOf({ current: 'metadata.name' }).status(make({}));
  expect(result).toEqual({
    status: 'Unknown',
    message: "failed to evaluate CEL expression as boolean: 'metadata.name'",
  });
});

test('the life cycle of an object', () => {
  expect(statusBy(lifeCycle, make(ready('False')))).toBe('Failed');
  expect(statusBy(lifeCycle, make(ready('True')))).toBe('Current');
  expect(statusBy(lifeCycle, make(ready('Unknown')))).toBe('InProgress');
});

test('KUS-311 RTM-234 KUS-482: kind beats group, and a group covers its kinds', () => {
  const rules = createHealthRules([
    { apiVersion: 'example.org/v1', current: 'false' },
    { apiVersion: 'example.org/v1', kind: 'Thing', current: 'true' },
  ]);
  expect(rules.status(make({})).status).toBe('Current');
  expect(rules.status({ ...make({}), kind: 'Other' }).status).toBe('InProgress');
  expect(rules.status({ ...make({}), apiVersion: 'v1', kind: 'ConfigMap' }).status).toBe('Current');
});

test('KUS-320: an expression wins over the rule for Jobs', () => {
  const rules = createHealthRules([{ apiVersion: 'batch/v1', kind: 'Job', current: 'true' }]);
  expect(rules.status({ ...make({}), apiVersion: 'batch/v1', kind: 'Job' }).status).toBe('Current');
});

test('KUS-309 KUS-310: what cannot be judged is Unknown', () => {
  const rules = createHealthRules();
  expect(rules.status(make({ status: { observedGeneration: '1' } }, { generation: 1 })).status).toBe('Unknown');
  expect(rules.status(make({ status: { conditions: 'x' } })).status).toBe('Unknown');
});

test.each([
  ['current', 'Current'],
  ['failed', 'Failed'],
  ['inProgress', 'InProgress'],
] as const)('KUS-80 KUS-81: bad syntax in %s', (field, name) => {
  const create = () => createHealthRules([{ apiVersion: 'example.org/v1', current: 'true', [field]: 'data.' }]);
  expect(create).toThrow(HealthRulesError);
  expect(create).toThrow('failed to create custom status evaluator for healthchecks[0]');
  expect(create).toThrow(`failed to parse the expression ${name}: `);
});

test('KUS-82 RTM-234: two for the same kinds', () => {
  const one = (apiVersion: string, kind?: string) => ({ apiVersion, kind, current: 'true' });
  expect(() => createHealthRules([one('a.org/v1', 'X'), one('a.org/v2', 'X')])).toThrow(
    /duplicate custom health check for GroupKind .* at healthchecks\[1\]/,
  );
  expect(() => createHealthRules([one('a.org/v1'), one('a.org/v1')])).toThrow('duplicate custom health check');
  expect(() => createHealthRules([one('a.org/v1'), one('a.org/v1', 'X')])).not.toThrow();
});
