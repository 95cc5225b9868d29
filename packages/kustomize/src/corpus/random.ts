import { type FileMap } from '../filesystem/memory.ts';
import { toYaml } from '../output/yaml.ts';

type Json = Record<string, unknown>;

/** Random choices that a seed repeats (mulberry32). */
export class Dice {
  #state: number;

  constructor(seed: number) {
    this.#state = seed >>> 0;
  }

  /** From 0 (included) to 1. */
  roll(): number {
    this.#state = (this.#state + 0x6d2b79f5) >>> 0;
    let t = this.#state;
    t = Math.imul(t ^ (t >>> 15), t | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  }

  chance(probability: number): boolean {
    return this.roll() < probability;
  }

  upTo(limit: number): number {
    return Math.floor(this.roll() * limit);
  }

  pick<T>(values: readonly T[]): T {
    return values[this.upTo(values.length)]!;
  }

  some<T>(limit: number, make: () => T): T[] {
    return Array.from({ length: this.upTo(limit + 1) }, make);
  }
}

const NAMES = ['app', 'web', 'db', 'cache', '1', 'a.b'];
const VALUES = [
  'x',
  'yes',
  '5',
  'a: b',
  'two\nlines\n',
  '',
  'true',
  '1.0',
  ' lead',
  'long '.repeat(30),
  'ü',
  '0x1f',
  '$(X)',
];
const IMAGES = ['nginx', 'nginx:1.2', 'registry:5000/a/b:c', 'busybox@sha256:abc', 'gcr.io/x/y'];

/** A tree of base, overlay and sometimes a component, the same for the same seed. The target is `/overlay`. */
export function randomTree(seed: number): FileMap {
  const dice = new Dice(seed);
  const files: FileMap = {};
  const names = new Set<string>();
  const objects = uniqueObjects(dice, names);
  const write = (value: Json) => (dice.chance(0.3) ? JSON.stringify(value) : toYaml([value]));
  files['base/objects.yaml'] = objects.map(write).join('\n---\n');
  files['base/kustomization.yaml'] = write({ resources: ['objects.yaml'], ...settings(dice, objects, 'base') });
  const overlay: Json = { resources: ['../base'], ...settings(dice, objects, 'overlay') };
  if (dice.chance(0.3)) {
    overlay.components = ['../component'];
    files['component/kustomization.yaml'] = write({
      apiVersion: 'kustomize.config.k8s.io/v1alpha1',
      kind: 'Component',
      ...settings(dice, objects, 'component'),
    });
  }
  if (dice.chance(0.3))
    overlay.buildMetadata = ['originAnnotations', 'transformerAnnotations'].filter(() => dice.chance(0.6));
  files['overlay/kustomization.yaml'] = write(overlay);
  return files;
}

function uniqueObjects(dice: Dice, seen: Set<string>): Json[] {
  const objects: Json[] = [];
  for (let i = 0; i < 3 + dice.upTo(8); i++) {
    const object = randomObject(dice);
    const { name, namespace } = object.metadata as Json;
    const id = `${String(object.kind)}/${String(namespace ?? 'default')}/${String(name)}`;
    if (!seen.has(id)) objects.push(object);
    seen.add(id);
  }
  return objects;
}

function metadata(dice: Dice): Json {
  const result: Json = { name: dice.pick(NAMES) };
  if (dice.chance(0.15)) result.namespace = dice.pick(['default', 'ns1']);
  if (dice.chance(0.4)) result.labels = { app: dice.pick(VALUES), other: 'x' };
  if (dice.chance(0.3)) result.annotations = { note: dice.pick([...VALUES, 5, true]), other: dice.pick(VALUES) };
  return result;
}

function container(dice: Dice): Json {
  return {
    name: dice.pick(NAMES),
    image: dice.pick(IMAGES),
    env: dice.some(3, () => ({ name: dice.pick(['A', 'B', 'C']), value: dice.pick(VALUES) })),
    envFrom: [{ configMapRef: { name: dice.pick(NAMES) } }, { secretRef: { name: dice.pick(NAMES) } }],
    ports: dice.some(3, () => ({
      containerPort: dice.pick([80, 443]),
      ...(dice.chance(0.5) ? { protocol: dice.pick(['TCP', 'UDP']) } : {}),
    })),
    volumeMounts: dice.some(2, () => ({ name: 'v', mountPath: dice.pick(['/a', '/b']) })),
  };
}

function podSpec(dice: Dice): Json {
  return {
    serviceAccountName: dice.pick(NAMES),
    containers: [container(dice), ...dice.some(1, () => container(dice))],
    volumes: [
      { name: 'v', configMap: { name: dice.pick(NAMES) } },
      { name: 'w', secret: { secretName: dice.pick(NAMES) } },
    ],
  };
}

const MAKERS: readonly ((dice: Dice) => Json)[] = [
  (dice) => ({ apiVersion: 'v1', kind: 'ConfigMap', data: { a: dice.pick(VALUES), b: dice.pick(VALUES) } }),
  (dice) => ({ apiVersion: 'v1', kind: 'Secret', stringData: { a: dice.pick(VALUES) } }),
  () => ({ apiVersion: 'v1', kind: 'ServiceAccount' }),
  (dice) => ({
    apiVersion: 'v1',
    kind: 'Service',
    spec: { ports: [{ port: 80, protocol: 'TCP' }], selector: { app: dice.pick(NAMES) } },
  }),
  (dice) => ({ apiVersion: 'apps/v1', kind: 'Deployment', spec: { replicas: 1, template: { spec: podSpec(dice) } } }),
  (dice) => ({
    apiVersion: 'apps/v1',
    kind: 'StatefulSet',
    spec: { serviceName: dice.pick(NAMES), template: { spec: podSpec(dice) } },
  }),
  (dice) => ({
    apiVersion: 'batch/v1',
    kind: 'CronJob',
    spec: { jobTemplate: { spec: { template: { spec: podSpec(dice) } } } },
  }),
  (dice) => ({ apiVersion: 'v1', kind: 'Pod', spec: podSpec(dice) }),
  () => ({ apiVersion: 'v1', kind: 'Namespace' }),
  (dice) => ({
    apiVersion: 'x.io/v1',
    kind: 'Custom',
    spec: { list: [1, 'a', null], containers: [{ image: dice.pick(IMAGES) }], m: {} },
  }),
  (dice) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: dice.pick(['RoleBinding', 'ClusterRoleBinding']),
    roleRef: {
      apiGroup: 'rbac.authorization.k8s.io',
      kind: dice.pick(['Role', 'ClusterRole']),
      name: dice.pick(NAMES),
    },
    subjects: [
      {
        kind: 'ServiceAccount',
        name: dice.pick([...NAMES, 'default']),
        ...(dice.chance(0.3) ? { namespace: 'ns1' } : {}),
      },
    ],
  }),
  (dice) => ({
    apiVersion: 'rbac.authorization.k8s.io/v1',
    kind: dice.pick(['Role', 'ClusterRole']),
    rules: [{ resourceNames: [dice.pick(NAMES)] }],
  }),
  (dice) => ({
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    spec: { tls: [{ secretName: dice.pick(NAMES) }], defaultBackend: { service: { name: dice.pick(NAMES) } } },
  }),
  (dice) => ({
    apiVersion: 'autoscaling/v2',
    kind: 'HorizontalPodAutoscaler',
    spec: { scaleTargetRef: { name: dice.pick(NAMES) } },
  }),
];

