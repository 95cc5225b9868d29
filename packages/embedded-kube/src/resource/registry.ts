/** The kinds that a server serves: the built-in ones, and those that CustomResourceDefinitions add while it runs. */
import type { Resource } from './resource.ts';

export class Registry {
  private readonly byPath = new Map<string, Resource>();
  private generationCounter = 0;

  /** Changes with every added or removed resource: what derived documents are cached by. */
  get generation(): number {
    return this.generationCounter;
  }

  add(...resources: Resource[]): void {
    for (const resource of resources) this.byPath.set(`${resource.apiVersion}/${resource.plural}`, resource);
    this.generationCounter++;
  }

  /** Removes every version of `group/plural` that is not in `keepVersions`. */
  remove(group: string, plural: string, keepVersions: readonly string[] = []): void {
    for (const [path, resource] of this.byPath) {
      if (resource.group === group && resource.plural === plural && !keepVersions.includes(resource.version))
        this.byPath.delete(path);
    }
    this.generationCounter++;
  }

  get(apiVersion: string, plural: string): Resource | undefined {
    return this.byPath.get(`${apiVersion}/${plural}`);
  }

  all(): Resource[] {
    return [...this.byPath.values()];
  }

  /** Whether anything is served under `v1` or `group/version`. */
  serves(apiVersion: string): boolean {
    for (const resource of this.byPath.values()) if (resource.apiVersion === apiVersion) return true;
    return false;
  }

  /** One resource per collection. */
  collections(): Resource[] {
    const seen = new Map<string, Resource>();
    for (const resource of this.byPath.values())
      if (!seen.has(resource.collection)) seen.set(resource.collection, resource);
    return [...seen.values()];
  }
}
