/** Objects by key, with indexes. */
import { keyText, type KubeObject, type ObjectKey } from '@gitops-toolkit/api';

interface Index<T> {
  values: (object: T) => string[];
  keysByValue: Map<string, Set<string>>;
  valuesByKey: Map<string, string[]>;
}

/** See {@link createStore}. */
export interface Store<T extends KubeObject> {
  get(key: string): T | undefined;
  keys(): IterableIterator<string>;
  /** Every object, or those of one namespace. */
  list(namespace?: string): T[];
  /** Returns what was there before. */
  put(key: string, object: T): T | undefined;
  remove(key: string): T | undefined;
  addIndex(name: string, values: (object: T) => string[]): void;
  byIndex(name: string, value: string): T[];
}

/** The key of an object in a store. */
export const storeKey = (key: ObjectKey): string => keyText(key);

export function createStore<T extends KubeObject>(): Store<T> {
  const objects = new Map<string, T>();
  const indexes = new Map<string, Index<T>>();

  function unindex(index: Index<T>, key: string): void {
    for (const value of index.valuesByKey.get(key) ?? []) {
      const keys = index.keysByValue.get(value);
      keys?.delete(key);
      if (keys?.size === 0) index.keysByValue.delete(value);
    }
    index.valuesByKey.delete(key);
  }

  function enter(index: Index<T>, key: string, object: T): void {
    unindex(index, key);
    const values = index.values(object);
    if (values.length === 0) return;
    index.valuesByKey.set(key, values);
    for (const value of values) {
      const keys = index.keysByValue.get(value);
      if (keys) keys.add(key);
      else index.keysByValue.set(value, new Set([key]));
    }
  }

  return {
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    list(namespace) {
      const all = [...objects.values()];
      return namespace === undefined ? all : all.filter((object) => object.metadata.namespace === namespace);
    },
    put(key, object) {
      const old = objects.get(key);
      objects.set(key, object);
      for (const index of indexes.values()) enter(index, key, object);
      return old;
    },
    remove(key) {
      const old = objects.get(key);
      objects.delete(key);
      for (const index of indexes.values()) unindex(index, key);
      return old;
    },
    addIndex(name, values) {
      const index: Index<T> = { values, keysByValue: new Map(), valuesByKey: new Map() };
      for (const [key, object] of objects) enter(index, key, object);
      indexes.set(name, index);
    },
    byIndex(name, value) {
      const index = indexes.get(name);
      if (!index) throw new Error(`there is no index "${name}": add it with addIndex`);
      return Array.from(index.keysByValue.get(value) ?? [], (key) => objects.get(key) as T);
    },
  };
}
