/**
 * What kind of remote resource an entry names: a single file over HTTP(S), a Git repository, or none (KZE-525).
 */
export function classifyRemote(entry: string): 'file' | 'git' | undefined {
  if (isGitUrl(entry)) return 'git';
  return /^https?:\/\//i.test(entry) ? 'file' : undefined;
}

function isGitUrl(entry: string): boolean {
  if (entry.startsWith('/')) return false;
  const bare = entry.split('?')[0]!.replace(/^git::/, '');
  const scheme = /^(ssh|https?|file):\/\//i.exec(bare);
  if (scheme?.[1]?.toLowerCase() === 'file') return true;
  const rest = scheme
    ? bare.slice(scheme[0].length).replace(/^[^/]*\/?/, '')
    : /^[\w.-]+@[\w.-]+[:/]/.test(bare)
      ? bare.replace(/^[\w.-]+@[\w.-]+[:/]/, '')
      : /^github\.com[/:]/i.test(bare)
        ? bare.slice('github.com/'.length)
        : undefined;
  if (rest === undefined) return false;
  if (rest.includes('_git/') || rest.includes('//') || /\.git(\/|$)/.test(rest)) return true;
  // A path of two segments may be `owner/repository`; a manifest served over HTTP is taken for a file.
  return rest.split('/').filter(Boolean).length >= 2 && !(scheme && /\.ya?ml$|\.json$/i.test(rest));
}
