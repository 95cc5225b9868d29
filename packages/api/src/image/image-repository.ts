/** ImageRepository (IMG-1 to IMG-5). */
import { array, boolean, integer, object, oneOf, required, string, text } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';
import {
  accessFrom,
  duration,
  localObjectReference,
  reconcileStatus,
  suspend,
  time,
  timeout,
  unobserved,
} from '../fields/shared.ts';
import { ageColumn, column, defineKind, readyColumn, statusColumn } from '../kind/kind.ts';
import type { KindDefinition } from '../kind/kind.ts';
import type { KubeObject } from '../meta/object.ts';
import { imageKind } from './group.ts';

const spec = object('Which image to watch.', {
  image: required(string('The image: registry and repository, without scheme, tag or digest.')),
  interval: required(duration('Time between scans of the registry; a jitter may be added.')),
  timeout: timeout('Limit for one scan, with the login. Default: `interval`.'),
  secretRef: localObjectReference(
    'Secret of the type `kubernetes.io/dockerconfigjson` with credentials for the registry.',
  ),
  proxySecretRef: localObjectReference(
    'Secret with the proxy to connect through: `address`, and optionally `username` and `password`.',
  ),
  serviceAccountName: string(
    'ServiceAccount in the same namespace: its image pull secrets are used, or with a cloud provider its workload identity.',
    { maxLength: 253 },
  ),
  certSecretRef: localObjectReference(
    'Secret with TLS material: `ca.crt` to verify the server, `tls.crt` and `tls.key` to authenticate as a client.',
  ),
  suspend,
  accessFrom,
  exclusionList: array('Regular expressions; tags that one of them matches are left out.', text, {
    default: ['^.*\\.sig$'],
    maxItems: 25,
  }),
  provider: oneOf(
    'Where credentials for the registry come from: Secrets only (`generic`), or the login of a cloud provider.',
    ['generic', 'aws', 'azure', 'gcp'],
    { default: 'generic' },
  ),
  insecure: boolean('Allows plain HTTP to the registry.'),
});

const scanResult = object('What the last scan found.', {
  revision: string('Checksum over the tags.'),
  tagCount: required(integer('Number of tags, without those left out.')),
  scanTime: time('When the scan ended.'),
  latestTags: array('The first ten tags in descending order.', text),
});

const status = object(
  'What is known about the image.',
  {
    ...reconcileStatus,
    canonicalImageName: string('The image with its registry spelled out.'),
    lastScanResult: scanResult,
    observedExclusionList: array('The exclusion list in force at the last scan.', text),
  },
  unobserved,
);

export type ScanResult = ValueOf<typeof scanResult>;
export type ImageRepositorySpec = ValueOf<typeof spec>;
export type ImageRepositoryStatus = ValueOf<typeof status>;

/** An image whose tags are watched. */
export interface ImageRepository extends KubeObject {
  spec: ImageRepositorySpec;
  status?: ImageRepositoryStatus;
}

export const ImageRepositoryKind: KindDefinition<ImageRepository> = defineKind<ImageRepository>({
  ...imageKind,
  kind: 'ImageRepository',
  plural: 'imagerepositories',
  component: 'image-reflector-controller',
  shortNames: ['imgrepo', 'imagerepo'],
  printerColumns: [
    column('Image', '.spec.image'),
    column('Tags', '.status.lastScanResult.tagCount'),
    readyColumn,
    statusColumn,
    { ...column('Last scan', '.status.lastScanResult.scanTime'), priority: 1 },
    ageColumn,
  ],
  description: 'An image whose tags are watched.',
  spec: required(spec),
  status,
});
