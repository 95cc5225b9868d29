export * from './field.ts';
export * from './shared.ts';
