import { patternWords } from '../src/core/validate/patterns.ts';

/** Short names of patterns, for tables. */
const names: Readonly<Record<string, string>> = {
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$': 'name',
  '^[0-9A-Za-z][0-9A-Za-z._-]*$': 'identifier',
  '^[0-9A-Za-z]{1,32}$': 'mini program id',
  '^[0-9A-Za-z][0-9A-Za-z.+_-]*$': 'version',
  '^[0-9A-Za-z._-]+$': 'secret key',
  '^[A-Za-z_][0-9A-Za-z_.-]*$': 'variable name',
  '^(clientId|merchantId|serverDomains|wapUrls|testers|environmentVariables/[A-Za-z_][0-9A-Za-z_.-]*)$':
    'field',
  '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$': 'moment',
  '^\\d{4}-\\d{2}-\\d{2}$': 'day',
  '^[a-z0-9][a-z0-9._-]{0,63}$': 'name of a comment',
  '^[A-Za-z0-9._~/-]+$': 'route',
  '^https?://': 'origin',
  '^/([A-Za-z0-9._~-]+/)*$': 'prefix',
  '^([0-9a-f]{40}|[0-9a-f]{64})$': 'commit',
  '^(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$': 'address',
};

/** Every form of text that a schema asks for, by its pattern: what people call it and what it allows. */
export const textForms: Readonly<
  Record<string, { readonly name: string; readonly words: string }>
> = Object.fromEntries(
  Object.entries(patternWords).map(([pattern, words]) => {
    const name = names[pattern];
    if (name === undefined) throw new Error(`tools/text-forms.ts has no name for ${pattern}`);
    return [pattern, { name, words }];
  }),
);
