import { upsertHistory, type Snapshot } from './snapshots.ts';

const entry = (digest: string, status = 'Ok', at = 'T1', metadata = { revision: at }) => ({
  digest,
  lastReconciled: at,
  lastReconciledDuration: '1s',
  lastReconciledStatus: status,
  metadata,
});
const view = (history: Snapshot[]) =>
  history.map((s) => `${s.digest} ${s.lastReconciledStatus} ×${s.totalReconciliations}`);

test('RTM-60, RTM-567: entries are inserted, updated in place and moved to the front', () => {
  let history = upsertHistory(undefined, entry('a'));
  history = upsertHistory(history, entry('b'));
  expect(view(history)).toEqual(['b Ok ×1', 'a Ok ×1']);
  history = upsertHistory(history, entry('a', 'Ok', 'T2'));
  expect(view(history)).toEqual(['a Ok ×2', 'b Ok ×1']);
  expect(history[0]).toMatchObject({ firstReconciled: 'T1', lastReconciled: 'T2', metadata: { revision: 'T2' } });
});

test('RTM-60, RTM-567: another status is another entry; the sixth drops out', () => {
  let history = upsertHistory(undefined, entry('a'));
  history = upsertHistory(history, entry('a', 'Failed'));
  expect(view(history)).toEqual(['a Failed ×1', 'a Ok ×1']);
  for (const digest of ['b', 'c', 'd', 'e']) history = upsertHistory(history, entry(digest));
  expect(view(history)).toEqual(['e Ok ×1', 'd Ok ×1', 'c Ok ×1', 'b Ok ×1', 'a Failed ×1']);
});
