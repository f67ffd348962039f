import type {
  DeclarationDiff,
  DiffedField,
  DiffedProgram,
  DiffedRelease,
  DiffedValue,
} from '../diff/declaration-diff.ts';
import { environmentName, plural, said, say, type Sentence, someOf, whereOf } from './sentence.ts';
import type { Piece } from './table.ts';
import { valueText } from './values.ts';
import { visible } from './visible.ts';

/** What a change of the declarations means, in sentences; the most dangerous news first. */
export function diffSentences({ programs, summary }: DeclarationDiff): readonly Sentence[] {
  if (programs.length === 0) return [say`Nothing that is declared changes.`];
  const releases = programs.flatMap((program) => program.releases);
  return [
    ...payees(releases),
    ...programs.flatMap(globalPayees),
    ...clearing(releases),
    ...(releases.some(isInProduction) ? [] : [say`No declaration for Production changes.`]),
    ...targets('added', 'New targets', releases),
    ...targets('removed', 'No longer declared', releases),
    ...(summary.removed > 0
      ? [say`What is no longer declared stays on the platform as it is: nothing is deleted.`]
      : []),
  ];
}

function isInProduction({ key }: DiffedRelease): boolean {
  return key.environment === 'Production';
}

const payeeFields: readonly string[] = ['merchantId', 'clientId'];

/** Who gets paid where it changes, and by new targets in Production; what is alike is one sentence. */
function payees(releases: readonly DiffedRelease[]): readonly Sentence[] {
  const found = releases.flatMap((release) =>
    release.fields
      .filter(({ path }) => payeeFields.includes(path) && isNews(release, path))
      .map(({ path, before, after }) => ({ release, path, before, after })),
  );
  const alike = Map.groupBy(found, ({ release, path, before, after }) =>
    JSON.stringify([release.change, path, before, after]),
  );
  return [...alike.values()].flatMap((group) => {
    const [first] = group;
    if (!first) return [];
    const { path, before, after, release } = first;
    const isNew = release.change === 'added';
    const where = whereOf(group.map((one) => one.release.key));
    const versions = someOf([...new Set(group.map((one) => one.release.key.version))]);
    const what = path === 'merchantId' ? 'Who gets paid' : 'The client id';
    const how = isNew
      ? say`${said(valueWords(after))}`
      : say`${said(valueWords(before))} -> ${said(valueWords(after))}`;
    return [say`${what} ${isNew ? 'is set' : 'changes'} in ${where} (${versions}): ${how}.`];
  });
}

function isNews(release: DiffedRelease, path: string): boolean {
  if (release.change === 'changed') return true;
  return release.change === 'added' && path === 'merchantId' && isInProduction(release);
}

function globalPayees({ names, global }: DiffedProgram): readonly Sentence[] {
  return global.flatMap(({ fields }) =>
    fields
      .filter(({ path }) => payeeFields.includes(path))
      .map(
        ({ path, before, after }) =>
          say`The global ${path} of ${someOf(names)} changes: ${said(valueWords(before))} -> ${said(valueWords(after))}. It reaches every release that gives none of its own.`,
      ),
  );
}

const lists: readonly string[] = ['testers', 'serverDomains', 'wapUrls'];

/** A list that is no longer declared at all. */
function clearing(releases: readonly DiffedRelease[]): readonly Sentence[] {
  return releases.flatMap(({ key, change, fields }) =>
    fields
      .filter(({ path, after }) => change === 'changed' && lists.includes(path) && after === null)
      .map(
        ({ path }) =>
          say`${path} of ${said(key.version)} in ${environmentName(key.environment)} of ${said(key.app)} is no longer declared: it will inherit.`,
      ),
  );
}

function targets(
  word: DiffedRelease['change'],
  intro: string,
  releases: readonly DiffedRelease[],
): readonly Sentence[] {
  const found = releases.filter(({ change }) => change === word);
  const byVersion = Map.groupBy(found, ({ key, name }) => `${name} ${key.version}`);
  return [...byVersion].map(
    ([version, members]) =>
      say`${intro}: ${said(version)}, in ${whereOf(members.map(({ key }) => key))}.`,
  );
}

/** A declared value in words. */
function valueWords(value: DiffedValue | null): string {
  if (value === null) return '(not declared)';
  if (value.state === 'unset') return '(cleared)';
  if (value.state === 'secret') return `(secret ${visible(`${value.name}/${value.key}`)})`;
  if (typeof value.value === 'string') return valueText(value.value);
  return plural(value.value.length, 'entry', 'entries');
}

/**
 * What a field gains and loses, as pieces between which a line may be broken. Testers are counted, never named.
 */
export function fieldPieces({ path, before, after }: DiffedField): {
  readonly pieces: readonly Piece[];
  readonly isList: boolean;
} {
  const [from, to] = [entriesOf(before), entriesOf(after)];
  const isCounted = path === 'testers';
  if (!from || !to || (isCounted && before === null)) {
    const pieces = transitionPieces(before, after);
    return { pieces, isList: false };
  }
  const gained = to.filter((item) => !from.includes(item));
  const lost = from.filter((item) => !to.includes(item));
  if (isCounted) {
    const sum = { text: `(+${String(gained.length)}, -${String(lost.length)})` };
    return { pieces: [...transitionPieces(before, after), sum], isList: false };
  }
  return {
    pieces: [
      ...gained.map((item): Piece => ({ text: `+${valueText(item)}`, tone: 'green' })),
      ...lost.map((item): Piece => ({ text: `-${valueText(item)}`, tone: 'red' })),
      ...(after === null ? [{ text: '(not declared any more)', tone: 'dim' as const }] : []),
    ],
    isList: true,
  };
}

function transitionPieces(before: DiffedValue | null, after: DiffedValue | null): readonly Piece[] {
  const to: Piece = { text: countedWords(after), tone: 'bold' };
  return before === null ? [to] : [{ text: `${countedWords(before)} ->`, tone: 'dim' }, to];
}

function countedWords(value: DiffedValue | null): string {
  const entries = value !== null && value.state === 'value' ? entriesOf(value) : undefined;
  return entries ? String(entries.length) : valueWords(value);
}

/** The entries of a list; none where nothing is declared; undefined for what is no list. */
function entriesOf(value: DiffedValue | null): readonly string[] | undefined {
  if (value === null) return [];
  if (value.state !== 'value' || typeof value.value === 'string') return undefined;
  return value.value;
}
