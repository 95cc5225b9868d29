export {
  createRepository,
  gitEnvironment,
  type CommitOptions,
  type FileContent,
  type TestRepository,
} from './repository.ts';
export {
  startGitServer,
  type GitServer,
  type GitServerFault,
  type GitServerOptions,
  type GitServerRequest,
} from './server.ts';
export {
  generateSshKey,
  startGitSshServer,
  type GitSshServer,
  type GitSshServerFault,
  type GitSshServerOptions,
  type SshKey,
  type SshKeyOptions,
} from './ssh-server.ts';
