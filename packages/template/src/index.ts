export { compileCel, parseCel, type CelData, type CelExpression, type CompileOptions } from './cel/compile.ts';
export { CelError, type CelPhase } from './cel/errors.ts';
export { compileRegex, RegexError, type Regex, type RegexMatch } from './regex/re2.ts';
export { SubstitutionError, type SubstitutionErrorCode } from './substitute/errors.ts';
export { substitute, type SubstituteOptions } from './substitute/substitute.ts';
export {
  assertVariableName,
  isSubstitutionDisabled,
  mergeVariables,
  substituteKey,
  variableNamePattern,
} from './substitute/variables.ts';
