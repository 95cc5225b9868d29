import { buildFlux, prepareFluxBuild } from './build.ts';
import { isLocalComponent, mergeFluxSpec, mergeImages } from './merge.ts';
import { memoryFileSystem, type FileMap } from '../filesystem/memory.ts';

const configMap = (name: string, extra = '') => `apiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: ${name}\n${extra}`;
const deployment = `apiVersion: apps/v1
kind: Deployment
metadata:
  name: app
spec:
  template:
    spec:
      containers:
        - name: app
          image: nginx:1
          envFrom:
            - configMapRef:
                name: settings
`;

function built(files: FileMap, spec = {}, path = '/') {
  return buildFlux(memoryFileSystem(files), path, spec).objects as {
    kind: string;
    metadata: { name: string; namespace?: string; annotations?: Record<string, string> };
  }[];
}

describe('generation', () => {
  test('KUS-113, KUS-114: a directory without a kustomization file gets one that lists manifests in lexical order', () => {
    const fs = memoryFileSystem({
      'b.yaml': configMap('b'),
      'a/z.yml': configMap('z'),
      'a/notes.txt': 'not: [yaml',
      'own/kustomization.yaml': 'resources: [x.yaml]',
      'own/x.yaml': configMap('x'),
    });
    expect(prepareFluxBuild(fs, '/').kustomization.resources).toEqual(['./a/z.yml', './b.yaml', './own']);
    expect(buildFlux(fs, '/').objects.map((object) => (object.metadata as { name: string }).name)).toEqual([
      'z',
      'b',
      'x',
    ]);
  });

  test('KUS-115, KUS-410: a YAML file that is no manifest fails, hidden ones too', () => {
    for (const name of ['values.yaml', '.sops.yaml', '.gitlab-ci.yml']) {
      expect(() => built({ [name]: 'stages: [test]', 'a.yaml': configMap('a') })).toThrow(
        `failed to decode Kubernetes YAML from ./${name}`,
      );
    }
  });

  test('KUS-117: files of several documents, of none, and of comments only are fine', () => {
    const objects = built({
      'a.yaml': `${configMap('a')}---\n${configMap('b')}`,
      'e.yaml': '',
      'c.yaml': '# nothing\n',
    });
    expect(objects.map((object) => object.metadata.name)).toEqual(['a', 'b']);
  });

  test('KUS-118, KUS-402: an empty directory builds to nothing', () => {
    expect(built({ 'README.md': 'hello' })).toEqual([]);
  });

  test('KUS-119, KUS-403: an empty kustomization file, or one without resources, builds to nothing', () => {
    expect(built({ 'kustomization.yaml': '' })).toEqual([]);
    expect(
      built({ 'kustomization.yaml': 'apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\n' }),
    ).toEqual([]);
  });
});

describe('merge', () => {
  const files = {
    'kustomization.yaml':
      'resources: [deploy.yaml]\nnamespace: own\nnamePrefix: own-\nconfigMapGenerator: [{name: settings, literals: [a=b]}]\nimages: [{name: nginx, newTag: "2"}]\n',
    'deploy.yaml': deployment,
  };

  test('KUS-121, KUS-405: fields of the spec replace those of the file, and references follow', () => {
    const [app, settings] = built(files, { namePrefix: 'x-', nameSuffix: '-y', targetNamespace: 'team' });
    expect(app!.metadata).toMatchObject({ name: 'x-app-y', namespace: 'team' });
    expect(settings!.metadata.name).toMatch(/^x-settings-y-[a-z0-9]{10}$/);
    expect(JSON.stringify(app)).toContain(settings!.metadata.name);
  });

  test('KUS-122: what the spec leaves unset stays as the file has it', () => {
    expect(built(files)[0]!.metadata).toMatchObject({ name: 'own-app', namespace: 'own' });
  });

  test('KUS-121: patches of the spec come after those of the file', () => {
    const merged = mergeFluxSpec(
      { resources: ['a'], patches: [{ patch: 'first' }] },
      { patches: [{ patch: 'second' }] },
      () => true,
    );
    expect(merged.patches).toEqual([{ patch: 'first' }, { patch: 'second' }]);
  });

  test.each([
    [
      { name: 'a', newTag: '1' },
      { name: 'a', newTag: '2' },
      { name: 'a', newTag: '2' },
    ],
    [
      { name: 'a', newName: 'x', newTag: '1' },
      { name: 'a', newName: 'b' },
      { name: 'a', newName: 'b', newTag: '1' },
    ],
    [
      { name: 'a', digest: 'd' },
      { name: 'a', newTag: '2' },
      { name: 'a', newTag: '2' },
    ],
    [
      { name: 'a', newTag: '1' },
      { name: 'a', digest: 'd' },
      { name: 'a', digest: 'd' },
    ],
    [
      { name: 'a', newTag: '1' },
      { name: 'a', newTag: '2', digest: 'd' },
      { name: 'a', newTag: '2', digest: 'd' },
    ],
    [{ name: 'a', newTag: '1' }, { name: 'a' }, { name: 'a', newTag: '1' }],
  ])('KUS-124: images %j and %j give %j', (known, incoming, expected) => {
    expect(mergeImages([known], [incoming])).toEqual([expected]);
  });

  test('KUS-124: images of other names are appended', () => {
    expect(mergeImages([{ name: 'a' }], [{ name: 'b', newTag: '2' }])).toEqual([
      { name: 'a' },
      { name: 'b', newTag: '2' },
    ]);
  });

  test('KUS-125: an image with tag and digest carries both', () => {
    const objects = built(files, { images: [{ name: 'nginx', newTag: '3', digest: 'sha256:abc' }] });
    expect(JSON.stringify(objects)).toContain('"nginx:3@sha256:abc"');
  });

  test('KUS-129: unknown fields of the top file are dropped, those of a base are an error', () => {
    const base = { 'base/kustomization.yaml': 'resources: [a.yaml]\nsurprise: 1\n', 'base/a.yaml': configMap('a') };
    expect(built(base, {}, '/base')).toHaveLength(1);
    expect(() => built({ ...base, 'top/kustomization.yaml': 'resources: [../base]' }, {}, '/top')).toThrow(
      'json: unknown field "surprise"',
    );
  });

  test('KUS-418: two kustomization files in one directory fail', () => {
    expect(() => built({ 'kustomization.yaml': 'resources: []', Kustomization: 'resources: []' })).toThrow(
      'Found multiple kustomization files',
    );
  });
});

