/** What the kinds of `image.toolkit.fluxcd.io` share. */
import { object, required, string } from '../fields/field.ts';
import type { ValueOf } from '../fields/field.ts';

/** Identity common to every kind of the group (spec 1.1). */
export const imageKind = { group: 'image.toolkit.fluxcd.io', version: 'v1', category: 'fluxcd-images' } as const;

/** An image with its tag, as a policy elects it. */
export function imageRef(description: string) {
  return object(description, {
    name: required(string('The image, without tag, as the ImageRepository writes it.')),
    tag: required(string('The tag.')),
    digest: string('The digest, as `sha256:<hex>`.'),
  });
}
export type ImageRef = ValueOf<ReturnType<typeof imageRef>>;
