import { probeServer } from './server.ts';

const server = (extra: Record<string, () => boolean> = {}) => {
  const checks = new Map([['ping', () => true], ...Object.entries(extra)]);
  return probeServer({ healthz: checks, readyz: checks });
};
const get = async (url: string, extra?: Record<string, () => boolean>) => {
  const { statusCode, body } = await server(extra).inject(url);
  return [statusCode, body];
};

test('RTM-438: both endpoints answer 200 ok', async () => {
  expect(await get('/healthz')).toEqual([200, 'ok']);
  expect(await get('/readyz')).toEqual([200, 'ok']);
});

test('RTM-439: verbose lists the checks and the verdict', async () => {
  expect(await get('/readyz?verbose')).toEqual([200, '[+]ping ok\nreadyz check passed\n']);
});

test('RTM-440: single checks can be asked for and left out; unknown ones are 404', async () => {
  expect(await get('/healthz/ping')).toEqual([200, 'ok']);
  expect((await get('/healthz/nope'))[0]).toBe(404);
  expect((await get('/healthz/bad', { bad: () => false }))[0]).toBe(500);
  expect(await get('/healthz?exclude=bad', { bad: () => false })).toEqual([200, 'ok']);
});

test('RTM-441: a failing check is 500 and gives no reason', async () => {
  const bad = () => {
    throw new Error('password is s3cret');
  };
  const [status, body] = await get('/readyz', { bad });
  expect(status).toBe(500);
  expect(body).toContain('[-]bad failed');
  expect(body).not.toContain('s3cret');
});
