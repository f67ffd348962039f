import type { DeclarationDiff, DiffedProgram } from '../diff/declaration-diff.ts';
import { type DiffEntry, diffEntries } from './diff-rows.ts';
import { appsByEnvironment } from './groups.ts';
import { diffSentences } from './diff-words.ts';
import { code } from './markdown-text.ts';
import type { Sentence } from './sentence.ts';
import type { Row } from './table.ts';

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
  const nothing: Row = { kind: 'field', name: '', value: [], origin: entry.origin, remarks: [] };
  const rows = entry.rows.length > 0 ? entry.rows : [nothing];
  return rows.map((row, i) =>
    cells([
      ...(i === 0 ? head : ['', '', '']),
      row.name === '' ? '' : code(row.name),
      valueCell(row),
      row.origin === '' ? '' : code(row.origin),
    ]),
  );
}

function valueCell({ kind, value }: Row): string {
  if (value.length === 0) return '';
  if (kind !== 'list') return code(value.map(({ text }) => text).join(' '));
  return value.map(({ text }) => code(text)).join('<br>');
}

function targetCell({ targets }: DiffEntry): string {
  return appsByEnvironment(targets)
    .map(({ environment, apps }) => {
      const loud = environment === 'Production' ? '**Production**' : environment;
      return `${loud} of ${apps.map(code).join(', ')}`;
    })
    .join('<br>');
}

function cells(texts: readonly string[]): string {
  return `| ${texts.join(' | ')} |`;
}
