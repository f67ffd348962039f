import type { Plan } from '../model/plan.ts';
import { compareText, isReleaseKey, type ProgramKey, type ReleaseKey } from '../words/keys.ts';
import { statusTitles } from '../words/statuses.ts';
import { type ProgramFacts, targetText } from './facts.ts';
import type { PlanSet } from './plan-document.ts';
import { plural } from './sentence.ts';
import { painter, type Style, symbolOf, toneOf } from './style.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';
import { stringWidth } from './width.ts';

/** Calls and the time they take at the rate limit. */
export function countsLine({ apiCalls: { reads, writes }, ratePerSecond }: PlanSet): string {
  const calls = `${plural(writes, 'write')}, ${plural(reads, 'read')}`;
  const seconds = ratePerSecond > 0 ? Math.max(1, Math.ceil((reads + writes) / ratePerSecond)) : 0;
  if (writes === 0 || seconds === 0) return `${calls}.`;
  return `${calls}, about ${durationText(seconds)} at ${ratePerSecond} calls/s.`;
}

function durationText(seconds: number): string {
  if (seconds < 120) return `${seconds} s`;
  return `${Math.ceil(seconds / 60)} min`;
}

/** What the plan leaves as it is: unchanged records, undeclared values, records nobody declares any more. */
export function leftAlone(
  set: PlanSet,
  programs: readonly ProgramFacts[],
): readonly { readonly kind: 'unchanged' | 'undeclared'; readonly text: string }[] {
  const plans = programs.map(({ plan }) => plan);
  const unchanged = plans
    .flatMap((plan) => plan.changes)
    .filter(({ action }) => action === 'unchanged').length;
  const undeclared = plans.flatMap((plan) => plan.undeclared).length;
  const unmanaged = plans.flatMap((plan) => plan.unmanaged ?? []).length;
  const unverified = plans.flatMap((plan) => plan.unverified).length;
  const hint = (count: number): string =>
    set.all ? '' : ` (--all shows ${count === 1 ? 'it' : 'them'})`;
  return [
    ...(unchanged === 0 || set.all
      ? []
      : [{ kind: 'unchanged' as const, text: `${unchanged} unchanged` }]),
    ...[
      {
        count: undeclared,
        text: `${plural(undeclared, 'undeclared value')} left alone${hint(undeclared)}`,
      },
      {
        count: unmanaged,
        text: `${plural(unmanaged, 'record')} with our mark ${unmanaged === 1 ? 'is' : 'are'} no longer declared (unmanaged), left alone${hint(unmanaged)}`,
      },
      {
        count: unverified,
        text: `${plural(unverified, 'secret')} not compared: no store is configured here`,
      },
    ]
      .filter(({ count }) => count > 0)
      .map(({ text }) => ({ kind: 'undeclared' as const, text })),
  ];
}

/** The same in one line, with the list below it where all is shown. */
export function leftAloneLines(
  set: PlanSet,
  programs: readonly ProgramFacts[],
  style: Style,
): readonly string[] {
  const paint = painter(style);
  const counts = leftAlone(set, programs).map(({ kind, text }) =>
    paint(toneOf(kind), `${symbolOf(kind, style)} ${text}`),
  );
  const nameOf = ({ name }: Plan): string => (programs.length > 1 ? `${visible(name)}  ` : '');
  const details = programs
    .flatMap(({ plan }) => [
      ...plan.undeclared.map(
        ({ key, path }) => `    ${nameOf(plan)}${keyText(key)}  ${fieldName(path)}`,
      ),
      ...(plan.unmanaged ?? []).map(
        ({ key, status }) =>
          `    ${nameOf(plan)}${keyText(key)}  ${statusTitles[status]}, unmanaged`,
      ),
    ])
    .sort(compareText);
  const joined = counts.join('   ');
  const lines = stringWidth(joined) <= style.width ? [joined] : counts;
  return [...(counts.length === 0 ? [] : lines), ...(set.all ? details : [])];
}

function keyText(key: ReleaseKey | ProgramKey): string {
  return visible(
    isReleaseKey(key)
      ? `${key.version}  ${targetText(key)}`
      : `${key.workspace}/${key.miniProgram}  global`,
  );
}
