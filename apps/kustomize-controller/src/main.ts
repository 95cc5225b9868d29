import { runController } from '@gitops-toolkit/runtime';
import { kustomizeController } from './program.ts';

await runController(kustomizeController);
