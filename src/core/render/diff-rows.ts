import type {
  DiffedField,
  DiffedGlobal,
  DiffedProgram,
  DiffedRelease,
} from '../diff/declaration-diff.ts';
import type { Policy } from '../model/policy.ts';
import { canonicalJson } from '../words/digests.ts';
import type { Target } from '../words/keys.ts';
import { originText } from '../words/places.ts';
import { fieldPieces } from './diff-words.ts';
import type { Piece, Row } from './table.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

/** Releases that differ alike, or a global configuration. */
export interface DiffEntry {
  readonly change: DiffedRelease['change'];
  /** Version, or `global`. */
  readonly what: string;
  /** None for the global configuration. */
  readonly targets: readonly Target[];
  /** Where the claim stands, of one target. */
  readonly origin: string;
  readonly rows: readonly Row[];
}

/** The changed parts of a program, the global configuration first; releases that differ alike stand together. */
export function diffEntries({ global, releases }: DiffedProgram): readonly DiffEntry[] {
  const alike = Map.groupBy(releases, ({ key, name: _name, origins: _origins, ...meaning }) =>
    canonicalJson([key.version, meaning]),
  );
  return [...global.map(globalEntry), ...[...alike.values()].flatMap(releaseEntry)];
}

function globalEntry(entry: DiffedGlobal): DiffEntry {
  return { ...common(entry), what: 'global', targets: [] };
}

function releaseEntry(releases: readonly DiffedRelease[]): readonly DiffEntry[] {
  const [first] = releases;
  if (!first) return [];
  const entry = common(first);
  return [
    {
      ...entry,
      what: visible(first.key.version),
      targets: releases.map(({ key }) => ({ app: key.app, environment: key.environment })),
      origin: releases.length === 1 ? entry.origin : '',
    },
  ];
}

function common(entry: DiffedGlobal | DiffedRelease): Omit<DiffEntry, 'what' | 'targets'> {
  return {
    change: entry.change,
    origin: entry.origins[0] ? visible(originText(entry.origins[0])) : '',
    rows: [
      ...barrierRows(entry),
      // Of what is gone, every value is gone with it.
      ...(entry.change === 'removed' ? [] : entry.fields.map(fieldRow)),
      ...policyRows(entry),
      ...suspendedRows(entry),
    ],
  };
}

function fieldRow(field: DiffedField): Row {
  const [origin] = field.origins.length > 0 ? field.origins.toReversed() : field.originsBefore;
  const { pieces, isList } = fieldPieces(field);
  return {
    kind: isList ? 'list' : 'field',
    name: fieldName(field.path),
    value: pieces,
    origin: origin ? visible(originText(origin)) : '',
    remarks: [],
  };
}

function plainRow(name: string, ...value: readonly Piece[]): Row {
  return { kind: 'field', name, value, origin: '', remarks: [] };
}

function barrierRows({ barrier }: DiffedGlobal | DiffedRelease): readonly Row[] {
  if (!barrier) return [];
  const { before, after } = barrier;
  const text = after
    ? `${after.reason}: ${visible(after.message)}`
    : `no longer ${before?.reason ?? ''}`;
  return [plainRow('blocked', ...text.split(' ').map((word) => ({ text: word })))];
}

const policyFields = [
  'onChange',
  'onDrift',
  'undeclared',
] as const satisfies readonly (keyof Policy)[];

function policyRows({ policy }: DiffedGlobal | DiffedRelease): readonly Row[] {
  if (!policy) return [];
  const { before, after } = policy;
  return policyFields
    .filter((name) => before[name] !== after[name])
    .map((name) => plainRow(name, { text: `${before[name]} ->` }, { text: after[name] }));
}

function suspendedRows({ suspended }: DiffedGlobal | DiffedRelease): readonly Row[] {
  if (!suspended) return [];
  const { after } = suspended;
  return [plainRow('suspended', { text: after ? visible(after.reason) : 'no longer' })];
}
