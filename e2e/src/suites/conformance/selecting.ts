/** Label and field selectors, and lists in pages. */
import { names, secret, secrets } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import type { Body, Stage, Topic } from './script.ts';

const labelled: Record<string, object> = {
  a: { x: '1', y: '1' },
  b: { x: '2' },
  c: { y: '2', 'example.com/z': '' },
  d: {},
};

/** What a selector finds among four secrets. */
const labels =
  (selector: string) =>
  async ({ call, see }: Stage) => {
    for (const [name, labels] of Object.entries(labelled)) await call(`POST ${secrets}`, secret(name, { labels }));
    await see(`GET ${secrets}?labelSelector=${encodeURIComponent(selector)}`, undefined, { show: names });
  };
const fields =
  (selector: string) =>
  async ({ call, see }: Stage) => {
    await call(`POST ${secrets}`, { ...secret('a'), type: 'example.com/a' });
    await call(`POST ${secrets}`, secret('b'));
    await see(`GET ${secrets}?fieldSelector=${encodeURIComponent(selector)}`, undefined, { show: names });
  };
const five = async ({ call }: Stage) => {
  for (const name of ['a', 'b', 'c', 'd', 'e']) await call(`POST ${secrets}`, secret(name, { labels: { x: '1' } }));
};
const page = ({ metadata, items }: Body) => ({
  items: items.map((item: Body) => item.metadata.name),
  more: 'continue' in metadata && metadata.continue !== '',
  remaining: metadata.remainingItemCount ?? null,
});

export const selecting: Topic = {
  'labels: equal': labels('x=1'),
  'labels: equal with two signs': labels('x==2'),
  'labels: not equal, or not there': labels('x!=1'),
  'labels: in': labels('x in (1,2)'),
  'labels: not in': labels('y notin (1, 3)'),
  'labels: exists': labels('y'),
  'labels: does not exist': labels('!x'),
  'labels: several': labels('x,y=1'),
  'labels: an empty value': labels('example.com/z='),
  'labels: greater than': labels('x>1'),
  'labels: nothing selects all': labels(''),
  'labels: unbalanced': labels('x in (1'),
  'labels: a bad key': labels('a b=1'),
  'labels: a bad value': labels('x=a/b'),
  'fields: metadata.name': fields('metadata.name=a'),
  'fields: not equal': fields('metadata.name!=a'),
  'fields: of the kind': fields('type=example.com/a'),
  'fields: unknown': fields('data.x=1'),
  'fields: malformed': fields('metadata.name'),
  'fields: of a custom resource': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('a'));
    await call(`POST ${widgets}`, aWidget('b', { color: 'blue' }));
    await see(`GET ${widgets}?fieldSelector=spec.color%3Dblue`, undefined, { show: names });
    await see(`GET ${widgets}?fieldSelector=spec.size%3D3`);
  },
  'pages: of two': async (stage) => {
    await five(stage);
    let list = await stage.see(`GET ${secrets}?limit=2`, undefined, { show: page });
    for (let n = 0; n < 2; n++) {
      const token = list.metadata.continue;
      list = await stage.call(`GET ${secrets}?limit=2&continue=${token}`);
      const now = page(list);
      await stage.see(`GET ${secrets}?limit=1`, undefined, { show: () => now });
    }
  },
  'pages: show one revision': async (stage) => {
    await five(stage);
    const first = await stage.call(`GET ${secrets}?limit=2`);
    await stage.call(`DELETE ${secrets}/d`);
    await stage.call(`POST ${secrets}`, secret('ab'));
    const rest = await stage.call(`GET ${secrets}?continue=${first.metadata.continue}`);
    await stage.see(`GET ${secrets}`, undefined, {
      show: (now) => [names(rest), names(now), rest.metadata.resourceVersion === first.metadata.resourceVersion],
    });
  },
  'pages: with a selector the rest is not counted': async (stage) => {
    await five(stage);
    await stage.see(`GET ${secrets}?limit=2&labelSelector=x%3D1`, undefined, { show: page });
  },
  'pages: exactly as many as there are': async (stage) => {
    await five(stage);
    await stage.see(`GET ${secrets}?limit=5`, undefined, { show: page });
  },
  'pages: a token that is none': ({ see }) => see(`GET ${secrets}?limit=2&continue=abc`),
  'pages: a limit that is none': ({ see }) => see(`GET ${secrets}?limit=many`),
  'pages: a negative limit': ({ see }) => see(`GET ${secrets}?limit=-1`),
  'pages: a token and a resourceVersion': async (stage) => {
    await five(stage);
    const first = await stage.call(`GET ${secrets}?limit=2`);
    await stage.see(
      `GET ${secrets}?limit=2&resourceVersion=5&continue=TOKEN`.replace('TOKEN', first.metadata.continue),
      undefined,
      {},
    );
  },
};
