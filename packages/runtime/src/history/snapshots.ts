/** An entry of `status.history` (RTM-60). Times are RFC 3339, the duration is Go's notation. */
export interface Snapshot {
  digest: string;
  firstReconciled: string;
  lastReconciled: string;
  lastReconciledDuration: string;
  lastReconciledStatus: string;
  totalReconciliations: number;
  metadata?: Record<string, string>;
}

/** Entries kept (RTM-58). */
const limit = 5;

/**
 * The history, newest first, with one more reconciliation: an entry of the same digest and status is updated and moves
 * to the front, anything else becomes a new entry; at most five stay (RTM-60).
 */
export function upsertHistory(
  history: readonly Snapshot[] | undefined,
  entry: Pick<Snapshot, 'digest' | 'lastReconciled' | 'lastReconciledDuration' | 'lastReconciledStatus' | 'metadata'>,
): Snapshot[] {
  const list = history ?? [];
  const same = list.find((s) => s.digest === entry.digest && s.lastReconciledStatus === entry.lastReconciledStatus);
  const next: Snapshot = {
    ...entry,
    firstReconciled: same?.firstReconciled ?? entry.lastReconciled,
    totalReconciliations: (same?.totalReconciliations ?? 0) + 1,
  };
  return [next, ...list.filter((snapshot) => snapshot !== same)].slice(0, limit);
}