describe('components', () => {
  const component = (prefix: string) =>
    `apiVersion: kustomize.config.k8s.io/v1alpha1\nkind: Component\nnamePrefix: ${prefix}\n`;
  const files = {
    'app/kustomization.yaml': 'resources: [a.yaml]\ncomponents: [../one]\n',
    'app/a.yaml': configMap('a'),
    'one/kustomization.yaml': component('one-'),
    'two/kustomization.yaml': component('two-'),
  };

  test('KUS-406: those of the file run first, then those of the spec', () => {
    expect(built(files, { components: ['../two'] }, '/app')[0]!.metadata.name).toBe('two-one-a');
  });

  test('KUS-126, KUS-409: only local and relative paths are accepted', () => {
    const refused = [
      ...['https://x.io/y', 'HTTP://x', 'git::https://x', 'git@host:x', 'github.com/x/y', 'gh:x/y', 'ssh://x'],
      ...['/abs', 'file:///abs'],
    ];
    for (const path of refused) {
      expect(() => built(files, { components: [path] }, '/app')).toThrow(
        `component path '${path}' must be local and relative`,
      );
    }
    for (const path of ['./a', '../a', 'a/b', 'file://rel']) expect(isLocalComponent(path)).toBe(true);
  });

  test('KUS-127, KUS-407: a missing component fails the build unless missing ones are ignored', () => {
    expect(() => built(files, { components: ['../three'] }, '/app')).toThrow('/three');
    expect(built(files, { components: ['../three'], ignoreMissingComponents: true }, '/app')).toHaveLength(1);
  });
});

describe('build', () => {
  const files = { 'kustomization.yaml': 'resources: [dir/a.yaml]\n', 'dir/a.yaml': configMap('a') };

  test('KUS-135, KUS-408: origin annotations come and go with buildMetadata', () => {
    const [withOrigin] = built(files, { buildMetadata: ['originAnnotations'] });
    expect(withOrigin!.metadata.annotations).toEqual({ 'config.kubernetes.io/origin': 'path: dir/a.yaml\n' });
    expect(built(files)[0]!.metadata.annotations).toBeUndefined();
  });

  test('KUS-415: a base outside the directory of the kustomization file is fine', () => {
    const objects = built(
      { 'clusters/a/kustomization.yaml': 'resources: [../../base/a.yaml]', 'base/a.yaml': configMap('a') },
      {},
      '/clusters/a',
    );
    expect(objects).toHaveLength(1);
  });

  test('KUS-130: Helm charts are refused', () => {
    expect(() => built({ 'kustomization.yaml': 'helmCharts: [{name: x}]' })).toThrow('must specify --enable-helm');
  });

  test('KUS-416: two deletions in one patch entry', () => {
    const deletion = (name: string) => `$patch: delete\n${configMap(name)}`;
    const objects = built(
      {
        'kustomization.yaml': 'resources: [a.yaml]',
        'a.yaml': [configMap('a'), configMap('b'), configMap('c')].join('---\n'),
      },
      { patches: [{ patch: `${deletion('a')}---\n${deletion('b')}` }] },
    );
    expect(objects.map((object) => object.metadata.name)).toEqual(['c']);
  });
});
