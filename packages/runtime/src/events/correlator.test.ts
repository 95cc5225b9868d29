import { createCorrelator } from './correlator.ts';
import { createOrderedDelivery } from './ordered.ts';

const input = (message: string, reason = 'Progressing') => ({ object: 'u1', type: 'Normal', reason, message });

describe('correlation', () => {
  test('RTM-128: equal events are counted, different ones created', () => {
    const correlate = createCorrelator();
    expect(correlate(input('a'), 0)).toMatchObject({ kind: 'create', series: { count: 1 } });
    expect(correlate(input('a'), 1)).toMatchObject({ kind: 'count', series: { count: 2 } });
    expect(correlate(input('b'), 2)).toMatchObject({ kind: 'create', series: { count: 1 } });
  });

  test('RTM-128: many similar events become one', () => {
    const correlate = createCorrelator();
    const kinds = Array.from({ length: 13 }, (_, i) => correlate(input(`message ${i}`), i * 1000));
    expect(kinds.slice(0, 10).every(({ kind }) => kind === 'create')).toBe(true);
    expect(kinds[10]).toMatchObject({ kind: 'create', message: '(combined from similar events): message 10' });
    expect(kinds[12]).toMatchObject({ kind: 'count', series: { count: 3 } });
    expect(correlate(input('later'), 3_600_000)).toMatchObject({ kind: 'create', message: 'later' });
  });

  test('RTM-128: an object that talks too much is silenced until tokens come back', () => {
    const correlate = createCorrelator();
    const told = Array.from({ length: 30 }, (_, i) => correlate(input('m', `Reason${i}`), 0));
    expect(told.filter(({ kind }) => kind === 'drop')).toHaveLength(5);
    expect(correlate(input('m', 'New'), 300_000).kind).toBe('create');
  });
});

describe('delivery', () => {
  test('in order per key, keys side by side, and a drain waits for all', async () => {
    const delivery = createOrderedDelivery();
    const done: string[] = [];
    let open: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    delivery.push('a', async () => {
      await gate;
      done.push('a1');
    });
    delivery.push('a', async () => void done.push('a2'));
    delivery.push('b', async () => void done.push('b1'));
    await new Promise((resolve) => setImmediate(resolve));
    expect(done).toEqual(['b1']);
    open!();
    await delivery.drain();
    expect(done).toEqual(['b1', 'a1', 'a2']);
  });

  test('what waits is bounded', async () => {
    const delivery = createOrderedDelivery();
    let open: () => void;
    const gate = new Promise<void>((resolve) => (open = resolve));
    const accepted = Array.from({ length: 3000 }, () => delivery.push('a', () => gate)).filter(Boolean).length;
    expect(accepted).toBeLessThan(2100);
    open!();
    await delivery.drain();
  });
});