function randomObject(dice: Dice): Json {
  return { ...dice.pick(MAKERS)(dice), metadata: metadata(dice) };
}

/** The transforming fields of one kustomization. */
function settings(dice: Dice, objects: readonly Json[], layer: string): Json {
  const k: Json = {};
  const maybe = (field: string, probability: number, value: () => unknown) => {
    if (dice.chance(probability)) k[field] = value();
  };
  maybe('namePrefix', 0.4, () => dice.pick([`${layer}-`, '1']));
  maybe('nameSuffix', 0.3, () => `-${layer}`);
  maybe('namespace', 0.35, () => dice.pick(['ns1', `${layer}-ns`, '123']));
  maybe('commonLabels', 0.2, () => ({ app: dice.pick(['x', '1']), [layer]: 'true' }));
  maybe('labels', 0.3, () => [
    { pairs: { l: 'v' }, includeSelectors: dice.chance(0.3), includeTemplates: dice.chance(0.5) },
  ]);
  maybe('commonAnnotations', 0.3, () => ({ note: dice.pick(VALUES), [layer]: '1' }));
  maybe('images', 0.3, () => [
    {
      name: 'nginx',
      ...dice.pick<Json>([{ newTag: '2' }, { newName: 'x/y' }, { digest: 'sha256:1' }, { tagSuffix: '-s' }]),
    },
  ]);
  maybe('configMapGenerator', 0.4, () => [
    {
      name: `gen-${layer}`,
      literals: [`k=${dice.pick(['v', 'yes', '"q"'])}`],
      ...dice.pick<Json>([{}, { options: { disableNameSuffixHash: true } }]),
    },
  ]);
  maybe('secretGenerator', 0.3, () => [{ name: `sec-${layer}`, literals: ['a=b'] }]);
  maybe('patches', 0.5, () => [randomPatch(dice, objects), ...dice.some(1, () => randomPatch(dice, objects))]);
  maybe('patchesStrategicMerge', 0.15, () => [JSON.stringify(mergePatch(dice, dice.pick(objects)))]);
  maybe('replacements', 0.25, () => [randomReplacement(dice, objects)]);
  if (Object.keys(k).length === 0) k.namePrefix = 'only-';
  return k;
}

