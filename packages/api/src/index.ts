export * from './meta/object.ts';
