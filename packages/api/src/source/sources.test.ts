import { badPaths, problems, stored } from '../testdata/check.ts';
import { ArtifactGeneratorKind } from './artifact-generator.ts';
import { BucketKind } from './bucket.ts';
import { ExternalArtifactKind } from './external-artifact.ts';
import { GitRepositoryKind } from './git-repository.ts';
import { HelmChartKind } from './helm-chart.ts';
import { HelmRepositoryKind } from './helm-repository.ts';
import { OCIRepositoryKind } from './oci-repository.ts';

describe('GitRepository', () => {
  const minimal = { url: 'https://example.org/a.git', interval: '1m' };
  const bad = (change: object) => badPaths(GitRepositoryKind, { ...minimal, ...change });

  test('SRC-9, SRC-13: url and interval are required', () => {
    expect(badPaths(GitRepositoryKind, {}).sort()).toEqual(['spec.interval', 'spec.url']);
  });

  test('SRC-9: url is HTTP, HTTPS or SSH, not the short form of scp', () => {
    for (const url of ['http://a/b', 'https://a/b', 'ssh://git@a/b']) expect(bad({ url })).toEqual([]);
    for (const url of ['git@host:path', 'git://a/b', 'file:///a', '']) expect(bad({ url })).toEqual(['spec.url']);
  });

  test('SRC-10, SRC-18, SRC-19, SRC-23, SRC-24: references need what they refer to', () => {
    expect(bad({ secretRef: {} })).toEqual(['spec.secretRef.name']);
    expect(bad({ proxySecretRef: {} })).toEqual(['spec.proxySecretRef.name']);
    expect(bad({ verify: {} })).toEqual(['spec.verify.secretRef']);
    expect(bad({ verify: { secretRef: {} } })).toEqual(['spec.verify.secretRef.name']);
    expect(bad({ include: [{}] })).toEqual(['spec.include[0].repository']);
    expect(bad({ include: [{ repository: {} }] })).toEqual(['spec.include[0].repository.name']);
  });

  test('SRC-11: provider is one of four and has no default', () => {
    for (const provider of ['generic', 'aws', 'azure', 'github']) expect(bad({ provider })).toEqual([]);
    expect(bad({ provider: 'gcp' })).toEqual(['spec.provider']);
    expect(stored(GitRepositoryKind, minimal)).not.toHaveProperty('provider');
  });

  test('SRC-12, SRC-7: a ServiceAccount needs the provider azure or aws', () => {
    const message = "serviceAccountName can only be set when provider is 'azure' or 'aws'";
    const texts = (change: object) => problems(GitRepositoryKind, { ...minimal, serviceAccountName: 'a', ...change });
    expect(texts({})).toEqual([expect.stringContaining(message)]);
    expect(texts({ provider: 'github' })).toEqual([expect.stringContaining(message)]);
    expect(texts({ provider: 'azure' })).toEqual([]);
    expect(texts({ provider: 'aws' })).toEqual([]);
  });

  test('SRC-13, SRC-14, SRC-6: interval takes hours, timeout does not and is 60s by default', () => {
    expect(bad({ interval: '1h30m' })).toEqual([]);
    expect(bad({ interval: '1d' })).toEqual(['spec.interval']);
    expect(bad({ timeout: '1m30s' })).toEqual([]);
    expect(bad({ timeout: '1h' })).toEqual(['spec.timeout']);
    expect(stored(GitRepositoryKind, minimal)).toEqual({ ...minimal, timeout: '60s' });
  });

  test('SRC-15, SRC-16: ref may be empty and takes texts', () => {
    expect(bad({ ref: {} })).toEqual([]);
    expect(bad({ ref: { branch: 'a', tag: 'b', semver: 'c', name: 'd', commit: 'e' } })).toEqual([]);
    expect(bad({ ref: { tag: 1 } })).toEqual(['spec.ref.tag']);
  });

  test('SRC-17: the verification mode is HEAD by default', () => {
    const secretRef = { name: 'keys' };
    expect(stored(GitRepositoryKind, { ...minimal, verify: { secretRef } }).verify).toEqual({
      secretRef,
      mode: 'HEAD',
    });
    for (const mode of ['head', 'HEAD', 'Tag', 'TagAndHEAD']) expect(bad({ verify: { secretRef, mode } })).toEqual([]);
    expect(bad({ verify: { secretRef, mode: 'tag' } })).toEqual(['spec.verify.mode']);
  });

  test('SRC-20, SRC-21, SRC-22, SRC-25, SRC-26, SRC-27: the remaining fields', () => {
    expect(
      bad({
        ignore: '',
        suspend: true,
        recurseSubmodules: true,
        include: [{ repository: { name: 'a' }, fromPath: 'b', toPath: 'c' }],
        sparseCheckout: ['./a', 'b'],
      }),
    ).toEqual([]);
    // Absent and empty are different values.
    expect(stored(GitRepositoryKind, { ...minimal, ignore: '' })).toHaveProperty('ignore', '');
    expect(stored(GitRepositoryKind, minimal)).not.toHaveProperty('ignore');
    expect(bad({ sparseCheckout: 'a', suspend: 'yes' }).sort()).toEqual(['spec.sparseCheckout', 'spec.suspend']);
  });
});

