import { isReleaseKey } from '../words/keys.ts';
import { isListField } from '../words/fields.ts';
import type { Shown } from '../model/plan.ts';
import { type Ink, placeText } from './review-ink.ts';
import { fitting, folded } from './review-room.ts';
import type { ReviewField, ReviewTarget } from './review-targets.ts';
import { plural } from './sentence.ts';
import { itemsOf, listDifference, shownText } from './values.ts';
import { folded as shortened } from './visible.ts';

export interface Fields {
  readonly targets: readonly ReviewTarget[];
  readonly ink: Ink;
  /** Characters there are for them. */
  readonly room: number;
}

/** Fewer characters are not worth a fold. */
const leastRoom = 600;
const maxValue = 120;

/** Every field with its values, and where each was written; folded, and as many as there is room for. */
export function fieldBlocks({ targets, ink, room }: Fields): string {
  const busy = targets.filter(({ fields }) => fields.length > 0);
  if (busy.length === 0 || room < leastRoom) return '';
  const blocks = busy.map((target) => targetBlock(target, ink));
  const left = (count: number): string =>
    `${plural(count, 'more target')} found no room here; \`fairlead review -o json\` has them all.`;
  const body = fitting(blocks, room - 300, left).join('\n\n');
  return folded(`Every field, with file and line (${plural(busy.length, 'target')})`, body);
}

function targetBlock({ key, program, name, fields, live, riding }: ReviewTarget, ink: Ink): string {
  const title = isReleaseKey(key)
    ? `${ink.code(key.version)} on ${ink.code(key.app)}, ${key.environment}`
    : 'global configuration';
  const now = live ? `; live is ${ink.code(live.version)}` : '';
  const rides = riding.length === 0 ? '' : `; ${riding.map(ink.code).join(', ')} pending before`;
  const isDeclared = fields.every(({ fate }) => fate === 'declared');
  return [
    `${ink.code(program)} ${title} (${ink.code(name)}${now}${rides})`,
    '',
    `| field | live now | ${isDeclared ? 'declared now' : 'on the record'} | after merging | declared in | |`,
    '|---|---|---|---|---|---|',
    ...fields.map((field) => fieldRow(field, ink)),
  ].join('\n');
}

function fieldRow(field: ReviewField, ink: Ink): string {
  const { path, live, before, after } = field;
  const isCounted = path === 'testers';
  const shown = (value: Shown): string => shownCell(value, isCounted, ink);
  const change = isListField(path) && !isCounted ? listCell(before, after, ink) : undefined;
  const texts = [
    ink.code(path.replace('environmentVariables/', '')),
    live === null ? '–' : shown(live),
    shown(before),
    change ?? secretCell(field, ink) ?? shown(after),
    field.origins
      .toReversed()
      .map((origin) => placeText(origin, ink))
      .join('<br>'),
    noteCell(field, ink),
  ];
  return `| ${texts.join(' | ')} |`;
}

function shownCell(value: Shown, isCounted: boolean, ink: Ink): string {
  if (isCounted) {
    const items = itemsOf(value);
    return items && value.state !== 'unset' ? plural(items.length, 'tester') : shownText(value);
  }
  if (value.state === 'inherited') return inheritedCell(value, ink);
  if (value.state !== 'value') return shownText(value);
  const items = typeof value.value === 'string' ? [value.value] : value.value;
  return items.map((item) => ink.code(shortened(item, maxValue))).join('<br>') || 'empty';
}

function inheritedCell(value: Shown, ink: Ink): string {
  const items = itemsOf(value);
  return items
    ? `inherits ${items.map((item) => ink.code(shortened(item, maxValue))).join('<br>')}`
    : 'inherited';
}

/** Entries that come and go, and how many stay. */
function listCell(before: Shown, after: Shown, ink: Ink): string | undefined {
  const difference = listDifference(before, after);
  if (!difference || after.state !== 'value' || before.state !== 'value') return undefined;
  const { gained, lost, kept } = difference;
  const named = (sign: string, items: readonly string[]): readonly string[] =>
    items.map((item) => `${sign}${ink.code(shortened(item, maxValue))}`);
  return [
    ...named('+', gained),
    ...named('−', lost),
    ...(kept > 0 ? [`${kept} ${kept === 1 ? 'stays' : 'stay'}`] : []),
  ].join('<br>');
}

function secretCell({ secret }: ReviewField, ink: Ink): string | undefined {
  return secret === null ? undefined : `secret ${ink.code(secret)}`;
}

const causes: Readonly<Record<string, string>> = {
  drift: 'changed by hand before',
  conflict: 'changed by hand and here',
  adoption: 'set by hand before',
  undeclared: 'set by hand',
};

const locks: Readonly<Record<string, string>> = {
  ConfigLocked: 'cannot be edited now',
  Superseded: 'a newer version gets it',
};

function lockedWords(reason: string | null): string {
  if (reason === null) return 'stays as it is';
  const words = locks[reason];
  return words === undefined ? `stays as it is: ${reason}` : `${words} (${reason})`;
}

function noteCell({ fate, reason, why, cause, before }: ReviewField, ink: Ink): string {
  const isFresh = before.state === 'unset' || before.state === 'inherited' || fate === 'locked';
  const parts = [
    ...(fate === 'held' ? [`held${why === null ? '' : `: ${ink.code(why)}`}`] : []),
    ...(fate === 'locked' ? [lockedWords(reason)] : []),
    ...(causes[cause] === undefined || isFresh ? [] : [causes[cause]]),
  ];
  return parts.join('<br>');
}
