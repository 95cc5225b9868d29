import { badPaths, problems, stored } from '../testdata/check.ts';
import { AlertKind } from './alert.ts';
import { ProviderKind } from './provider.ts';
import { ReceiverKind } from './receiver.ts';

describe('Provider', () => {
  test('NTF-9: a commit status expression is for the types that set a commit status', () => {
    const message =
      "spec.commitStatusExpr is only supported for the 'github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops' provider types";
    const commitStatusExpr = "'x'";
    for (const type of ['github', 'gitlab', 'gitea', 'bitbucketserver', 'bitbucket', 'azuredevops'])
      expect(problems(ProviderKind, { type, commitStatusExpr })).toEqual([]);
    expect(problems(ProviderKind, { type: 'slack', commitStatusExpr })).toEqual([expect.stringContaining(message)]);
    expect(problems(ProviderKind, { type: 'slack' })).toEqual([]);
  });

  test('NTF-11: neither address nor Secret is required, and the expression is not looked at', () => {
    expect(problems(ProviderKind, { type: 'github', commitStatusExpr: 'not ( CEL' })).toEqual([]);
    expect(problems(ProviderKind, { type: 'generic' })).toEqual([]);
  });

  test('limits', () => {
    expect(badPaths(ProviderKind, {})).toEqual(['spec.type']);
    expect(badPaths(ProviderKind, { type: 'irc' })).toEqual(['spec.type']);
    for (const field of ['address', 'channel', 'username'])
      expect(badPaths(ProviderKind, { type: 'slack', [field]: 'x'.repeat(2049) })).toEqual([`spec.${field}`]);
    expect(badPaths(ProviderKind, { type: 'slack', proxy: 'socks5://a' })).toEqual(['spec.proxy']);
    expect(badPaths(ProviderKind, { type: 'slack', timeout: '1h' })).toEqual(['spec.timeout']);
    expect(badPaths(ProviderKind, { type: 'slack', interval: '1h', timeout: '20s' })).toEqual([]);
  });
});

describe('Alert', () => {
  const minimal = { providerRef: { name: 'slack' }, eventSources: [] };
  const bad = (change: object) => badPaths(AlertKind, { ...minimal, ...change });

  test('fields, default severity, limits', () => {
    expect(badPaths(AlertKind, {}).sort()).toEqual(['spec.eventSources', 'spec.providerRef']);
    expect(stored(AlertKind, minimal)).toEqual({ ...minimal, eventSeverity: 'info' });
    expect(bad({ eventSeverity: 'warning' })).toEqual(['spec.eventSeverity']);
    expect(bad({ summary: 'x'.repeat(256) })).toEqual(['spec.summary']);
    expect(bad({ eventSources: [{ kind: 'Kustomization', name: '*', matchLabels: { a: 'b' } }] })).toEqual([]);
    expect(bad({ eventSources: [{ kind: 'Pod', name: '', namespace: '' }] }).sort()).toEqual([
      'spec.eventSources[0].kind',
      'spec.eventSources[0].name',
      'spec.eventSources[0].namespace',
    ]);
  });
});

describe('Receiver', () => {
  const resources = [{ kind: 'GitRepository', name: 'app' }];
  const oidcProvider = { issuerURL: 'https://issuer', validations: [{ expression: 'true', message: 'no' }] };
  const secretRef = { name: 'token' };
  const texts = (change: object) => problems(ReceiverKind, { resources, ...change });

  test.each<[string, object, string]>([
    ['no issuer', { type: 'generic-oidc' }, 'at least one oidcProvider'],
    ['empty issuers', { type: 'generic-oidc', oidcProviders: [] }, 'at least one oidcProvider'],
    [
      'issuers elsewhere',
      { type: 'github', secretRef, oidcProviders: [oidcProvider] },
      'oidcProviders can only be set when type is generic-oidc',
    ],
    [
      'a Secret beside issuers',
      { type: 'generic-oidc', secretRef, oidcProviders: [oidcProvider] },
      'secretRef cannot be set when type is generic-oidc',
    ],
    ['no Secret', { type: 'github' }, 'secretRef is required when type is not generic-oidc'],
  ])('NTF-12: %s is refused', (_, change, message) => {
    expect(texts(change)).toEqual([expect.stringContaining(message)]);
  });

  test('NTF-12, NTF-15: what the rules allow, without a default audience', () => {
    expect(texts({ type: 'github', secretRef })).toEqual([]);
    expect(texts({ type: 'github', secretRef, oidcProviders: [] })).toEqual([]);
    expect(texts({ type: 'generic-oidc', oidcProviders: [oidcProvider] })).toEqual([]);
    const spec = stored(ReceiverKind, { type: 'generic-oidc', resources, oidcProviders: [oidcProvider] });
    expect(spec).toMatchObject({ interval: '10m', oidcProviders: [oidcProvider] });
    expect(JSON.stringify(spec)).not.toContain('audience');
  });

  test('NTF-13: an issuer is named once', () => {
    expect(texts({ type: 'generic-oidc', oidcProviders: [oidcProvider, oidcProvider] })).toEqual([
      expect.stringMatching(/^spec\.oidcProviders\[1\]: Duplicate value/),
    ]);
  });

  test('issuers need an address and a validation', () => {
    const bad = (change: object) =>
      badPaths(ReceiverKind, { type: 'generic-oidc', resources, oidcProviders: [{ ...oidcProvider, ...change }] });
    expect(bad({ issuerURL: 'issuer' })).toEqual(['spec.oidcProviders[0].issuerURL']);
    expect(bad({ validations: [] })).toEqual(['spec.oidcProviders[0].validations']);
    expect(bad({ variables: [{}] }).sort()).toEqual([
      'spec.oidcProviders[0].variables[0].expression',
      'spec.oidcProviders[0].variables[0].name',
    ]);
  });
});
