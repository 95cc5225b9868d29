import { recordRequest, takeOneOffRequest } from './annotations.ts';
import { artifactChanged, generationChanged, requestChanged, specOrRequestChanged } from './predicates.ts';

const force = 'reconcile.fluxcd.io/forceAt';
const request = 'reconcile.fluxcd.io/requestedAt';
const object = (annotations: Record<string, string> = {}, status: Record<string, unknown> = {}, generation = 1) => ({
  apiVersion: 'v1',
  kind: 'Thing',
  metadata: { name: 'a', generation, annotations },
  status: status as { lastHandledReconcileAt?: string; lastHandledForceAt?: string },
});
const take = (o: ReturnType<typeof object>) => takeOneOffRequest(o, force, 'lastHandledForceAt');

describe('one-off requests', () => {
  test('RTM-511: equal tokens act exactly once', () => {
    const o = object({ [force]: 'T', [request]: 'T' });
    expect(take(o)).toBe(true);
    expect(o.status.lastHandledForceAt).toBe('T');
    recordRequest(o);
    expect(take(o)).toBe(false);
  });

  test('RTM-512: different tokens never act, the force token is noted all the same', () => {
    const o = object({ [force]: 'T1', [request]: 'T2' });
    expect(take(o)).toBe(false);
    expect(o.status.lastHandledForceAt).toBe('T1');
  });

  test('RTM-513: a request that was handled already never acts', () => {
    const o = object({ [force]: 'T', [request]: 'T' }, { lastHandledReconcileAt: 'T' });
    expect(take(o)).toBe(false);
    expect(o.status.lastHandledForceAt).toBe('T');
  });

  test('RTM-514: a force token that was handled already never acts', () => {
    expect(take(object({ [force]: 'T', [request]: 'T' }, { lastHandledForceAt: 'T' }))).toBe(false);
  });

  test('RTM-515: without the annotation nothing changes; RTM-202: force alone never acts', () => {
    const o = object({ [request]: 'T' }, { lastHandledForceAt: 'old' });
    expect(take(o)).toBe(false);
    expect(o.status.lastHandledForceAt).toBe('old');
    expect(take(object({ [force]: 'T' }))).toBe(false);
  });
});

describe('predicates', () => {
  test('RTM-197, RTM-199, RTM-517: a new request token counts, also an empty or arbitrary one; removing it does not', () => {
    const change = (before?: string, after?: string) =>
      requestChanged({
        before: object(before === undefined ? {} : { [request]: before }),
        after: object(after === undefined ? {} : { [request]: after }),
      });
    expect(change('a', undefined)).toBe(false);
    expect(change(undefined, 'a')).toBe(true);
    expect(change(undefined, '')).toBe(true);
    expect(change('2026', '2025')).toBe(true);
    expect(change('a', 'a')).toBe(false);
    expect(requestChanged({ after: object({ [request]: 'a' }) })).toBe(false);
    expect(requestChanged({ before: object({ [request]: 'a' }) })).toBe(false);
  });

  test('RTM-197, RTM-198, KUS-72: creations, deletions and new generations trigger; labels and status do not', () => {
    expect(specOrRequestChanged({ after: object() })).toBe(true);
    expect(specOrRequestChanged({ before: object() })).toBe(true);
    expect(generationChanged({ before: object(), after: object({}, {}, 2) })).toBe(true);
    const relabelled = object({ other: 'x' }, { lastHandledReconcileAt: 'x' });
    expect(specOrRequestChanged({ before: object(), after: relabelled })).toBe(false);
  });

  test('RTM-218: an artifact counts when it appears or its revision changes', () => {
    const source = (revision?: string, digest = 'd') => object({}, revision ? { artifact: { revision, digest } } : {});
    const when = artifactChanged();
    expect(when({ before: source(), after: source('r1') })).toBe(true);
    expect(when({ before: source('r1'), after: source('r2') })).toBe(true);
    expect(when({ before: source('r1'), after: source('r1', 'other') })).toBe(false);
    expect(when({ before: source('r1'), after: source() })).toBe(false);
    expect(artifactChanged('digest')({ before: source('r1'), after: source('r1', 'other') })).toBe(true);
  });
});
