/** The API conformance suite: what a real API server answers, request by request, is what every API server must answer. */
import { suite, type Case } from '../../runner/suite.ts';
import { createDefinitions } from './definitions.ts';
import { differences } from './differences.ts';
import { connect, type Connection } from './http.ts';
import { compare, record, recorded, recording } from './recording.ts';
import { openStage, type Script, type Seen } from './script.ts';
import { topics } from './topics.ts';

interface Shared {
  connection: Connection;
  made: Map<string, Record<string, Seen[]>>;
}

function caseOf(topic: string, number: number, name: string, run: Script, last: boolean): Case<Shared> {
  return {
    name: `${topic}: ${name}`,
    notOn: differences[`${topic}: ${name}`],
    timeoutMs: 30_000,
    async run({ controlPlane, signal, cleanUp }, { connection, made }) {
      const seen: Seen[] = [];
      const namespace = `cf-${topic}-${number}-ns`;
      const stage = openStage(connection, namespace, signal, seen);
      await stage.call('POST /api/v1/namespaces', {
        apiVersion: 'v1',
        kind: 'Namespace',
        metadata: { name: namespace },
      });
      await stage.until('/api/v1/namespaces/NS/serviceaccounts/default', (code) => code === 200);
      if (controlPlane.kind === 'existing') cleanUp(() => stage.call('DELETE /api/v1/namespaces/NS'));
      await run(stage);
      // Through JSON, as the recording went: what is undefined is not there.
      const answers = JSON.parse(JSON.stringify(seen)) as Seen[];
      if (recording) {
        const all = made.get(topic) ?? {};
        made.set(topic, { ...all, [name]: answers });
        if (last) await record(topic, made.get(topic)!);
        return;
      }
      const expected = recorded(topic)[name];
      if (expected === undefined) throw new Error('nothing is recorded for this case: see e2e/README.md');
      const found = answers.flatMap((answer, index) =>
        compare('', expected[index] ?? {}, answer).map((line) => `${answer.request} → ${line}`),
      );
      if (answers.length !== expected.length) found.push(`recorded ${expected.length} answers, got ${answers.length}`);
      if (found.length > 0) throw new Error(found.join('\n'));
    },
  };
}

const cases = Object.entries(topics).flatMap(([topic, entries]) => {
  const all = Object.entries(entries);
  return all.map(([name, entry], index) => caseOf(topic, index + 1, name, entry, index === all.length - 1));
});

export default suite<Shared>('conformance', cases, {
  async setup({ controlPlane, cleanUp, signal }) {
    const connection = await connect(controlPlane.kubeconfig);
    cleanUp(() => connection.close());
    await createDefinitions(openStage(connection, 'default', signal, []));
    return { connection, made: new Map() };
  },
});
