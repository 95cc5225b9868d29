import { type PathFilter } from '../archive/entry.ts';
import { ignoreFilter, parsePatterns } from './pattern.ts';

/** Version control files, left out of every artifact unless a user pattern brings them back (SRC-401, SRC-405). */
export const vcsPatterns: readonly string[] = ['.git/', '.gitignore', '.gitmodules', '.gitattributes'];

/** What is left out as long as the user has no pattern of their own (SRC-401, SRC-402). */
export const defaultPatterns: readonly string[] = [
  ...['*.jpg', '*.jpeg', '*.gif', '*.png', '*.wmv', '*.flv', '*.tar.gz', '*.zip'],
  ...['.github/', '.circleci/', '.travis.yml', '.gitlab-ci.yml', 'appveyor.yml', '.drone.yml'],
  ...['cloudbuild.yaml', 'codeship-services.yml', 'codeship-steps.yml'],
  ...['**/.goreleaser.yml', '**/.sops.yaml', '**/.flux.yaml'],
];

/** Name of the files with ignore rules in a source. */
export const sourceIgnoreFileName = '.sourceignore';

/** The text of one `.sourceignore` file; `directory` is where it lies, empty for the root. */
export interface SourceIgnoreFile {
  directory: string;
  text: string;
}

/** Options of {@link sourceFilter}. */
export interface SourceFilterOptions {
  /** `.sourceignore` files, root first, then subdirectories depth-first in name order. */
  files?: readonly SourceIgnoreFile[];
  /** `spec.ignore`; it comes last and so overrides the files. */
  specIgnore?: string;
  /** The built-in lists: `all` for Git sources (default); `vcs` leaves the other defaults out. */
  builtIn?: 'all' | 'vcs';
}

/** The filter that decides what enters an artifact, in the pattern order of SRC-402…404. */
export function sourceFilter(options: SourceFilterOptions = {}): PathFilter {
  const user = (options.files ?? []).flatMap((file) => parsePatterns(file.text, file.directory));
  user.push(...parsePatterns(options.specIgnore ?? ''));
  const defaults = user.length === 0 && options.builtIn !== 'vcs' ? parsePatterns(defaultPatterns) : [];
  return ignoreFilter([...parsePatterns(vcsPatterns), ...defaults, ...user]);
}
