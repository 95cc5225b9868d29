/** Parts of built-in objects that are there from the start, whatever a client sends. */
import type { FieldSet } from '../apply/fieldset.ts';

const pod: FieldSet = { '.': {}, 'f:containers': { '.': {} } };
const template: FieldSet = { '.': {}, 'f:metadata': { '.': {} }, 'f:spec': pod };

/**
 * Structures that every object of a built-in kind has, if only empty: to create one is not to create them, so whoever
 * creates an object owns what is in them and not they themselves.
 */
export const presentFromTheStart: FieldSet = {
  'f:spec': {
    ...pod,
    'f:template': template,
    'f:jobTemplate': {
      '.': {},
      'f:metadata': { '.': {} },
      'f:spec': { '.': {}, 'f:template': template },
    },
    'f:strategy': { '.': {} },
    'f:updateStrategy': { '.': {} },
    'f:resources': { '.': {} },
    'f:podSelector': { '.': {} },
    'f:names': { '.': {} },
    'f:finalizers': {},
  },
};
