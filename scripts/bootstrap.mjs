// Runs a TypeScript program of this repository on the pinned Node, installing the dependencies first where they are
// missing or older than the lockfile. Plain JavaScript on purpose: it must run on any Node >= 20 before anything is installed.
import { spawn, spawnSync } from 'node:child_process';
import { existsSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { constants } from 'node:os';
import { createHash } from 'node:crypto';
import { dirname, join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = resolve(dirname(fileURLToPath(import.meta.url)), '..');
const modules = join(root, 'node_modules');
const stamp = join(modules, '.installed-from');
const node = join(modules, 'node', 'bin', process.platform === 'win32' ? 'node.exe' : 'node');

/** npm writes its record and the lockfile of one install this close to each other, in either order. */
const sameInstallMs = 5_000;

const lockDigest = () =>
  createHash('sha256')
    .update(readFileSync(join(root, 'package-lock.json')))
    .digest('hex');

function isInstalled() {
  if (!existsSync(node)) return false;
  if (existsSync(stamp) && readFileSync(stamp, 'utf8') === lockDigest()) return true;
  // Installed by hand with npm: trust npm's own record when it is not older than the lockfile.
  const record = join(modules, '.package-lock.json');
  return (
    existsSync(record) && statSync(record).mtimeMs + sameInstallMs >= statSync(join(root, 'package-lock.json')).mtimeMs
  );
}

function run(command, args) {
  const result = spawnSync(command, args, { cwd: root, stdio: ['ignore', 2, 2], shell: process.platform === 'win32' });
  if (result.status !== 0) {
    console.error(`bootstrap: '${command} ${args.join(' ')}' failed${result.error ? `: ${result.error.message}` : ''}`);
    process.exit(result.status ?? 1);
  }
}

if (!isInstalled()) withInstallLock(install);

function install() {
  if (isInstalled()) return;
  console.error('bootstrap: installing dependencies with npm ci (once) …');
  run('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error']);
  // npm versions that do not run install scripts unasked leave the pinned Node out; its installer is a plain script.
  if (!existsSync(node)) {
    spawnSync(process.execPath, ['installArchSpecificPackage'], {
      cwd: join(modules, 'node'),
      stdio: ['ignore', 2, 2],
    });
  }
  if (!existsSync(node)) {
    console.error(
      "bootstrap: the 'node' package did not install its binary; run 'npm install-scripts approve node' and 'npm ci'",
    );
    process.exit(1);
  }
  writeFileSync(stamp, lockDigest());
}

/** Two commands started at once must not both rewrite node_modules. A lock of a process that is gone does not count. */
function withInstallLock(work) {
  const lock = join(root, '.install-lock');
  for (;;) {
    try {
      writeFileSync(lock, String(process.pid), { flag: 'wx' });
      break;
    } catch (error) {
      if (error.code !== 'EEXIST') throw error;
    }
    if (!isAlive(lock)) rmSync(lock, { force: true });
    else Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300);
  }
  process.on('exit', () => rmSync(lock, { force: true }));
  work();
  rmSync(lock, { force: true });
}

function isAlive(lock) {
  try {
    process.kill(Number(readFileSync(lock, 'utf8')), 0);
    return true;
  } catch (error) {
    return error.code === 'EPERM';
  }
}

const [program, ...args] = process.argv.slice(2);
if (program === undefined) process.exit(0);
const child = spawn(node, ['--disable-warning=ExperimentalWarning', join(root, program), ...args], {
  stdio: 'inherit',
  env: { ...process.env, GOTK_CWD: process.env.INIT_CWD ?? process.cwd() },
});
// A terminal sends Ctrl-C to the whole group already; a signal sent to this process alone must reach the program.
for (const signal of ['SIGINT', 'SIGTERM', 'SIGHUP']) {
  process.on(signal, () => {
    if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal);
  });
}
child.on('exit', (code, signal) => process.exit(code ?? 128 + (constants.signals[signal] ?? 1)));
child.on('error', (error) => {
  console.error(`bootstrap: cannot start ${node}: ${error.message}`);
  process.exit(1);
});
