/** Where the programs of a real control plane come from: `KUBEBUILDER_ASSETS`, or a build from the pinned Go modules. */
import { spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { constants } from 'node:fs';
import { access, mkdir, readFile, rename, rm } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';

/** Paths of the programs, and where they were found. */
export interface Binaries {
  etcd: string;
  'kube-apiserver': string;
  'kube-controller-manager': string;
  kubectl: string;
  origin: 'KUBEBUILDER_ASSETS' | 'cache' | 'built';
}

/** The machine cannot provide a real control plane; the message says what to install or set. */
export class ControlPlaneUnavailableError extends Error {
  override name = 'ControlPlaneUnavailableError';
}

type Program = Exclude<keyof Binaries, 'origin'>;

const goPackages: Record<Program, string> = {
  etcd: 'go.etcd.io/etcd/server/v3',
  'kube-apiserver': 'k8s.io/kubernetes/cmd/kube-apiserver',
  'kube-controller-manager': 'k8s.io/kubernetes/cmd/kube-controller-manager',
  kubectl: 'k8s.io/kubernetes/cmd/kubectl',
};
const programs = Object.keys(goPackages) as Program[];

/** The folder of `go.mod`. */
const moduleFolder = import.meta.dirname;

/** A first build on a slow machine takes about ten minutes. */
const buildDeadlineMs = 45 * 60_000;

/**
 * The programs of the control plane, building them when no earlier run has.
 *
 * `KUBEBUILDER_ASSETS` wins when set and must then hold all four programs; a set that was made for API-server tests
 * alone lacks the controller manager, without which namespaces never go away. A build goes to
 * `$XDG_CACHE_HOME/gitops-toolkit/control-plane/<digest of the pins>` (default `~/.cache`) and happens once a machine.
 *
 * @throws ControlPlaneUnavailableError when a program is missing from `KUBEBUILDER_ASSETS`, when there is no Go to
 * build with, or when the build fails.
 */
export async function findBinaries(
  options: { log?: (line: string) => void; signal?: AbortSignal } = {},
): Promise<Binaries> {
  const assets = process.env.KUBEBUILDER_ASSETS;
  if (assets) {
    const missing = await missingIn(assets);
    if (missing.length > 0) {
      throw new ControlPlaneUnavailableError(
        `KUBEBUILDER_ASSETS (${assets}) has no ${missing.join(', ')}; add it there, or unset the variable to build with Go`,
      );
    }
    return inFolder(assets, 'KUBEBUILDER_ASSETS');
  }
  const folder = await cacheFolder();
  if ((await missingIn(folder)).length === 0) return inFolder(folder, 'cache');
  await build(folder, options);
  return inFolder(folder, 'built');
}

/** The cache folder of this release: changes with every pin. */
async function cacheFolder(): Promise<string> {
  const digest = createHash('sha256');
  for (const name of ['go.mod', 'go.sum']) digest.update(await readFile(join(moduleFolder, name)));
  const caches = process.env.XDG_CACHE_HOME || join(homedir(), '.cache');
  return join(caches, 'gitops-toolkit', 'control-plane', digest.digest('hex').slice(0, 16));
}

async function build(
  folder: string,
  { log = () => {}, signal }: { log?: (line: string) => void; signal?: AbortSignal },
): Promise<void> {
  const release = await pinnedRelease();
  const limit = AbortSignal.any([AbortSignal.timeout(buildDeadlineMs), ...(signal ? [signal] : [])]);
  log(`building the control plane of Kubernetes ${release} with Go; this happens once and takes some minutes`);
  const started = Date.now();
  const scratch = `${folder}.${process.pid}`;
  await mkdir(scratch, { recursive: true });
  try {
    const stamps = versionStamps(release);
    // One command builds the three Kubernetes programs together; etcd is apart because its package path names a version.
    const kubernetes = programs.filter((name) => name !== 'etcd').map((name) => goPackages[name]);
    await go(['build', '-trimpath', '-ldflags', stamps, '-o', `${scratch}/`, ...kubernetes], limit);
    await go(['build', '-trimpath', '-ldflags', '-s -w', '-o', join(scratch, 'etcd'), goPackages.etcd], limit);
    await publish(scratch, folder);
  } finally {
    await rm(scratch, { recursive: true, force: true });
  }
  log(`built in ${Math.round((Date.now() - started) / 1000)} s: ${folder}`);
}

/** Moves a finished build to its place; an equal build that another process finished first stays. */
async function publish(scratch: string, folder: string): Promise<void> {
  try {
    await rename(scratch, folder);
  } catch (error) {
    if ((await missingIn(folder)).length === 0) return;
    await rm(folder, { recursive: true, force: true });
    await rename(scratch, folder).catch(() => {
      throw error;
    });
  }
}

async function pinnedRelease(): Promise<string> {
  const match = /^\s*k8s\.io\/kubernetes (v\S+)/m.exec(await readFile(join(moduleFolder, 'go.mod'), 'utf8'));
  if (!match?.[1]) throw new Error('go.mod does not pin k8s.io/kubernetes');
  return match[1];
}

/** Linker flags that give the programs the version they were released as; Kubernetes refuses to start without one. */
function versionStamps(release: string): string {
  const [major, minor] = release.slice(1).split('.');
  const facts = {
    gitVersion: release,
    gitMajor: major,
    gitMinor: minor,
    gitTreeState: 'clean',
    buildDate: '1970-01-01T00:00:00Z',
  };
  const stamps = ['k8s.io/component-base/version', 'k8s.io/client-go/pkg/version'].flatMap((path) =>
    Object.entries(facts).map(([name, value]) => `-X ${path}.${name}=${value}`),
  );
  return ['-s', '-w', ...stamps].join(' ');
}

async function go(args: string[], signal: AbortSignal): Promise<void> {
  const child = spawn('go', args, {
    cwd: moduleFolder,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, CGO_ENABLED: '0', GOFLAGS: '-mod=readonly -buildvcs=false', GOWORK: 'off' },
    signal,
  });
  let tail = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk: Buffer) => (tail = (tail + chunk.toString()).slice(-4_000)));
  }
  const code = await new Promise<number | null>((done, fail) => {
    child.on('close', done);
    child.on('error', (error: NodeJS.ErrnoException) =>
      fail(
        error.code === 'ENOENT'
          ? new ControlPlaneUnavailableError(
              'no Go on this machine to build a control plane with: install Go 1.25 or newer, or set KUBEBUILDER_ASSETS',
            )
          : error,
      ),
    );
  });
  if (code !== 0)
    throw new ControlPlaneUnavailableError(`building the control plane failed: go ended with ${code}\n${tail}`);
}

async function missingIn(folder: string): Promise<Program[]> {
  const found = await Promise.all(
    programs.map((name) =>
      access(join(folder, name), constants.X_OK).then(
        () => true,
        () => false,
      ),
    ),
  );
  return programs.filter((_, index) => !found[index]);
}

function inFolder(folder: string, origin: Binaries['origin']): Binaries {
  const paths = Object.fromEntries(programs.map((name) => [name, join(folder, name)])) as Record<Program, string>;
  return { ...paths, origin };
}
