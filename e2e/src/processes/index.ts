export { freePorts, startProgram, waitFor, type Ending, type Program, type ProgramSpec } from './program.ts';
export { reapGroup, scratchFolder } from './scratch.ts';
