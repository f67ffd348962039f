import type { Imported, ImportNote } from '../import/import.ts';
import { plural } from './sentence.ts';
import { painter, type Style } from './style.ts';
import { wrapText } from './table.ts';
import { visible } from './visible.ts';

/**
 * What was written by `import`, what was left out, and what to do next; ends with a line break.
 *
 * @param written  paths as the person would type them
 * @param next     the command that shows what the declarations mean
 */
export function importText(
  { notes }: Pick<Imported, 'notes'>,
  { written, next }: { readonly written: readonly string[]; readonly next: string },
  style: Style,
): string {
  const paint = painter(style);
  const kinds = Object.groupBy(notes, ({ kind }) => kind);
  const imported = kinds.imported ?? [];
  const lines = [
    ...written.map((path) => `${paint('green', 'wrote')} ${visible(path)}`),
    '',
    `${plural(imported.length, 'release')} imported.${leftOut(kinds)}`,
    ...variableLines(imported, style),
    ...unsaid(imported),
    '',
    `Next: ${next}`,
    '      It should show nothing but adopting what is there.',
  ];
  return `${lines.join('\n')}\n`;
}

function leftOut(kinds: Partial<Record<ImportNote['kind'], readonly ImportNote[]>>): string {
  const { canceled = [], archived = [], undeclarable = [] } = kinds;
  const parts = [
    ...(canceled.length > 0 ? [`${String(canceled.length)} Canceled`] : []),
    ...(archived.length > 0 ? [`${String(archived.length)} Archived (--all imports them)`] : []),
    ...(undeclarable.length > 0
      ? [`${String(undeclarable.length)} whose version or app no declaration can name`]
      : []),
  ];
  return parts.length === 0 ? '' : ` Left out: ${parts.join(', ')}.`;
}

function variableLines(imported: readonly ImportNote[], style: Style): readonly string[] {
  const names = [...new Set(imported.flatMap(({ variables }) => variables))].sort().map(visible);
  if (names.length === 0) return [];
  const text = `Variables named in comments, values not written: ${names.join(', ')}. They stay as they are. --literals NAME,... writes those whose values are public; map the others in Settings and declare them with secretKeyRef.`;
  return wrapText(text, style.width);
}

function unsaid(imported: readonly ImportNote[]): readonly string[] {
  return imported
    .filter(({ left }) => left.length > 0)
    .map(
      ({ key, left }) =>
        `Not declared, since no declaration can say the value: ${left.map(visible).join(', ')} of ${visible(`${key.version} ${key.app}/${key.environment}`)}.`,
    );
}
