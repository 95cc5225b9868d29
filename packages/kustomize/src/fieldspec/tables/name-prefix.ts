import { type FieldSpecInput } from '../types.ts';

/** KZE table 10.1. */
export const namePrefix: FieldSpecInput[] = [{ path: 'metadata/name' }];
