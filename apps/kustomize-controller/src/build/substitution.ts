import { objectText, type UnstructuredObject } from '@gitops-toolkit/api';
import { parseYaml, toYaml } from '@gitops-toolkit/kustomize';
import { isSubstitutionDisabled, substitute } from '@gitops-toolkit/template';
import type { BuildRequest } from './request.ts';

/**
 * Replaces variables in the text of each object and reads it again (KUS-141…157). Objects that opt out stay as they are.
 *
 * @throws Error naming the object.
 */
export function substituteAll(
  objects: UnstructuredObject[],
  { variables, strictVariables }: Pick<BuildRequest, 'variables' | 'strictVariables'>,
): UnstructuredObject[] {
  if (variables === undefined) return objects;
  return objects.map((object) => {
    if (isSubstitutionDisabled(object)) return object;
    try {
      if ('problem' in variables) throw new Error(variables.problem);
      return substituteOne(object, variables.values, strictVariables);
    } catch (error) {
      throw new Error(`post build failed for '${objectText(object)}': ${(error as Error).message}`, { cause: error });
    }
  });
}

function substituteOne(
  object: UnstructuredObject,
  values: Record<string, string>,
  strict: boolean,
): UnstructuredObject {
  const text = toYaml([object]);
  if (!text.includes('$')) return object;
  let result: string;
  try {
    result = substitute(text, values, { strict });
  } catch (error) {
    throw new Error(`envsubst error: variable substitution failed: ${(error as Error).message}`, { cause: error });
  }
  try {
    return parseYaml(result) as unknown as UnstructuredObject;
  } catch (error) {
    // What the parser quotes may be the value of a variable, and so come from a Secret. Its error is no cause, therefore.
    const reason = (error as Error).message.replace(/'.*'|".*"/s, "'***'");
    throw new Error(`YAMLToJSON: ${reason}`);
  }
}
