import type { HistoryEntry, KnownProgram } from '../model/history.ts';
import { fields as plainFields, isFieldPath, variablePath } from '../words/fields.ts';
import {
  isReleaseKey,
  programId,
  type ProgramId,
  type ProgramKey,
  type ReleaseKey,
} from '../words/keys.ts';

/** What is asked of a history. */
export interface HistoryQuery {
  /** Absent: every program, and what is about none. */
  readonly programs?: ReadonlySet<ProgramId>;
  /** Version, app or environment, in any order and any of them; `global`: the global configuration. */
  readonly parts: readonly string[];
  readonly field?: HistoryField;
}

/** A field's path, or what else of a record changes. */
export type HistoryField = string;

const otherFields = ['status', 'mark'] as const;

/** What people may ask for, for a message. */
export const askableFields: readonly string[] = [
  ...plainFields,
  ...otherFields,
  variablePath('NAME'),
];

export function isAskable(field: string): boolean {
  return isFieldPath(field) || (otherFields as readonly string[]).includes(field);
}

export interface FoundPrograms {
  readonly programs: readonly KnownProgram[];
  /** What of the subject does not name the program. */
  readonly rest: readonly string[];
}

/**
 * The programs that a subject names: `NAME`, `ID`, `WORKSPACE/ID` or `PLATFORM/WORKSPACE/ID`, and then parts of a
 * release. One name may stand for several programs: one in each console.
 */
export function findPrograms(
  subject: string,
  known: readonly KnownProgram[],
): FoundPrograms | undefined {
  const parts = subject.split('/').filter((part) => part !== '');
  const ways: readonly ((program: KnownProgram) => readonly string[])[] = [
    ({ key }) => [key.platform, key.workspace, key.miniProgram],
    ({ key }) => [key.workspace, key.miniProgram],
    ({ key }) => [key.miniProgram],
  ];
  for (const way of ways) {
    const programs = known.filter((program) => startsWith(parts, way(program)));
    const [first] = programs;
    if (first) return { programs, rest: parts.slice(way(first).length) };
  }
  const programs = known.filter(({ names }) => names.includes(parts[0] ?? ''));
  return programs.length > 0 ? { programs, rest: parts.slice(1) } : undefined;
}

function startsWith(parts: readonly string[], start: readonly string[]): boolean {
  return start.every((part, i) => parts[i] === part);
}

/**
 * The entry as far as it answers the query; undefined where it does not.
 *
 * Of an entry with many fields only those that were asked for are left.
 */
export function answerOf(entry: HistoryEntry, query: HistoryQuery): HistoryEntry | undefined {
  switch (entry.kind) {
    case 'attempt':
      return attemptFor(entry, query);
    case 'observed':
      return observedFor(entry, query);
    case 'decision':
      return decisionFor(entry, query);
    case 'order':
      return orderFor(entry, query);
    case 'commit':
      return isWhole(query) && !query.programs ? entry : undefined;
  }
}

/** A question about a program, not about one of its records or fields. */
function isWhole({ parts, field }: HistoryQuery): boolean {
  return parts.length === 0 && field === undefined;
}

function isAbout(key: ProgramKey | ReleaseKey, { programs, parts }: HistoryQuery): boolean {
  if (programs && !programs.has(programId(key))) return false;
  const words: readonly string[] = isReleaseKey(key)
    ? [key.version, key.app, key.environment]
    : ['global'];
  return parts.every((part) => words.includes(part));
}

type Of<K extends HistoryEntry['kind']> = Extract<HistoryEntry, { readonly kind: K }>;

function attemptFor(entry: Of<'attempt'>, query: HistoryQuery): HistoryEntry | undefined {
  const { field } = query;
  if (!isAbout(entry.key, query)) return undefined;
  if (field === undefined) return entry;
  const fields = entry.fields.filter(({ path }) => path === field);
  return fields.length > 0 ? { ...entry, fields } : undefined;
}

function observedFor(entry: Of<'observed'>, query: HistoryQuery): HistoryEntry | undefined {
  const { field } = query;
  if (!isAbout(entry.key, query)) return undefined;
  if (field === undefined) return entry;
  const fields = entry.fields.filter(({ path }) => path === field);
  const { status, ...rest } = entry;
  if (field === 'status') return status && { ...rest, status, fields: [] };
  return fields.length > 0 ? { ...rest, fields } : undefined;
}

function decisionFor(entry: Of<'decision'>, query: HistoryQuery): HistoryEntry | undefined {
  if (query.programs && !query.programs.has(programId(entry.program))) return undefined;
  if (isWhole(query)) return entry;
  const held = entry.held.filter(
    ({ key, path }) => isAbout(key, query) && (query.field ?? path) === path,
  );
  return held.length > 0 ? { ...entry, held } : undefined;
}

/** What was said of every program is part of each one's history. */
function orderFor(entry: Of<'order'>, query: HistoryQuery): HistoryEntry | undefined {
  const { order, program } = entry;
  if (!isWhole(query)) return undefined;
  if (!query.programs) return entry;
  if (program) return query.programs.has(programId(program)) ? entry : undefined;
  return order.kind === 'suspend' || order.kind === 'resume' ? entry : undefined;
}
