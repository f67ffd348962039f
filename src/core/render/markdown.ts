import { planChangeId } from '../plan/identity.ts';
import { type Entry, entryOf } from './entry.ts';
import { factsOf, type ProgramFacts, releaseKeyOf } from './facts.ts';
import { appsByEnvironment, groupsOf } from './groups.ts';
import { allowText, heldNotes } from './held.ts';
import { code } from './markdown-text.ts';
import { type PlanSet, problemsOf } from './plan-document.ts';
import { plural, type Sentence } from './sentence.ts';
import { plainStyle, symbolOf } from './style.ts';
import type { Piece, Row } from './table.ts';
import { countsLine, leftAlone } from './tally.ts';
import { platformTexts } from './text-header.ts';
import { sentencesOf } from './words.ts';

/** Names in a table cell before the rest goes below the table. */
const mostNamed = 8;

/** The plan for a pull request. Whatever others wrote stands in code and is acted on by no forge. */
export function renderMarkdown(set: PlanSet): string {
  const programs = factsOf(set);
  const blocks = [
    heading(programs),
    sentencesOf(set)
      .map((sentence) => `- ${sentenceMarkdown(sentence)}`)
      .join('\n'),
    ...programs.flatMap((program) => programBlocks(program, set, programs.length > 1)),
    heldBlock(programs),
    problemsBlock(set),
    footer(set, programs),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function heading(programs: readonly ProgramFacts[]): string {
  const only = programs.length === 1 ? programs[0] : undefined;
  return `### Plan for ${only ? title(only) : plural(programs.length, 'program')}`;
}

function title({ plan }: ProgramFacts): string {
  return `${code(plan.name)} (${code(`${plan.key.workspace}/${plan.key.miniProgram}`)})`;
}

function sentenceMarkdown(sentence: Sentence): string {
  return sentence
    .map((piece) => {
      if (typeof piece === 'string') return ownWords(piece);
      return 'loud' in piece ? `**${piece.loud}**` : code(piece.said);
    })
    .join('');
}

/** Our own words hold nothing but an arrow that Markdown could take for something else. */
function ownWords(text: string): string {
  return text.replaceAll('->', '→');
}

function programBlocks(program: ProgramFacts, set: PlanSet, named: boolean): readonly string[] {
  const entries = groupsOf(program)
    .filter(({ first }) => set.all || first.change.action !== 'unchanged')
    .map((group) => entryOf(group, set.locate));
  const isQuiet = ({ group }: Entry): boolean =>
    group.first.change.action === 'settled' || group.first.change.action === 'unchanged';
  const quiet = entries.filter(isQuiet);
  const loud = entries.filter((entry) => !isQuiet(entry));
  if (entries.length === 0) return [];
  return [
    named ? `#### ${title(program)}` : '',
    table(loud),
    nextSteps(loud),
    allTargets(loud),
    quiet.length === 0
      ? ''
      : details(
          `${plural(quiet.length, 'group')} settled or unchanged: nothing is written`,
          table(quiet),
        ),
  ];
}

function table(entries: readonly Entry[]): string {
  if (entries.length === 0) return '';
  return [
    '| | version | target | field | change | declared in | notes |',
    '|---|---|---|---|---|---|---|',
    ...entries.flatMap(entryRows),
  ].join('\n');
}

function entryRows(entry: Entry): readonly string[] {
  const { action } = entry.group.first.change;
  const head = [
    `**${symbolOf(action, plainStyle).replace('~', '\\~')} ${action}**`,
    entry.what === 'global' ? 'global' : code(entry.what),
    targetCell(entry),
  ];
  const fields = entry.rows.filter(({ kind }) => kind !== 'targets');
  const rows = fields.length === 0 ? [nothing] : fields;
  return rows.map((row, i) =>
    cells([
      ...(i === 0 ? head : ['', '', '']),
      row.name === '' ? '' : code(row.name),
      valueCell(row),
      row.origin === '' ? '' : code(row.origin),
      notesCell([...(i === 0 ? entry.notes : []), ...row.remarks]),
    ]),
  );
}

const nothing: Row = { kind: 'field', name: '', value: [], origin: '', remarks: [] };

function valueCell({ kind, value }: Row): string {
  if (value.length === 0) return '';
  if (kind !== 'list') return code(value.map(({ text }) => text).join(' '));
  return value.map(({ text }) => code(text)).join('<br>');
}

function notesCell(notes: readonly Piece[]): string {
  return notes.map(({ text, own }) => (own ? text : code(text))).join('<br>');
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}

function targetCell({ group, where }: Entry): string {
  const keys = group.members.flatMap(({ change }) => releaseKeyOf(change) ?? []);
  if (keys.length === 0) return code(where);
  return appsByEnvironment(keys)
    .map(({ environment, apps }) => {
      const name = environment === 'Production' ? '**Production**' : environment;
      if (apps.length > mostNamed) return `${name} of ${plural(apps.length, 'app')}`;
      return `${name} of ${apps.map(code).join(', ')}`;
    })
    .join('<br>');
}

/** What found no room in a cell: every target that is written must be named. */
function allTargets(entries: readonly Entry[]): string {
  const lines = entries.flatMap(({ group, what }) =>
    appsByEnvironment(group.members.flatMap(({ change }) => releaseKeyOf(change) ?? []))
      .filter(({ apps }) => apps.length > mostNamed)
      .map(
        ({ environment, apps }) => `- ${code(what)} ${environment}: ${apps.map(code).join(', ')}`,
      ),
  );
  return lines.length === 0 ? '' : details('All targets by name', lines.join('\n'));
}

function nextSteps(entries: readonly Entry[]): string {
  const lines = entries
    .filter(({ after }) => after.length > 0)
    .map(
      ({ what, where, after }) =>
        `- ${code(what)} ${code(where)}: ${after.map(({ text }) => code(text)).join('; ')}`,
    );
  return lines.join('\n');
}

function heldBlock(programs: readonly ProgramFacts[]): string {
  const notes = heldNotes(programs);
  if (notes.length === 0) return '';
  return [
    '**Held back**',
    '',
    ...notes.map(({ why, what, ids }) => {
      const names = what.length > 3 ? plural(what.length, 'field') : what.map(code).join(', ');
      return `- ${names}: ${code(why)}${ids.length === 0 ? '' : `: \`${allowText(ids)}\``}`;
    }),
  ].join('\n');
}

function problemsBlock(set: PlanSet): string {
  const problems = problemsOf(set);
  if (problems.length === 0) return '';
  const lines = problems.map(({ severity, rule, message, origin }) => {
    const place =
      origin && 'file' in origin ? ` ${code(`${origin.file}:${String(origin.line)}`)}` : '';
    return `- ${severity} ${code(rule)}${place}: ${code(message)}`;
  });
  return details(plural(problems.length, 'problem'), lines.join('\n'));
}

function details(summary: string, body: string): string {
  return `<details><summary>${summary}</summary>\n\n${body}\n\n</details>`;
}

function footer(set: PlanSet, programs: readonly ProgramFacts[]): string {
  const id = planChangeId(programs.map(({ plan }) => plan));
  const parts = [
    ...leftAlone(set, programs).map(({ text }) => text),
    countsLine(set).replace(/\.$/, ''),
    `change \`${id}\``,
    ...platformTexts(set).map(code),
  ];
  return parts.join(' · ');
}
