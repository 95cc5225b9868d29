import { runController } from '@gitops-toolkit/runtime';
import { sourceController } from './program.ts';

await runController(sourceController);
