import { AccessDeniedError, checkAccessFrom, checkCrossNamespace } from './references.ts';
import { isLabelSelector } from './selector.ts';

test('RTM-272: a reference into another namespace is refused only when the flag is on', () => {
  const reference = { kind: 'GitRepository', namespace: 'infra', name: 'repo' };
  expect(() => checkCrossNamespace(reference, 'apps', true)).toThrow(AccessDeniedError);
  expect(() => checkCrossNamespace(reference, 'apps', true)).toThrow(/GitRepository\/infra\/repo.*cross-namespace/);
  for (const [from, flag, namespace] of [
    ['infra', true, 'infra'],
    ['apps', false, 'infra'],
    ['apps', true, undefined],
  ] as const)
    expect(() => checkCrossNamespace({ ...reference, namespace }, from, flag)).not.toThrow();
});

test('RTM-274, RTM-275, RTM-563: the access list', () => {
  const allowed = (namespace: string | undefined, selectors?: { matchLabels?: Record<string, string> }[]) => {
    const accessFrom = selectors && { namespaceSelectors: selectors };
    const from = { namespace: 'apps', labels: { tenant: 'a', env: 'prod' } };
    try {
      checkAccessFrom({ kind: 'ImageRepository', namespace, name: 'r', accessFrom }, from);
      return 'allowed';
    } catch (error) {
      return (error as Error).message;
    }
  };
  expect(allowed('apps')).toBe('allowed');
  expect(allowed(undefined)).toBe('allowed');
  expect(allowed('infra')).toMatch(/missing ACL labels/);
  expect(allowed('infra', [])).toMatch(/mismatch.*'apps'/);
  expect(allowed('infra', [{ matchLabels: {} }])).toBe('allowed');
  expect(allowed('infra', [{ matchLabels: { tenant: 'b' } }, { matchLabels: { tenant: 'a', env: 'prod' } }])).toBe(
    'allowed',
  );
  expect(allowed('infra', [{ matchLabels: { tenant: 'a', env: 'test' } }])).toMatch(/mismatch/);
});

test('RTM-214, RTM-565: the syntax of label selectors', () => {
  for (const text of [
    '',
    'a=b',
    'a==b',
    'a!=b',
    'a',
    '!a',
    '! a',
    'a in (x,y)',
    'a notin ( x , y )',
    'a=',
    'x.io/a=b,!c',
  ])
    expect([text, isLabelSelector(text)]).toEqual([text, true]);
  for (const text of ['a in (', 'a in x', '=b', 'a=b=c', 'a,,b', '-a', 'a b', '!a=b'])
    expect([text, isLabelSelector(text)]).toEqual([text, false]);
});