describe('Bucket', () => {
  const minimal = { bucketName: 'b', endpoint: 'e', interval: '1m' };
  const bad = (change: object) => badPaths(BucketKind, { ...minimal, ...change });
  const texts = (change: object) => problems(BucketKind, { ...minimal, ...change });
  const sts = (provider: string, more = {}) => ({ provider, endpoint: 'https://sts', ...more });

  test('SRC-30, SRC-31, SRC-43: name, endpoint and interval are required', () => {
    expect(badPaths(BucketKind, {}).sort()).toEqual(['spec.bucketName', 'spec.endpoint', 'spec.interval']);
  });

  test('SRC-29, SRC-44: defaults', () => {
    expect(stored(BucketKind, minimal)).toEqual({ ...minimal, provider: 'generic', timeout: '60s' });
    for (const provider of ['generic', 'aws', 'gcp', 'azure']) expect(bad({ provider })).toEqual([]);
    expect(bad({ provider: 'minio' })).toEqual(['spec.provider']);
    expect(bad({ timeout: '1h' })).toEqual(['spec.timeout']);
  });

  test('SRC-32, SRC-33: the token service needs provider and address', () => {
    expect(bad({ sts: {} }).sort()).toEqual(['spec.sts.endpoint', 'spec.sts.provider']);
    expect(bad({ sts: { provider: 'gcp', endpoint: 'https://a' } })).toEqual(['spec.sts.provider']);
    expect(bad({ sts: { provider: 'ldap', endpoint: 'ldap://a' } })).toEqual(['spec.sts.endpoint']);
  });

  test.each<[string, object, string]>([
    [
      'SRC-47',
      { provider: 'gcp', sts: sts('aws') },
      "STS configuration is only supported for the 'aws' and 'generic' Bucket providers",
    ],
    [
      'SRC-48',
      { provider: 'aws', sts: sts('ldap') },
      "'aws' is the only supported STS provider for the 'aws' Bucket provider",
    ],
    ['SRC-49', { sts: sts('aws') }, "'ldap' is the only supported STS provider for the 'generic' Bucket provider"],
    [
      'SRC-50',
      { provider: 'aws', sts: sts('aws', { secretRef: { name: 'a' } }) },
      "spec.sts.secretRef is not required for the 'aws' STS provider",
    ],
    [
      'SRC-51',
      { provider: 'aws', sts: sts('aws', { certSecretRef: { name: 'a' } }) },
      "spec.sts.certSecretRef is not required for the 'aws' STS provider",
    ],
    ['SRC-52', { serviceAccountName: 'a' }, "ServiceAccountName is not supported for the 'generic' Bucket provider"],
    [
      'SRC-53',
      { provider: 'aws', serviceAccountName: 'a', secretRef: { name: 'b' } },
      'cannot set both .spec.secretRef and .spec.serviceAccountName',
    ],
  ])('%s: the rule refuses with its message', (_, change, message) => {
    expect(texts(change)).toEqual([expect.stringContaining(message)]);
  });

  test('SRC-34, SRC-35, SRC-47, SRC-48, SRC-49: what the rules allow', () => {
    expect(texts({ provider: 'aws', sts: sts('aws'), serviceAccountName: 'a' })).toEqual([]);
    const ldap = sts('ldap', { secretRef: { name: 'a' }, certSecretRef: { name: 'b' } });
    expect(texts({ sts: ldap, secretRef: { name: 'c' } })).toEqual([]);
  });

  test('SRC-36, SRC-37, SRC-38, SRC-39, SRC-41, SRC-42, SRC-45, SRC-46: the remaining fields', () => {
    const named = { name: 'a' };
    const rest = { region: 'r', prefix: 'p', ignore: 'i', insecure: true, suspend: true };
    expect(bad({ ...rest, secretRef: named, certSecretRef: named, proxySecretRef: named })).toEqual([]);
    expect(bad({ secretRef: {}, certSecretRef: {}, proxySecretRef: {} })).toHaveLength(3);
  });
});

