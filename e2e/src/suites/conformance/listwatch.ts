/** Lists and watches, and what their resource versions promise. */
import { names, secret, secrets } from './builtins.ts';
import { aWidget, widgets } from './definitions.ts';
import { type Body, merge, type Stage, type Topic } from './script.ts';

const make = async ({ call }: Stage, ...list: string[]) => {
  for (const name of list) await call(`POST ${secrets}`, secret(name));
};
const current = async ({ call }: Stage): Promise<string> => (await call(`GET ${secrets}`)).metadata.resourceVersion;
const brief = ({ type, object }: Body) => [type, object?.metadata?.name ?? object?.message ?? ''];
const bookmark = ({ type, object }: Body) =>
  type === 'BOOKMARK' ? [type, object.kind, object.metadata.annotations ?? null] : [type, object.metadata.name];

export const listwatch: Topic = {
  'list: empty': ({ see }) => see(`GET ${secrets}`),
  'list: in the order of names': async (stage) => {
    await make(stage, 'b', 'a', 'a.b', 'a-b');
    await stage.see(`GET ${secrets}`);
  },
  'list: of a namespace that does not exist': ({ see }) => see('GET /api/v1/namespaces/nowhere/secrets'),
  'list: custom resources name their kind': async ({ call, see }) => {
    await call(`POST ${widgets}`, aWidget('one'));
    await see(`GET ${widgets}`);
  },
  'list: over all namespaces': async (stage) => {
    await make(stage, 'a');
    await stage.see('GET /api/v1/secrets?fieldSelector=metadata.namespace=NS');
  },
  'list: one object by the path of a list': async (stage) => {
    await make(stage, 'a', 'b');
    await stage.see(`GET ${secrets}?fieldSelector=metadata.name%3Db`, undefined, { show: names });
  },
  'list: resourceVersion 0': async (stage) => {
    await make(stage, 'a');
    await stage.see(`GET ${secrets}?resourceVersion=0&labelSelector=none`, undefined);
  },
  'list: at an exact old revision': async (stage) => {
    await make(stage, 'a');
    const before = await current(stage);
    await make(stage, 'b');
    await stage.call(`DELETE ${secrets}/a`);
    const list = await stage.call(`GET ${secrets}?resourceVersion=${before}&resourceVersionMatch=Exact`);
    await stage.see(`GET ${secrets}`, undefined, {
      show: (now) => [names(list), names(now), list.metadata.resourceVersion === before],
    });
  },
  'list: not older than': async (stage) => {
    await make(stage, 'a');
    const before = await current(stage);
    await make(stage, 'b');
    const list = await stage.call(`GET ${secrets}?resourceVersion=${before}&resourceVersionMatch=NotOlderThan`);
    await stage.see(`GET ${secrets}`, undefined, { show: () => names(list) });
  },
  'list: resourceVersionMatch without resourceVersion': ({ see }) => see(`GET ${secrets}?resourceVersionMatch=Exact`),
  'list: resourceVersionMatch Exact of 0': ({ see }) =>
    see(`GET ${secrets}?resourceVersionMatch=Exact&resourceVersion=0`),
  'list: an unknown resourceVersionMatch': ({ see }) =>
    see(`GET ${secrets}?resourceVersionMatch=About&resourceVersion=1`),
  'list: a resourceVersion that is none': ({ see }) => see(`GET ${secrets}?resourceVersion=x`),
  'list: sendInitialEvents is for watches': ({ see }) => see(`GET ${secrets}?sendInitialEvents=true`),
  'watch: from a revision': async (stage) => {
    const from = await current(stage);
    await make(stage, 'a');
    await stage.call(`PATCH ${secrets}/a`, { metadata: { labels: { x: '1' } } }, merge);
    await stage.call(`DELETE ${secrets}/a`);
    await stage.watch(`GET ${secrets}?watch=1&resourceVersion=${from}`, { count: 3 });
  },
  'watch: what happens while it is open': async (stage) => {
    const from = await current(stage);
    await stage.watch(`GET ${secrets}?watch=true&resourceVersion=${from}`, {
      count: 2,
      show: brief,
      then: () => make(stage, 'a', 'b'),
    });
  },
  'watch: without a revision starts with what is there': async (stage) => {
    await make(stage, 'a', 'b');
    await stage.watch(`GET ${secrets}?watch=1`, { count: 2, show: brief });
  },
  'watch: from revision 0': async (stage) => {
    await make(stage, 'a', 'b');
    await stage.watch(`GET ${secrets}?watch=1&resourceVersion=0`, { count: 2, show: brief });
  },
  'watch: objects that start and cease to match a selector': async (stage) => {
    const from = await current(stage);
    await make(stage, 'a');
    for (const x of ['1', '2', '1']) await stage.call(`PATCH ${secrets}/a`, { metadata: { labels: { x } } }, merge);
    await stage.watch(`GET ${secrets}?watch=1&labelSelector=x%3D1&resourceVersion=${from}`, {
      count: 3,
      show: ({ type, object }) => [type, object.metadata.labels],
    });
  },
  'watch: one object': async (stage) => {
    const from = await current(stage);
    await make(stage, 'a', 'b');
    await stage.watch(`GET ${secrets}?watch=1&fieldSelector=metadata.name%3Db&resourceVersion=${from}`, {
      count: 1,
      show: brief,
    });
  },
  'watch: the deprecated path': async (stage) => {
    await make(stage, 'a');
    await stage.watch('GET /api/v1/watch/namespaces/NS/secrets', { count: 1, show: brief });
  },
  'watch: a finalizer makes deletion a modification first': async (stage) => {
    const from = await current(stage);
    await stage.call(`POST ${secrets}`, secret('a', { finalizers: ['example.com/f'] }));
    await stage.call(`DELETE ${secrets}/a`);
    await stage.call(`PATCH ${secrets}/a`, { metadata: { finalizers: null } }, merge);
    await stage.watch(`GET ${secrets}?watch=1&resourceVersion=${from}`, {
      count: 3,
      show: ({ type, object: { metadata } }) => [
        type,
        metadata.finalizers ?? null,
        metadata.deletionTimestamp !== undefined,
      ],
    });
  },
  'watch: an update that changes nothing is no event': async (stage) => {
    const from = await current(stage);
    await make(stage, 'a');
    await stage.call(`PATCH ${secrets}/a`, {}, merge);
    await make(stage, 'b');
    await stage.watch(`GET ${secrets}?watch=1&resourceVersion=${from}`, { count: 2, show: brief });
  },
  'watch: initial events end with a bookmark': async (stage) => {
    await make(stage, 'b', 'a');
    await stage.watch(
      `GET ${secrets}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      { count: 3, show: bookmark },
    );
  },
  'watch: initial events of nothing': (stage) =>
    stage.watch(
      `GET ${secrets}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      { count: 1, show: bookmark },
    ),
  'watch: the bookmark can be resumed from': async (stage) => {
    await make(stage, 'a');
    let from = '';
    await stage.watch(
      `GET ${secrets}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      { count: 2, show: (event) => ((from = event.object.metadata.resourceVersion), event.type) },
    );
    await make(stage, 'b');
    const watched: unknown[] = [];
    await stage.watch(`GET ${secrets}?watch=1&resourceVersion=${from}`, {
      count: 1,
      show: (event) => (watched.push(event), brief(event)),
    });
  },
  'watch: initial events of custom resources': async (stage) => {
    await stage.call(`POST ${widgets}`, aWidget('one'));
    await stage.watch(
      `GET ${widgets}?watch=1&allowWatchBookmarks=true&sendInitialEvents=true&resourceVersionMatch=NotOlderThan`,
      { count: 2, show: bookmark },
    );
  },
  'watch: no initial events': async (stage) => {
    await make(stage, 'a');
    await stage.watch(
      `GET ${secrets}?watch=1&allowWatchBookmarks=true&sendInitialEvents=false&resourceVersionMatch=NotOlderThan`,
      { count: 1, show: brief, then: () => make(stage, 'b') },
    );
  },
  'watch: sendInitialEvents needs resourceVersionMatch': ({ see }) =>
    see(`GET ${secrets}?watch=1&sendInitialEvents=true&allowWatchBookmarks=true`),
  'watch: sendInitialEvents with another resourceVersionMatch': ({ see }) =>
    see(`GET ${secrets}?watch=1&sendInitialEvents=true&resourceVersionMatch=Exact&resourceVersion=1`),
  'watch: resourceVersionMatch needs sendInitialEvents': ({ see }) =>
    see(`GET ${secrets}?watch=1&resourceVersionMatch=NotOlderThan&resourceVersion=1`),
  'watch: a revision that is none': ({ see }) => see(`GET ${secrets}?watch=1&resourceVersion=x`),
  'watch: ends after its timeout': (stage) => stage.watch(`GET ${secrets}?watch=1&timeoutSeconds=1`, {}),
  'watch: a timeout that is none': ({ see }) => see(`GET ${secrets}?watch=1&timeoutSeconds=x`),
  'watch: metadata only': async (stage) => {
    await make(stage, 'a');
    await stage.watch(`GET ${secrets}?watch=1`, {
      count: 1,
      headers: { accept: 'application/json;as=PartialObjectMetadata;g=meta.k8s.io;v=v1' },
    });
  },
  'watch: tables': async (stage) => {
    await make(stage, 'a', 'b');
    await stage.watch(`GET ${secrets}?watch=1`, {
      count: 2,
      headers: { accept: 'application/json;as=Table;g=meta.k8s.io;v=v1' },
      show: ({ type, object }) => [
        type,
        object.kind,
        object.columnDefinitions?.length ?? 0,
        object.rows.map(({ cells }: Body) => cells),
      ],
    });
  },
  'watch: an unknown selector field': ({ see }) => see(`GET ${secrets}?watch=1&fieldSelector=data.x%3D1`),
};
