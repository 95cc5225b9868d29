import { KustomizeError, messageOf, type KustomizeErrorCode } from '../errors.ts';
import { directoryFileSystem } from '../filesystem/directory.ts';
import { memoryFileSystem, type FileMap } from '../filesystem/memory.ts';
import { joinPath } from '../filesystem/path.ts';
import { buildFlux } from '../flux/build.ts';
import { type FluxBuildSpec } from '../flux/types.ts';
import { build } from './build.ts';
import { type BuildOptions, type BuildResult } from './options.ts';

/** A build as plain data, for a worker thread. */
export interface BuildRequest {
  /** The source: a directory on disk, to which the build is confined, or files in memory. */
  source: { directory: string } | { files: FileMap };
  /** Directory to build, relative to the source. Default its root. */
  path?: string;
  /** When given, the build is set up as Flux does. */
  flux?: FluxBuildSpec;
  options?: Omit<BuildOptions, 'signal' | 'onWarning'>;
}

/** The outcome as plain data: an error crosses threads without its class. */
export type BuildResponse =
  | ({ ok: true } & BuildResult)
  | { ok: false; error: { message: string; code: KustomizeErrorCode; file?: string; line?: number } };

/** Runs a request. Never throws: call it in a worker thread, then {@link unwrapResponse} in the caller's. */
export function runBuildRequest({ source, path = '.', flux, options }: BuildRequest): BuildResponse {
  try {
    const onDisk = 'directory' in source;
    const fs = onDisk ? directoryFileSystem(source.directory) : memoryFileSystem(source.files);
    const target = onDisk ? joinPath(source.directory, path) : joinPath('/', path);
    const result = flux ? buildFlux(fs, target, flux, options) : build(fs, target, options);
    return { ok: true, ...result };
  } catch (error) {
    const known = error instanceof KustomizeError ? error : undefined;
    return {
      ok: false,
      error: { message: messageOf(error), code: known?.code ?? 'build', file: known?.file, line: known?.line },
    };
  }
}

/** The result of a request. @throws {KustomizeError} the error it ended with. */
export function unwrapResponse(response: BuildResponse): BuildResult {
  if (response.ok) return { objects: response.objects, warnings: response.warnings };
  const { message, ...rest } = response.error;
  throw new KustomizeError(message, rest);
}
