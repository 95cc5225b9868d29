import { KustomizeError, messageOf } from '../errors.ts';
import { joinPath } from '../filesystem/path.ts';
import { type ReadOnlyFileSystem } from '../filesystem/types.ts';
import { KUSTOMIZATION_FILE_NAMES } from '../kustomization/parse.ts';
import { type Kustomization } from '../kustomization/types.ts';
import { parseResources } from '../resource/parse.ts';

const DECODER = new TextDecoder();

/** The kustomization file of a directory: the first of the known names that is a regular file. */
export function findKustomizationFile(fs: ReadOnlyFileSystem, directory: string): string | undefined {
  return KUSTOMIZATION_FILE_NAMES.find((name) => fs.stat(joinPath(directory, name)) === 'file');
}

/**
 * A kustomization that lists every manifest below a directory which has none, in lexical order. Directories with a
 * kustomization of their own are listed as a whole (KUS-113 to KUS-118).
 *
 * @throws {KustomizeError} `failed to decode Kubernetes YAML from …` for a YAML file that holds no manifests.
 */
export function generateKustomization(fs: ReadOnlyFileSystem, directory: string): Kustomization {
  const resources: string[] = [];
  const walk = (at: string, relative: string) => {
    for (const name of fs.readDir(at)) {
      const path = joinPath(at, name);
      const entry = `${relative}/${name}`;
      const kind = fs.stat(path);
      if (kind === 'directory') {
        if (findKustomizationFile(fs, path) !== undefined) resources.push(entry);
        else walk(path, entry);
      } else if (kind === 'file' && /\.ya?ml$/.test(name)) {
        checkManifests(fs, path, entry);
        resources.push(entry);
      }
    }
  };
  walk(directory, '.');
  return { apiVersion: 'kustomize.config.k8s.io/v1beta1', kind: 'Kustomization', resources };
}

function checkManifests(fs: ReadOnlyFileSystem, path: string, entry: string): void {
  try {
    parseResources(DECODER.decode(fs.readFile(path)), { file: entry });
  } catch (error) {
    const inner = error instanceof KustomizeError ? error : undefined;
    const reason =
      inner === undefined
        ? `recovered from panic while parsing YAML file '${entry.slice(entry.lastIndexOf('/') + 1)}': ${messageOf(error)}`
        : inner.message;
    throw new KustomizeError(`failed to decode Kubernetes YAML from ${entry}: ${reason}`, {
      code: inner?.code,
      file: entry,
      line: inner?.line,
      cause: error,
    });
  }
}
