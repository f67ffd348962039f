import type { DeclarationDiff, DiffedProgram } from '../diff/declaration-diff.ts';
import { type DiffEntry, diffEntries, type DiffRow } from './diff-rows.ts';
import { diffSentences } from './diff-words.ts';
import { code } from './markdown-text.ts';
import type { Sentence } from './sentence.ts';

/** What a change of the declarations means, for a pull request. Whatever others wrote stands in code. */
export function diffMarkdown(diff: DeclarationDiff, title: string): string {
  const blocks = [
    `### Declared changes, ${code(title)}`,
    diffSentences(diff)
      .map((sentence) => `- ${sentenceMarkdown(sentence)}`)
      .join('\n'),
    ...diff.programs.flatMap(programBlocks),
    'Declarations alone: no platform was asked.',
  ];
  return `${blocks.join('\n\n')}\n`;
}

function sentenceMarkdown(sentence: Sentence): string {
  return sentence
    .map((piece) => {
      if (typeof piece === 'string') return piece.replaceAll('->', '→');
      return 'loud' in piece ? `**${piece.loud}**` : code(piece.said);
    })
    .join('');
}

function programBlocks(program: DiffedProgram): readonly string[] {
  const { key, names } = program;
  return [
    `#### ${names.map(code).join(', ')} (${code(`${key.workspace}/${key.miniProgram}`)})`,
    [
      '| | version | target | field | change | declared in |',
      '|---|---|---|---|---|---|',
      ...diffEntries(program).flatMap(entryRows),
    ].join('\n'),
  ];
}

function entryRows(entry: DiffEntry): readonly string[] {
  const head = [
    `**${entry.change}**`,
    entry.what === 'global' ? 'global' : code(entry.what),
    targetCell(entry),
  ];
  const rows: readonly DiffRow[] =
    entry.rows.length > 0 ? entry.rows : [{ name: '', value: [], origin: entry.origin }];
  return rows.map((row, i) =>
    cells([
      ...(i === 0 ? head : ['', '', '']),
      row.name === '' ? '' : code(row.name),
      row.value.length === 0 ? '' : code(row.value.join(' ')),
      row.origin === '' ? '' : code(row.origin),
    ]),
  );
}

function targetCell({ target }: DiffEntry): string {
  if (!target) return '';
  const loud = target.environment === 'Production' ? '**Production**' : target.environment;
  return `${code(target.app)} ${loud}`;
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}
