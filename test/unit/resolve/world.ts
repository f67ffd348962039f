import type { DesiredProgram, Resolved } from '../../../src/core/model/desired.ts';
import type { SourceDocuments } from '../../../src/core/model/documents.ts';
import { type Resolution, resolve, type Trust } from '../../../src/core/resolve/resolve.ts';
import { pathsOf } from '../../../src/core/words/fields.ts';
import { type Locate, originText } from '../../../src/core/words/places.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import { parseFile } from '../../../src/core/yaml/parse.ts';

export type Files = Readonly<Record<string, string>>;

/** Files of one source, read as the commands read them. */
export function load(files: Files, source = 'cli'): SourceDocuments {
  const parsed = Object.entries(files).map(([file, text]) =>
    parseFile({ source, file, bytes: new TextEncoder().encode(text) }, 'declarations'),
  );
  return {
    source,
    documents: parsed.flatMap(({ documents }) => documents),
    invalid: parsed.flatMap(({ invalid }) => invalid),
    problems: parsed.flatMap(({ problems }) => problems),
    complete: true,
  };
}

export function locateIn(sources: readonly SourceDocuments[]): Locate {
  return createLocate(sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]));
}

export const noTrust: Trust = { order: [] };

export function resolveFiles(files: Files, trust: Trust = noTrust): Resolution {
  return resolveSources([load(files)], trust);
}

export function resolveSources(
  sources: readonly SourceDocuments[],
  trust: Trust = noTrust,
): Resolution {
  return resolve(sources, trust, locateIn(sources));
}

type Flat = Readonly<Record<string, string | readonly string[]>>;

/** Values alone: `(name/key)` stands for a secret. */
export function flat(config: Resolved): Flat {
  return Object.fromEntries(
    pathsOf(config).map((path) => {
      const { value } = config[path]!;
      if (value.kind === 'secret') return [path, `(${value.ref.name}/${value.ref.key})`];
      return [path, value.kind === 'list' ? value.items : value.text];
    }),
  );
}

/** `version app/environment` to values, or to the barrier that stands. */
export function releases(
  programs: readonly DesiredProgram[],
): Readonly<Record<string, Flat | string>> {
  return Object.fromEntries(
    programs.flatMap((program) =>
      program.releases.map(({ key, barrier, config }) => [
        `${key.version} ${key.app}/${key.environment}`,
        barrier?.reason ?? flat(config),
      ]),
    ),
  );
}

/** `rule file:line`, with the related places behind it. */
export function found(problems: readonly Problem[]): readonly string[] {
  return problems.map(({ rule, origin, related = [] }) =>
    [rule, ...[origin!, ...related].map(originText)].join(' '),
  );
}

/** A MiniProgram document; `spec` is YAML lines indented by two. */
export function program(
  spec: string,
  name = 'coffee',
  home = '  workspace: acme\n  id: "35"',
): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${name} }
spec:
${home}
${spec}
`;
}

export function release(version: string, spec: string, of = 'coffee'): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: ${of}-${version} }
spec:
  miniProgram: ${of}
  version: ${version}
${spec}
`;
}

export function profile(name: string, spec: string): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: ConfigProfile
metadata: { name: ${name} }
spec:
${spec}
`;
}

export function stream(...documents: readonly string[]): string {
  return documents.join('---\n');
}