describe('ExternalArtifact', () => {
  test('SRC-55, SRC-56: the source is optional, and has kind and name', () => {
    expect(badPaths(ExternalArtifactKind, {})).toEqual([]);
    expect(badPaths(ExternalArtifactKind, { sourceRef: {} })).toEqual(['spec.sourceRef.kind', 'spec.sourceRef.name']);
    expect(
      badPaths(ExternalArtifactKind, { sourceRef: { apiVersion: 'a/v1', kind: 'B', name: 'c', namespace: 'd' } }),
    ).toEqual([]);
  });

  test('SRC-81: the status has artifact and conditions only', () => {
    const { status } = ExternalArtifactKind.schema.properties!;
    expect(Object.keys(status!.properties!).sort()).toEqual(['artifact', 'conditions']);
  });
});

describe('OCIRepository', () => {
  const minimal = { url: 'oci://host/path', interval: '1m' };
  const bad = (change: object) => badPaths(OCIRepositoryKind, { ...minimal, ...change });

  test('OCI-4: fields, defaults and enumerations', () => {
    expect(Object.keys(OCIRepositoryKind.schema.properties!.spec!.properties!).sort()).toEqual([
      'certSecretRef',
      'ignore',
      'insecure',
      'interval',
      'layerSelector',
      'provider',
      'proxySecretRef',
      'ref',
      'secretRef',
      'serviceAccountName',
      'suspend',
      'timeout',
      'url',
      'verify',
    ]);
    expect(stored(OCIRepositoryKind, { ...minimal, verify: {}, layerSelector: {} })).toEqual({
      ...minimal,
      provider: 'generic',
      timeout: '60s',
      verify: { provider: 'cosign' },
      layerSelector: {},
    });
    expect(badPaths(OCIRepositoryKind, {}).sort()).toEqual(['spec.interval', 'spec.url']);
    expect(bad({ url: 'https://host/path' })).toEqual(['spec.url']);
    expect(bad({ provider: 'github' })).toEqual(['spec.provider']);
    expect(bad({ layerSelector: { operation: 'unpack' } })).toEqual(['spec.layerSelector.operation']);
    expect(bad({ verify: { provider: 'gpg' } })).toEqual(['spec.verify.provider']);
    expect(bad({ verify: { matchOIDCIdentity: [{}] } })).toEqual([
      'spec.verify.matchOIDCIdentity[0].issuer',
      'spec.verify.matchOIDCIdentity[0].subject',
    ]);
    expect(bad({ verify: { trustedRootSecretRef: { name: 'a' }, secretRef: { name: 'b' } } })).toEqual([]);
    expect(bad({ ref: { digest: 'a', semver: 'b', semverFilter: 'c', tag: 'd' } })).toEqual([]);
  });

  test('OCI-2: hours are for intervals only', () => {
    expect(bad({ interval: '1h', timeout: '1m30s' })).toEqual([]);
    expect(bad({ timeout: '1h' })).toEqual(['spec.timeout']);
  });

  test('OCI-3: local references have a name', () => {
    expect(bad({ secretRef: {}, certSecretRef: {}, proxySecretRef: {} }).sort()).toEqual([
      'spec.certSecretRef.name',
      'spec.proxySecretRef.name',
      'spec.secretRef.name',
    ]);
  });
});

