import { KustomizeError } from '../errors.ts';
import { memoryFileSystem, type FileMap } from '../filesystem/memory.ts';
import { build } from './build.ts';
import { runBuildRequest, unwrapResponse } from './request.ts';
import { type BuildOptions } from './options.ts';

const configMap = (name: string) => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n`;
const run = (files: FileMap, path = '/', options: BuildOptions = {}) => build(memoryFileSystem(files), path, options);
const names = (files: FileMap, path = '/', options: BuildOptions = {}) =>
  run(files, path, options).objects.map((object) => (object.metadata as { name: string }).name);

function failure(files: FileMap, path = '/', options: BuildOptions = {}): KustomizeError {
  try {
    run(files, path, options);
  } catch (error) {
    if (error instanceof KustomizeError) return error;
    throw error;
  }
  throw new Error('the build did not fail');
}

describe('errors', () => {
  test('name file and line of a broken manifest', () => {
    const error = failure({
      'kustomization.yaml': 'resources: [base]',
      'base/kustomization.yaml': 'resources: [x.yaml]',
      'base/x.yaml': `${configMap('a')}---\napiVersion: v1\nkind: [ConfigMap\n`,
    });
    expect(error).toMatchObject({ code: 'malformed-yaml', file: 'base/x.yaml' });
    expect(error.line).toBeGreaterThanOrEqual(7);
    expect(error.message).toContain(`line ${error.line}`);
  });

  test('name file and line of an unknown field of a kustomization', () => {
    const error = failure({ 'kustomization.yaml': 'resources: []\n\nimages:\n- name: a\n  tag: b\n' });
    expect(error).toMatchObject({ code: 'invalid-kustomization', file: 'kustomization.yaml', line: 5 });
  });

  test('KZE-982, KZE-1040: the target must be a directory with a kustomization file', () => {
    expect(failure({}).code).toBe('missing-kustomization');
    expect(failure({ a: 'x' }, '/a').message).toContain('must build at directory');
    expect(failure({ a: 'x' }, '/b').message).toContain('must build at directory');
  });

  test('KZE-525, KZE-526: remote entries are refused by name', () => {
    const remote = [
      ...['https://example.com/a.yaml', 'https://github.com/x/y//z?ref=v1', 'git@github.com:x/y', 'github.com/x/y'],
      ...['ssh://git@host/x/y.git', 'git::https://host/x/y', 'file:///x/y'],
    ];
    for (const entry of remote) {
      const error = failure({ 'kustomization.yaml': `resources: ["${entry}"]` });
      expect(error.message).toContain(`remote resource '${entry}' is not supported`);
      expect(error.code).toBe('unsupported');
    }
  });

  test('KZE-976: values of a Secret generator are not shown', () => {
    const files = { 'kustomization.yaml': 'secretGenerator: [{name: s, literals: ["a=hunter2", "a=hunter2"]}]' };
    expect(failure(files).message).not.toContain('hunter2');
    const noKey = { 'kustomization.yaml': 'secretGenerator: [{name: s, literals: ["hunter2 is my password"]}]' };
    expect(failure(noKey).message).not.toContain('hunter2');
  });

  test('a cancelled build stops', () => {
    const error = failure({ 'kustomization.yaml': 'resources: []' }, '/', { signal: AbortSignal.abort() });
    expect(error.code).toBe('aborted');
  });
});

describe('hostile input', () => {
  const manifest = (text: string) => ({ 'kustomization.yaml': 'resources: [a.yaml]', 'a.yaml': text });

  test('KZE-975: aliases that multiply are stopped', () => {
    const levels = Array.from(
      { length: 12 },
      (_, i) => `l${i + 1}: &l${i + 1} [${Array(10).fill(`*l${i}`).join(',')}]`,
    );
    const error = failure(manifest(`${configMap('a')}l0: &l0 x\n${levels.join('\n')}\n`));
    expect(error.message).toContain('excessive aliasing');
    expect(error.code).toBe('limit');
  });

  test('an anchor that contains itself is an error', () => {
    expect(failure(manifest(`${configMap('a')}x: &x [*x]\n`)).message).toContain("anchor 'x' value contains itself");
  });

  test('nesting beyond a thousand levels is an error, nesting below it is not', () => {
    const nested = (depth: number) => `${configMap('a')}x: ${'['.repeat(depth)}${']'.repeat(depth)}\n`;
    expect(failure(manifest(nested(5_000))).message).toMatch(/depth|nest/i);
    expect(run(manifest(nested(900))).objects).toHaveLength(1);
  });

  test('KZE-975, KZE-549: expressions run in linear time', () => {
    const files = {
      ...manifest(`apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${'a'.repeat(60)}\n`),
      'kustomization.yaml':
        'resources: [a.yaml]\npatches: [{target: {name: "(a+)+b"}, patch: "- {op: add, path: /x, value: y}"}]',
    };
    expect(run(files).objects).toHaveLength(1);
    const refused = {
      ...files,
      'kustomization.yaml':
        'resources: [a.yaml]\npatches: [{target: {name: "(?=a)"}, patch: "- {op: add, path: /x, value: y}"}]',
    };
    expect(failure(refused).message).toContain('error parsing regexp');
  });

  test('KZE-977: __proto__ and constructor are ordinary keys', () => {
    const { objects } = run(manifest(`${configMap('a')}data: {__proto__: x, constructor: y}\n`));
    expect(Object.keys(objects[0]!.data as object)).toEqual(['__proto__', 'constructor']);
    expect(({} as { x?: string }).x).toBeUndefined();
  });

  test('ten megabytes in one generated object', () => {
    const files = {
      'kustomization.yaml': 'configMapGenerator: [{name: big, files: [big.txt]}]',
      'big.txt': 'x'.repeat(10_000_000),
    };
    expect((run(files).objects[0]!.data as { 'big.txt': string })['big.txt']).toHaveLength(10_000_000);
  });

  test('KZE-874: crds whose types refer to themselves', () => {
    const type = { Schema: { properties: { kind: {}, apiVersion: {}, metadata: {}, self: { $ref: 'x.Loop' } } } };
    const files = {
      'kustomization.yaml': 'crds: [c.json]\nresources: []',
      'c.json': JSON.stringify({ 'x.Loop': type }),
    };
    expect(run(files).objects).toEqual([]);
  });
});

describe('options', () => {
  const files = {
    'kustomization.yaml': 'resources: [a.yaml, b.yaml]',
    'a.yaml': '{apiVersion: v1, kind: Service, metadata: {name: a}}',
    'b.yaml': '{apiVersion: v1, kind: Namespace, metadata: {name: b}}',
  };

  test('KZE-3, KZE-924: accumulation order unless the caller or the file wants the legacy order', () => {
    expect(names(files)).toEqual(['a', 'b']);
    expect(names(files, '/', { reorder: 'none' })).toEqual(['a', 'b']);
    expect(names(files, '/', { reorder: 'legacy' })).toEqual(['b', 'a']);
    expect(names(files, '/', { reorder: 'unspecified' })).toEqual(['b', 'a']);
    const fifo = { ...files, 'kustomization.yaml': 'resources: [a.yaml, b.yaml]\nsortOptions: {order: fifo}' };
    expect(names(fifo, '/', { reorder: 'legacy' })).toEqual(['a', 'b']);
  });

  test('KZE-912: the managed-by label by option', () => {
    const [object] = run(files, '/', { addManagedByLabel: true }).objects;
    expect(object!.metadata).toMatchObject({ labels: { 'app.kubernetes.io/managed-by': 'kustomize-v5.8.1' } });
  });

  test('KZE-505: local configuration can be kept', () => {
    const local = {
      ...files,
      'a.yaml': '{kind: A, metadata: {name: l, annotations: {config.kubernetes.io/local-config: "true"}}}',
    };
    expect(names(local)).toEqual(['b']);
    expect(names(local, '/', { includeLocalConfigs: true })).toEqual(['l', 'b']);
  });

  test('integers beyond 2^53 are rounded, or exact as bigint', () => {
    const big = { ...files, 'a.yaml': '{kind: A, metadata: {name: l}, n: 9007199254740993}' };
    expect(run(big).objects[0]!.n).toBe(9007199254740992);
    expect(run(big, '/', { integers: 'bigint' }).objects[0]!.n).toBe(9007199254740993n);
  });

  test('KZE-400, KZE-403: deprecated fields give warnings, in a fixed order', () => {
    const warned: string[] = [];
    const old = {
      ...files,
      'kustomization.yaml':
        'bases: []\nvars: []\nimageTags: []\ncommonLabels: {}\npatchesJson6902: []\npatchesStrategicMerge: []\nresources: []\n',
    };
    const { warnings } = run(old, '/', { onWarning: (warning) => warned.push(warning) });
    expect(warnings.map((warning) => /'(\w+)' is deprecated/.exec(warning)![1])).toEqual([
      ...['bases', 'commonLabels', 'imageTags', 'patchesJson6902', 'patchesStrategicMerge', 'vars'],
    ]);
    expect(warnings[0]).toBe(
      "# Warning: 'bases' is deprecated. Please use 'resources' instead. Run 'kustomize edit fix' to update your Kustomization automatically.",
    );
    expect(warned).toEqual(warnings);
  });

  test('KZE-401: vars that replace nothing give a warning', () => {
    const vars = {
      ...files,
      'kustomization.yaml': 'resources: [a.yaml]\nvars: [{name: V, objref: {kind: Service, name: a, apiVersion: v1}}]',
    };
    expect(run(vars).warnings).toContain('well-defined vars that were never replaced: V');
  });
});

describe('custom schemas', () => {
  const schema = {
    definitions: {
      Custom: {
        'x-kubernetes-group-version-kind': [{ group: 'x', version: 'v1', kind: 'Custom' }],
        properties: {
          spec: {
            properties: {
              items: {
                type: 'array',
                items: {},
                'x-kubernetes-patch-strategy': 'merge',
                'x-kubernetes-patch-merge-key': 'id',
              },
            },
          },
        },
      },
    },
  };
  const patch = (kind: string, apiVersion: string, spec: object) =>
    JSON.stringify({ apiVersion, kind, metadata: { name: 'a' }, spec });
  const files = (openapi: string) => ({
    'kustomization.yaml': `${openapi}resources: [a.yaml]\npatches:\n- path: p.yaml\n`,
    'a.yaml': `${patch('Custom', 'x/v1', { items: [{ id: 1 }, { id: 2 }] })}\n---\n${patch('Pod', 'v1', { containers: [{ name: 'a' }] })}`,
    'p.yaml': `${patch('Custom', 'x/v1', { items: [{ id: 2, v: 1 }] })}\n---\n${patch('Pod', 'v1', { containers: [{ name: 'b' }] })}`,
    's.json': JSON.stringify(schema),
  });
  const spec = (result: ReturnType<typeof run>, i: number) => result.objects[i]!.spec;

  test('KZE-4, KZE-880, KZE-1080, KUS-413: a schema adds to the built-in one, or replaces it where the caller says so', () => {
    const extended = run(files('openapi: {path: s.json}\n'));
    expect(spec(extended, 0)).toEqual({ items: [{ id: 2, v: 1 }, { id: 1 }] });
    expect(spec(extended, 1)).toEqual({ containers: [{ name: 'b' }, { name: 'a' }] });
    const replaced = run(files('openapi: {path: s.json}\n'), '/', { openapiMode: 'replaceBuiltins' });
    expect(spec(replaced, 1)).toEqual({ containers: [{ name: 'b' }] });
  });

  test('KZE-1, KZE-1081, KUS-134: the schema of one build does not reach the next', () => {
    run(files('openapi: {path: s.json}\n'));
    expect(spec(run(files('')), 0)).toEqual({ items: [{ id: 2, v: 1 }] });
  });
});

describe('requests', () => {
  test('KZE-981, KUS-412: are plain data both ways, and the same input gives the same output', () => {
    const request = structuredClone({
      source: { files: { 'app/a.yaml': configMap('a') } },
      path: 'app',
      flux: { namePrefix: 'p-' },
    });
    const response = structuredClone(runBuildRequest(request));
    expect(unwrapResponse(response).objects).toMatchObject([{ metadata: { name: 'p-a' } }]);
    expect(runBuildRequest(request)).toEqual(response);
  });

  test('carry errors with code, file and line', () => {
    const response = structuredClone(runBuildRequest({ source: { files: { 'a.yaml': 'kind: [' } }, flux: {} }));
    expect(() => unwrapResponse(response)).toThrow(KustomizeError);
    expect(response).toMatchObject({ ok: false, error: { code: 'malformed-yaml', file: './a.yaml' } });
  });
});
