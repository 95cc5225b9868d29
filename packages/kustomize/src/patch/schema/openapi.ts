import { type ScopeLookup } from '../../resource/scope.ts';
import { apiVersionText } from './api-version.ts';
import { type MergeSchema, type SchemaLookup } from './types.ts';

type Json = Record<string, unknown>;

const GVK = 'x-kubernetes-group-version-kind';
const STRATEGY = 'x-kubernetes-patch-strategy';
const MERGE_KEY = 'x-kubernetes-patch-merge-key';
const LIST_MAP_KEYS = 'x-kubernetes-list-map-keys';

/** Reads a custom OpenAPI document into look-ups by type (KZE-881, KZE-883). */
export function readOpenApi(document: unknown): { lookup: SchemaLookup; scope: ScopeLookup } {
  const definitions = asMap(asMap(document).definitions);
  const types = new Map<string, Json>();
  for (const definition of Object.values(definitions)) {
    const gvks = asMap(definition)[GVK];
    for (const gvk of Array.isArray(gvks) ? gvks : []) {
      const key = typeKey(gvk);
      if (key !== undefined) types.set(key, asMap(definition));
    }
  }
  const namespaced = scopes(asMap(asMap(document).paths));
  const schemas = new Map<string, MergeSchema>();
  return {
    lookup(apiVersion, kind) {
      const key = `${apiVersion}/${kind}`;
      const type = types.get(key);
      if (type === undefined) return undefined;
      const schema = schemas.get(key) ?? new OpenApiSchema(type, definitions);
      schemas.set(key, schema);
      return schema;
    },
    scope: (apiVersion, kind) => namespaced.get(`${apiVersion}/${kind}`),
  };
}

function asMap(value: unknown): Json {
  return typeof value === 'object' && value !== null && !Array.isArray(value) ? (value as Json) : {};
}

function typeKey(gvk: unknown): string | undefined {
  const { group, version, kind } = asMap(gvk);
  if (typeof version !== 'string' || typeof kind !== 'string') return undefined;
  return `${apiVersionText(typeof group === 'string' ? group : '', version)}/${kind}`;
}

function scopes(paths: Json): Map<string, boolean> {
  const result = new Map<string, boolean>();
  for (const [path, item] of Object.entries(paths)) {
    const key = typeKey(asMap(asMap(item).get)[GVK]);
    if (key === undefined) continue;
    if (path.includes('namespaces/{namespace}')) result.set(key, true);
    else if (!result.has(key)) result.set(key, false);
  }
  return result;
}

class OpenApiSchema implements MergeSchema {
  readonly #type: Json;
  readonly #definitions: Json;

  constructor(type: Json, definitions: Json) {
    this.#type = type;
    this.#definitions = definitions;
  }

  get mergeKeys(): readonly string[] | undefined {
    const strategy = this.#type[STRATEGY];
    if (typeof strategy !== 'string' || !strategy.split(',').includes('merge')) return undefined;
    const keys = this.#type[LIST_MAP_KEYS];
    if (Array.isArray(keys)) return keys.filter((key) => typeof key === 'string');
    const key = this.#type[MERGE_KEY];
    return typeof key === 'string' ? [key] : [];
  }

  field(name: string): MergeSchema | undefined {
    const properties = asMap(this.#type.properties);
    if (Object.hasOwn(properties, name)) return this.#at(properties[name]);
    return typeof this.#type.additionalProperties === 'object' ? this.#at(this.#type.additionalProperties) : undefined;
  }

  elements(): MergeSchema | undefined {
    return this.#type.type === 'array' && this.#type.items ? this.#at(this.#type.items) : undefined;
  }

  /** A reference hides what stands beside it (KZE-1100). */
  #at(type: unknown): MergeSchema | undefined {
    let at = asMap(type);
    for (let hops = 0; typeof at.$ref === 'string'; hops++) {
      const name = at.$ref.replace('#/definitions/', '');
      if (hops > 100 || !Object.hasOwn(this.#definitions, name)) return undefined;
      at = asMap(this.#definitions[name]);
    }
    return new OpenApiSchema(at, this.#definitions);
  }
}
