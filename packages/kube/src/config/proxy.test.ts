import { proxyForUrl } from '../index.ts';

const proxy = 'http://proxy.example:3128';

test('the proxy depends on the scheme, in either case of the variable', () => {
  expect(proxyForUrl('https://a.example', { HTTPS_PROXY: proxy })).toBe(proxy);
  expect(proxyForUrl('https://a.example', { https_proxy: 'proxy.example:3128' })).toBe(proxy);
  expect(proxyForUrl('http://a.example', { HTTPS_PROXY: proxy })).toBeUndefined();
  expect(proxyForUrl('http://a.example', { HTTP_PROXY: proxy })).toBe(proxy);
});

test.each([
  ['https://a.example', 'a.example', false],
  ['https://b.a.example', 'a.example', false],
  ['https://ba.example', 'a.example', true],
  ['https://a.example', '.a.example', true],
  ['https://b.a.example', '.a.example', false],
  ['https://b.a.example', '*.a.example', false],
  ['https://a.example', 'x, *', false],
  ['https://10.96.0.1', '10.96.0.0/12', false],
  ['https://11.0.0.1', '10.96.0.0/12', true],
  ['https://10.96.0.1', '10.96.0.1', false],
  ['https://[fd00::1]', 'fd00::/8', false],
  ['https://a.example:6443', 'a.example:443', true],
  ['https://a.example', 'a.example:443', false],
  ['https://localhost:6443', '', false],
  ['https://127.0.0.1:6443', '', false],
])('%s with NO_PROXY=%s: through the proxy %s', (url, NO_PROXY, through) => {
  expect(proxyForUrl(url, { HTTPS_PROXY: proxy, NO_PROXY })).toBe(through ? proxy : undefined);
});
