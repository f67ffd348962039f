import type { ObservedMiniProgram, ObservedRelease } from '../model/observed.ts';
import { fields } from '../words/fields.ts';
import { compareText, releaseId } from '../words/keys.ts';
import type { Problem } from '../words/problems.ts';
import { type Frame, profilesText, programText, releaseText } from './documents.ts';
import { explicitLayout, type Layout, sharedLayout } from './layout.ts';
import { createNamer, slug } from './names.ts';
import { differences } from './verify.ts';
import { declarable, isDeclarableKey, type Values, type Wanted, wantedOf } from './wanted.ts';

export interface ImportInput {
  /** Name of the PlatformConnection. */
  readonly connection: string;
  readonly program: ObservedMiniProgram;
  /** Every release of the program, in any order. */
  readonly releases: readonly ObservedRelease[];
  /** Variables whose values are public and may be written, by name. */
  readonly literals: ReadonlySet<string>;
  /** Import `Archived` releases too. */
  readonly all: boolean;
}

export interface ImportedFile {
  /** Relative, with slashes; made of lower-case letters, digits, dots and dashes only. */
  readonly path: string;
  readonly text: string;
}

/** What became of one release. */
export interface ImportNote {
  readonly key: ObservedRelease['key'];
  readonly status: ObservedRelease['status'];
  readonly kind: 'imported' | 'canceled' | 'archived' | 'undeclarable';
  /** Variables that are named and not written. */
  readonly variables: readonly string[];
  /** Other fields that stay undeclared, because no declaration can say their value. */
  readonly left: readonly string[];
}

export interface Imported {
  readonly files: readonly ImportedFile[];
  /** One per release, in the order of keys. */
  readonly notes: readonly ImportNote[];
  /** Not empty: the files would change something, and must not be used. A bug of ours, or a platform beyond all limits. */
  readonly problems: readonly Problem[];
}

/**
 * Declarations whose plan is to adopt what is there, and nothing else.
 *
 * They are read and resolved again before they are given back; where sharing values between releases would change one,
 * every release says its own.
 */
export function importProgram(input: ImportInput): Imported {
  const releases = input.releases.toSorted((a, b) =>
    compareText(releaseId(a.key), releaseId(b.key)),
  );
  const judged = releases.map((release) => ({ release, kind: kindOf(release, input.all) }));
  const wanted = judged
    .filter(({ kind }) => kind === 'imported')
    .map(({ release }) => wantedOf(release, input.literals));
  const frame = frameOf(input);
  const shared = filesOf(frame, (namer) =>
    sharedLayout(wanted, (base) => namer(`${frame.name}-${base}`)),
  );
  const { files, problems } =
    differences(shared, frame, wanted).length === 0
      ? { files: shared, problems: [] }
      : explicit(frame, wanted);
  return {
    files,
    notes: judged.map(({ release, kind }) => noteOf(release, kind, wanted)),
    problems,
  };
}

function explicit(frame: Frame, wanted: readonly Wanted[]): Pick<Imported, 'files' | 'problems'> {
  const files = filesOf(frame, () => explicitLayout(wanted));
  return { files, problems: differences(files, frame, wanted) };
}

function kindOf({ key, status }: ObservedRelease, all: boolean): ImportNote['kind'] {
  if (status === 'Canceled') return 'canceled';
  if (status === 'Archived' && !all) return 'archived';
  return isDeclarableKey(key) ? 'imported' : 'undeclarable';
}

function noteOf(
  release: ObservedRelease,
  kind: ImportNote['kind'],
  wanted: readonly Wanted[],
): ImportNote {
  const { key, status } = release;
  const found = wanted.find((each) => each.key === key);
  return { key, status, kind, variables: found?.variables ?? [], left: found?.left ?? [] };
}

function frameOf({ connection, program }: ImportInput): Frame {
  const { config } = program.global;
  const values: Record<string, Values[keyof Values]> = {};
  const globalLeft = fields.filter((field) => {
    const value = config[field];
    const declared = value && declarable(field, value);
    if (declared !== undefined) values[field] = declared;
    return value !== undefined && declared === undefined;
  });
  const name =
    slug((program.name ?? '').replaceAll('.', ' '), 63) ||
    slug(`mp-${program.key.miniProgram}`, 63);
  return { name, connection, program, global: values, globalLeft };
}

function filesOf(
  frame: Frame,
  layoutOf: (namer: (wanted: string) => string) => Layout,
): ImportedFile[] {
  const profileNamer = createNamer();
  const releaseNamer = createNamer();
  const layout = layoutOf(profileNamer);
  const folder = frame.name;
  const releases = layout.releases.map((plan) => {
    const name = releaseNamer(`${frame.name}-${slug(plan.version, 128) || 'version'}`);
    return { path: `${folder}/releases/${name}.yaml`, text: releaseText(frame, name, plan) };
  });
  return [
    { path: `${folder}/program.yaml`, text: programText(frame, layout) },
    ...(layout.profiles.size > 0
      ? [{ path: `${folder}/profiles.yaml`, text: profilesText(layout) }]
      : []),
    ...releases,
  ];
}
