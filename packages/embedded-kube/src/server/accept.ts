/** Content negotiation: in which form a client wants its answer. */
import { notAcceptable } from '../status/errors.ts';
import type { Form } from '../table/table.ts';

export interface Accepted {
  form: Form;
  /** Version of `meta.k8s.io` for tables and metadata. */
  version: string;
  yaml: boolean;
}

const supported = ['application/json', 'application/yaml'];

/** The first media range of an Accept header that the server can answer. Throws 406. */
export function negotiate(
  header: string | undefined,
  forms: readonly Form[] = ['object', 'table', 'metadata'],
): Accepted {
  const ranges = (header ?? '')
    .split(',')
    .map((range) => range.trim())
    .filter(Boolean);
  if (ranges.length === 0) return { form: 'object', version: 'v1', yaml: false };
  for (const range of ranges) {
    const [type, ...parameters] = range.split(';').map((part) => part.trim());
    const parameter = (name: string) =>
      parameters.find((entry) => entry.startsWith(`${name}=`))?.slice(name.length + 1);
    const yaml = type === 'application/yaml';
    if (!yaml && !['application/json', '*/*', 'application/*'].includes(type!)) continue;
    const as = parameter('as');
    const version = parameter('v') ?? 'v1';
    if (as === undefined || (parameter('g') ?? 'meta.k8s.io') !== 'meta.k8s.io') {
      if (as === undefined) return { form: 'object', version: 'v1', yaml };
      continue;
    }
    const form: Form | undefined =
      as === 'Table' ? 'table' : as.startsWith('PartialObjectMetadata') ? 'metadata' : undefined;
    if (form !== undefined && forms.includes(form) && ['v1', 'v1beta1'].includes(version))
      return { form, version, yaml };
  }
  throw notAcceptable(supported);
}

/** The version of aggregated discovery that a client asks for, or undefined when it wants the plain documents. */
export function wantsAggregated(header: string | undefined): 'v2' | 'v2beta1' | undefined {
  for (const range of (header ?? '').split(',')) {
    if (!range.includes('as=APIGroupDiscoveryList')) continue;
    if (/;\s*v=v2(;|$)/.test(range.trim())) return 'v2';
    if (/;\s*v=v2beta1(;|$)/.test(range.trim())) return 'v2beta1';
  }
  return undefined;
}
