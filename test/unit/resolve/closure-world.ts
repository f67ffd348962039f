import fc from 'fast-check';
import type { SourceDocuments } from '../../../src/core/model/documents.ts';
import type { DocumentChange } from '../../../src/core/resolve/closure.ts';
import { load, profile, program, release, stream } from './world.ts';

/** Who wrote a file, where, and what stands in it then; undefined: it is gone. */
export interface Edit {
  readonly source: string;
  readonly file: string;
  readonly text: string | undefined;
}

const environment = fc.constantFrom('Production', 'Sandbox');
const app = fc.constantFrom('megapay', 'tapngo');
const layer = fc.constantFrom(
  '',
  '',
  'config: { merchantId: M1, testers: [t1, t2] }',
  'config: { environmentVariables: [{ name: A, value: a }, { name: B, value: b }, { name: C, value: c }] }',
  'config: { environmentVariables: [{ name: D, value: a }, { name: E, value: b }, { name: F, value: c }] }',
  'extend: { serverDomains: [cdn.example] }',
  'unset: [testers, environmentVariables/A]',
  'extend: { testers: [t4] }\n  unset: [merchantId]',
);
const profileNames = fc.uniqueArray(
  fc.oneof(
    { weight: 8, arbitrary: fc.constantFrom('one', 'two') },
    { weight: 1, arbitrary: fc.constantFrom('onee', 'gone') },
  ),
  { maxLength: 2 },
);
const lines = (...all: readonly string[]): string =>
  all
    .filter((line) => line !== '')
    .map((line) => `  ${line}`)
    .join('\n');
const profilesLine = (names: readonly string[]): string =>
  names.length === 0 ? '' : `profiles: [${names.join(', ')}]`;
const targets = fc
  .uniqueArray(fc.record({ app, environment, names: profileNames }), {
    maxLength: 2,
    selector: (each) => `${each.app}/${each.environment}`,
  })
  .map((all) =>
    all.length === 0
      ? ''
      : `targets: [${all.map((one) => `{ ${[`app: ${one.app}`, `environment: ${one.environment}`, profilesLine(one.names)].filter(Boolean).join(', ')} }`).join(', ')}]`,
  );

const home = fc.oneof(
  fc
    .constantFrom('35', '36', '37')
    .map((id) => ({ lines: `  workspace: acme\n  id: "${id}"`, isSingle: true })),
  fc
    .uniqueArray(fc.constantFrom('35', '36', '37', '38'), { minLength: 2, maxLength: 2 })
    .map((ids) => ({
      lines: `  instances: [${ids.map((id, index) => `{ apps: [${['megapay', 'tapngo'][index]}], workspace: acme, id: "${id}" }`).join(', ')}]`,
      isSingle: false,
    })),
  fc.constant({ lines: '  connection: defalt\n  workspace: acme\n  id: "35"', isSingle: true }),
);

const programText = fc
  .record({
    name: fc.constantFrom('coffee', 'tea'),
    home,
    layer,
    targets,
    names: profileNames,
    isLacking: fc.boolean(),
    isWrong: fc.integer({ min: 0, max: 9 }),
  })
  .map((one) =>
    program(
      lines(
        one.layer,
        profilesLine(one.names),
        one.targets,
        one.isLacking ? '' : 'globalConfig: { serverDomains: [api.example], testers: [g1] }',
        one.isWrong === 0 ? 'wrong: 1' : '',
      ),
      one.name,
      one.home.lines,
    ),
  );
const releaseText = fc
  .record({
    name: fc.constantFrom('r1', 'r2', 'r3'),
    of: fc.constantFrom('coffee', 'coffee', 'tea', 'teaa'),
    version: fc.constantFrom('1.0.0', '1.10.0'),
    environments: fc.uniqueArray(environment, { maxLength: 2 }),
    layer,
    targets,
    names: profileNames,
  })
  .map((one) =>
    release(
      one.version,
      lines(
        one.layer,
        profilesLine(one.names),
        one.targets,
        one.environments.length === 0 ? '' : `environments: [${one.environments.join(', ')}]`,
      ),
      one.of,
    ).replace(/name: .*? }/, `name: ${one.name} }`),
  );
const profileText = fc
  .record({ name: fc.constantFrom('one', 'two'), layer, environment })
  .map((one) =>
    profile(one.name, lines(one.layer, `appliesTo: { environments: [${one.environment}] }`)),
  );

const text = fc.oneof(
  { weight: 3, arbitrary: programText },
  { weight: 4, arbitrary: releaseText },
  { weight: 2, arbitrary: profileText },
  { weight: 1, arbitrary: fc.tuple(programText, releaseText).map((both) => stream(...both)) },
);

/** Somebody edits a file: few files and few names, so that edits meet. */
export const edit: fc.Arbitrary<Edit> = fc
  .record({
    source: fc.constantFrom('east', 'east', 'west'),
    file: fc.constantFrom('a', 'b', 'c', 'd', 'e', 'f', 'g'),
    text: fc.oneof(
      { weight: 4, arbitrary: text },
      { weight: 1, arbitrary: fc.constant(undefined) },
    ),
  })
  .map(({ source, file, text: content }) => ({
    source,
    // Of files with one name in two sources the same words would be said once.
    file: `${source}-${file}.yaml`,
    text: content,
  }));

/** What a source that keeps documents apart says of an edit: documents that are the same value did not change. */
export function changesOf(
  source: string,
  before: SourceDocuments,
  after: SourceDocuments,
): readonly DocumentChange[] {
  const now = new Set([...after.documents, ...after.invalid].map(({ id }) => id));
  return [
    ...[...before.documents, ...before.invalid].flatMap(({ id }) =>
      now.has(id) ? [] : [{ kind: 'gone' as const, source, id }],
    ),
    ...after.documents.map((document) => ({ kind: 'valid' as const, source, document })),
    ...after.invalid.map((document) => ({ kind: 'invalid' as const, source, document })),
  ];
}

export function loadFile(
  source: string,
  file: string,
  content: string | undefined,
): SourceDocuments {
  return load(content === undefined ? {} : { [file]: content }, source);
}
