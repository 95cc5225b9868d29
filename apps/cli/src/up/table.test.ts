import { lineView, renderTable } from './table.ts';
import { shortRevision, toolkitState, type ObjectState } from './state.ts';

const kustomization = (status: object, spec: object = {}) => ({
  apiVersion: 'kustomize.toolkit.fluxcd.io/v1',
  kind: 'Kustomization',
  metadata: { name: 'apps', namespace: 'flux-system', generation: 2 },
  spec,
  status,
});
const ready = (status: 'True' | 'False', reason: string, message: string) => ({
  type: 'Ready' as const,
  status,
  reason,
  message,
  lastTransitionTime: '2026-01-01T00:00:00Z',
});

describe('the state of an object', () => {
  test('is ready only when the Ready condition is about the current generation', () => {
    const conditions = [ready('True', 'ReconciliationSucceeded', 'Applied revision: main@sha1:abc')];
    expect(toolkitState(kustomization({ observedGeneration: 2, conditions })).phase).toBe('ready');
    expect(toolkitState(kustomization({ observedGeneration: 1, conditions })).phase).toBe('progressing');
  });

  test('says why it is not ready', () => {
    const state = toolkitState(
      kustomization({ observedGeneration: -1, conditions: [ready('False', 'BuildFailed', 'no such file')] }),
    );
    expect(state).toMatchObject({ phase: 'failed', message: 'BuildFailed: no such file' });
  });

  test('shows a suspended object as such', () => {
    expect(toolkitState(kustomization({}, { suspend: true })).phase).toBe('suspended');
  });
});

test('revisions are shortened to eight digits of the hash', () => {
  expect(shortRevision('main@sha1:0123456789abcdef0123456789abcdef01234567')).toBe('main@sha1:01234567');
  expect(shortRevision('6.5.4')).toBe('6.5.4');
});

describe('the table', () => {
  const state: ObjectState = {
    object: 'GitRepository/sample',
    namespace: 'flux-system',
    revision: 'main@sha1:01234567',
    phase: 'ready',
    message: 'stored\nartifact',
    depth: 0,
  };

  test('has one line per object, clipped to the width, line breaks folded', () => {
    const lines = renderTable([state, { ...state, object: 'Deployment/web', depth: 1 }], 60, false);
    expect(lines).toHaveLength(3);
    expect(lines.every((line) => line.length <= 60)).toBe(true);
    expect(renderTable([state], 200, false)[1]).toMatch(
      /^✔ GitRepository\/sample {2}flux-system {2}main@sha1:01234567 {2}stored artifact$/,
    );
  });

  test('without a terminal prints changes only', () => {
    const lines: string[] = [];
    const view = lineView((line) => lines.push(line));
    view.show([state]);
    view.show([state]);
    view.show([{ ...state, phase: 'failed', message: 'gone' }]);
    expect(lines).toEqual([
      '✔ GitRepository/sample (flux-system): stored artifact',
      '✘ GitRepository/sample (flux-system): gone',
    ]);
  });
});
