import type { FieldWrite } from '../model/plan.ts';
import { isField, secretRefText, variableName } from '../words/fields.ts';
import { releaseKeyOf } from './facts.ts';
import type { Ink } from './review-ink.ts';
import { fitting, folded } from './review-room.ts';
import type { Review } from './review.ts';
import { labels, type Step, stepsOf } from './runbook.ts';
import { plural } from './sentence.ts';

const maxList = 8_000;

/**
 * What people click after the merge, where the platform has no interface; folded. What was pending before is not among it:
 * `plan -o runbook` has everything that is to be done.
 *
 * Testers are counted: their ids stand in the declarations and not in a pull request.
 */
export function consoleBlock({ programs, byHand = [] }: Review, ink: Ink): string {
  const steps = programs
    .filter(({ own }) => byHand.includes(own.plan.connection))
    .flatMap(({ own }) => stepsOf(own));
  if (steps.length === 0) return '';
  const lines = steps.map((step, i) => stepLine(step, i + 1, ink));
  const left = (count: number): string => `and ${plural(count, 'more dialog')}`;
  const dialogs = plural(steps.length, 'dialog');
  const body = [
    'There is no interface to this platform: somebody clicks this once it is merged, in this order. `fairlead plan -o runbook` has every value, ready to paste.',
    '',
    ...fitting(lines, maxList, left),
  ].join('\n');
  return folded(`Console steps (${dialogs})`, body);
}

function stepLine({ fact: { change, plan }, entries }: Step, number: number, ink: Ink): string {
  const key = releaseKeyOf(change);
  const where = key
    ? `**Versions** › ${ink.code(key.version)} › **${change.action === 'create' ? 'Select App' : 'Configure'}** for ${ink.code(key.app)}, ${key.environment}`
    : '**Versions** › **Global Configuration** › **Edit**';
  const fields = entries.map(
    ({ path, write }) => `    - ${labelOf(path, ink)}: ${wordsOf(path, write, ink)}`,
  );
  return [`${String(number)}. ${ink.code(plan.name)}: ${where}`, ...fields].join('\n');
}

type Path = Step['entries'][number]['path'];

function labelOf(path: Path, ink: Ink): string {
  if (path !== 'mark' && isField(path)) return labels[path];
  return `variable ${ink.code((path === 'mark' ? undefined : variableName(path)) ?? path)}`;
}

function wordsOf(path: Path, write: FieldWrite, ink: Ink): string {
  if (write.to === 'inherit') return 'clear it';
  const { value } = write;
  if (value.kind === 'secret') return `the secret ${ink.code(secretRefText(value.ref))}`;
  if (value.kind === 'text') return ink.code(value.text);
  return path === 'testers'
    ? plural(value.items.length, 'tester')
    : value.items.map(ink.code).join(', ');
}
