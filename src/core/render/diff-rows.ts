import type { DiffedGlobal, DiffedProgram, DiffedRelease } from '../diff/declaration-diff.ts';
import type { Policy } from '../model/policy.ts';
import { originText } from '../words/places.ts';
import { fieldWords } from './diff-words.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

/** One thing that a changed declaration says, for text and Markdown alike; inert for terminals. */
export interface DiffRow {
  readonly name: string;
  readonly value: readonly string[];
  readonly origin: string;
}

/** A release or a global configuration with what differs. */
export interface DiffEntry {
  readonly change: DiffedRelease['change'];
  /** Version, or `global`. */
  readonly what: string;
  readonly target: { readonly app: string; readonly environment: string } | undefined;
  readonly origin: string;
  readonly rows: readonly DiffRow[];
}

/** The changed parts of a program, the global configuration first. */
export function diffEntries({ global, releases }: DiffedProgram): readonly DiffEntry[] {
  return [...global.map(globalEntry), ...releases.map(releaseEntry)];
}

function globalEntry(entry: DiffedGlobal): DiffEntry {
  return { ...common(entry), what: 'global', target: undefined };
}

function releaseEntry(entry: DiffedRelease): DiffEntry {
  const { version, app, environment } = entry.key;
  return { ...common(entry), what: visible(version), target: { app: visible(app), environment } };
}

function common(entry: DiffedGlobal | DiffedRelease): Omit<DiffEntry, 'what' | 'target'> {
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

function fieldRow(field: DiffedRelease['fields'][number]): DiffRow {
  const [origin] = field.origins.length > 0 ? field.origins.toReversed() : field.originsBefore;
  return {
    name: fieldName(field.path),
    value: fieldWords(field),
    origin: origin ? visible(originText(origin)) : '',
  };
}

function barrierRows({ barrier }: DiffedGlobal | DiffedRelease): readonly DiffRow[] {
  if (!barrier) return [];
  const { before, after } = barrier;
  const value = after
    ? `${after.reason}: ${visible(after.message)}`
    : `no longer ${before?.reason ?? ''}`;
  return [{ name: 'blocked', value: [value], origin: '' }];
}

const policyFields = [
  'onChange',
  'onDrift',
  'undeclared',
] as const satisfies readonly (keyof Policy)[];

function policyRows({ policy }: DiffedGlobal | DiffedRelease): readonly DiffRow[] {
  if (!policy) return [];
  const { before, after } = policy;
  return policyFields
    .filter((name) => before[name] !== after[name])
    .map((name) => ({ name, value: [`${before[name]} ->`, after[name]], origin: '' }));
}

function suspendedRows({ suspended }: DiffedGlobal | DiffedRelease): readonly DiffRow[] {
  if (!suspended) return [];
  const { after } = suspended;
  const value = after ? visible(after.reason) : 'no longer';
  return [{ name: 'suspended', value: [value], origin: '' }];
}