function randomPatch(dice: Dice, objects: readonly Json[]): Json {
  const object = dice.pick(objects);
  if (dice.chance(0.3)) {
    const operation = dice.pick<Json>([
      { op: 'add', path: '/metadata/labels', value: { patched: 'yes' } },
      { op: 'replace', path: '/metadata/name', value: 'renamed' },
      { op: 'add', path: '/spec', value: { replaced: [1, 2.5, '3'] } },
      { op: 'remove', path: '/metadata/annotations' },
    ]);
    return { target: { kind: object.kind }, patch: JSON.stringify([operation]) };
  }
  const patch = JSON.stringify(mergePatch(dice, object));
  return dice.chance(0.3) ? { target: { kind: object.kind, name: dice.pick(['.*', 'a.*']) }, patch } : { patch };
}

function mergePatch(dice: Dice, object: Json): Json {
  const { name, namespace } = object.metadata as Json;
  const base: Json = {
    apiVersion: object.apiVersion,
    kind: object.kind,
    metadata: { name, ...(namespace ? { namespace } : {}) },
  };
  if (dice.chance(0.1)) return { ...base, $patch: 'delete' };
  if (dice.chance(0.4)) (base.metadata as Json).labels = { app: dice.pick([null, 'p', '7']), fresh: dice.pick(VALUES) };
  const spec = object.spec as Json | undefined;
  if (spec?.template && dice.chance(0.7)) {
    base.spec = {
      replicas: dice.pick([null, 3]),
      template: {
        spec: { containers: [{ ...container(dice), image: null }], volumes: [{ name: 'v', $patch: 'delete' }] },
      },
    };
  } else if (object.kind === 'ConfigMap') {
    base.data = { a: dice.pick([null, ...VALUES]), c: dice.pick(VALUES) };
  } else if (object.kind === 'Service') {
    base.spec = { ports: [{ port: dice.pick([80, 81]), ...(dice.chance(0.5) ? { protocol: 'TCP' } : {}), name: 'p' }] };
  }
  return base;
}

function randomReplacement(dice: Dice, objects: readonly Json[]): Json {
  const source = dice.pick(objects);
  const target = dice.pick(objects);
  return {
    source: { kind: source.kind, name: (source.metadata as Json).name },
    targets: [
      {
        select: { kind: target.kind },
        fieldPaths: [dice.pick(['metadata.annotations.note', 'metadata.labels.r', 'metadata.annotations.other'])],
        options: { create: dice.chance(0.8), ...(dice.chance(0.3) ? { delimiter: '-', index: dice.upTo(3) - 1 } : {}) },
      },
    ],
  };
}