describe('HelmRepository', () => {
  const bad = (change: object) => badPaths(HelmRepositoryKind, { url: 'https://host', ...change });

  test('OCI-6: only the address is required, only the provider has a default', () => {
    expect(badPaths(HelmRepositoryKind, {})).toEqual(['spec.url']);
    expect(stored(HelmRepositoryKind, { url: 'https://host' })).toEqual({ url: 'https://host', provider: 'generic' });
    expect(bad({ type: 'git' })).toEqual(['spec.type']);
    expect(bad({ provider: 'github' })).toEqual(['spec.provider']);
    expect(bad({ interval: '1h', timeout: '1m', passCredentials: true, insecure: true, suspend: true })).toEqual([]);
    expect(bad({ timeout: '1h' })).toEqual(['spec.timeout']);
  });

  test('OCI-7: the scheme of the address is checked, but not against the type', () => {
    for (const url of ['http://a', 'https://a', 'oci://a']) expect(bad({ url })).toEqual([]);
    expect(bad({ url: 'ftp://a' })).toEqual(['spec.url']);
    expect(bad({ url: 'oci://a', type: 'default' })).toEqual([]);
  });
});

describe('HelmChart', () => {
  const minimal = { chart: 'c', interval: '1m', sourceRef: { kind: 'HelmRepository', name: 'r' } };
  const bad = (change: object) => badPaths(HelmChartKind, { ...minimal, ...change });

  test('OCI-9: fields, defaults and enumerations', () => {
    expect(badPaths(HelmChartKind, {}).sort()).toEqual(['spec.chart', 'spec.interval', 'spec.sourceRef']);
    expect(stored(HelmChartKind, { ...minimal, verify: {} })).toEqual({
      ...minimal,
      version: '*',
      reconcileStrategy: 'ChartVersion',
      verify: { provider: 'cosign' },
    });
    for (const kind of ['OCIRepository', 'ExternalArtifact'])
      expect(bad({ sourceRef: { kind, name: 'r' } })).toEqual(['spec.sourceRef.kind']);
    expect(bad({ reconcileStrategy: 'Always' })).toEqual(['spec.reconcileStrategy']);
    expect(bad({ valuesFiles: ['a'], ignoreMissingValuesFiles: true, suspend: true })).toEqual([]);
    const verify = HelmChartKind.schema.properties!.spec!.properties!.verify!;
    expect(Object.keys(verify.properties!).sort()).toEqual(['matchOIDCIdentity', 'provider', 'secretRef']);
  });

  test('OCI-10: verification is for charts of a HelmRepository', () => {
    const verify = { provider: 'cosign' };
    expect(bad({ verify })).toEqual([]);
    expect(problems(HelmChartKind, { ...minimal, verify, sourceRef: { kind: 'Bucket', name: 'r' } })).toEqual([
      expect.stringContaining("spec.verify is only supported when spec.sourceRef.kind is 'HelmRepository'"),
    ]);
  });
});

describe('ArtifactGenerator', () => {
  const source = { alias: 'app', kind: 'GitRepository', name: 'app' };
  const artifact = { name: 'out', copy: [{ from: '@app/**', to: '@artifact/' }] };
  const bad = (change: object) =>
    badPaths(ArtifactGeneratorKind, { sources: [source], artifacts: [artifact], ...change });
  const badSource = (change: object) => bad({ sources: [{ ...source, ...change }] });
  const badArtifact = (change: object) => bad({ artifacts: [{ ...artifact, ...change }] });
  const badCopy = (change: object) => badArtifact({ copy: [{ ...artifact.copy[0], ...change }] });

  test('SRC-536, SRC-542: one to a thousand sources and artifacts', () => {
    expect(badPaths(ArtifactGeneratorKind, {}).sort()).toEqual(['spec.artifacts', 'spec.sources']);
    expect(bad({ sources: [] })).toEqual(['spec.sources']);
    expect(bad({ artifacts: [] })).toEqual(['spec.artifacts']);
    expect(bad({ sources: Array.from({ length: 1001 }, () => source) })).toEqual(['spec.sources']);
    expect(bad({})).toEqual([]);
  });

  test('SRC-537, SRC-538, SRC-539, SRC-540: sources', () => {
    for (const alias of ['A', '-a', 'a-', 'x'.repeat(64)])
      expect(badSource({ alias })).toEqual(['spec.sources[0].alias']);
    expect(badSource({ alias: 'a_b-c1' })).toEqual([]);
    expect(badSource({ kind: 'HelmRepository' })).toEqual(['spec.sources[0].kind']);
    expect(badSource({ name: 'a.b' })).toEqual(['spec.sources[0].name']);
    expect(badSource({ namespace: 'x'.repeat(64) })).toEqual(['spec.sources[0].namespace']);
    expect(badSource({ namespace: 'team-a' })).toEqual([]);
  });

  test('SRC-535, SRC-541, SRC-543, SRC-544, SRC-545, SRC-546: artifacts', () => {
    expect(bad({ commonMetadata: { labels: { a: 'b' }, annotations: { c: 'd' } } })).toEqual([]);
    expect(bad({ pathPattern: 'apps/{app}' })).toEqual(['spec.pathPattern']);
    expect(bad({ pathPattern: '@app/apps/{app}' })).toEqual([]);
    expect(badArtifact({ name: 'x'.repeat(254) })).toContain('spec.artifacts[0].name');
    expect(badArtifact({ revision: 'app' })).toEqual(['spec.artifacts[0].revision']);
    expect(badArtifact({ originRevision: '@app/' })).toEqual(['spec.artifacts[0].originRevision']);
    expect(badArtifact({ revision: '@app', originRevision: '@app' })).toEqual([]);
    expect(badArtifact({ copy: [] })).toEqual(['spec.artifacts[0].copy']);
  });

  test('SRC-547, SRC-548, SRC-549, SRC-550: copies', () => {
    expect(badCopy({ from: 'app/**' })).toEqual(['spec.artifacts[0].copy[0].from']);
    expect(badCopy({ to: '@app/x' })).toEqual(['spec.artifacts[0].copy[0].to']);
    expect(badCopy({ exclude: Array.from({ length: 101 }, () => '*.md') })).toEqual([
      'spec.artifacts[0].copy[0].exclude',
    ]);
    expect(badCopy({ strategy: 'Copy' })).toEqual(['spec.artifacts[0].copy[0].strategy']);
    for (const strategy of ['Overwrite', 'Merge', 'Extract']) expect(badCopy({ strategy })).toEqual([]);
  });

  test('SRC-551: names are names of objects unless they are templates', () => {
    const artifacts = [{ ...artifact, name: 'app-{app}' }];
    const spec = { sources: [source], artifacts };
    expect(problems(ArtifactGeneratorKind, spec)).toEqual([
      expect.stringContaining('artifact names must be valid Kubernetes object names when pathPattern is not set'),
    ]);
    expect(bad({ artifacts, pathPattern: '@app/{app}' })).toEqual([]);
    expect(badArtifact({ name: 'a.b-c' })).toEqual([]);
  });
});
