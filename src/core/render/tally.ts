import { compareText, isReleaseKey, type ProgramKey, type ReleaseKey } from '../words/keys.ts';
import { statusTitles } from '../words/statuses.ts';
import { type ProgramFacts, targetText } from './facts.ts';
import type { PlanSet } from './plan-document.ts';
import { plural } from './sentence.ts';
import { painter, type Style, symbolOf, toneOf } from './style.ts';
import { fieldName } from './values.ts';
import { visible } from './visible.ts';

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
export function leftAloneLines(
  set: PlanSet,
  programs: readonly ProgramFacts[],
  style: Style,
): readonly string[] {
  const plans = programs.map(({ plan }) => plan);
  const unchanged = plans
    .flatMap((plan) => plan.changes)
    .filter(({ action }) => action === 'unchanged').length;
  const undeclared = plans.flatMap((plan) => plan.undeclared);
  const unmanaged = plans.flatMap((plan) => plan.unmanaged ?? []);
  const unverified = plans.flatMap((plan) => plan.unverified).length;
  const mark = (action: 'unchanged' | 'undeclared', text: string): string =>
    painter(style)(toneOf(action), `${symbolOf(action, style)} ${text}`);
  const hint = set.all ? '' : ' (--all shows them)';
  const counts = [
    ...(unchanged === 0 || set.all ? [] : [mark('unchanged', `${unchanged} unchanged`)]),
    ...(undeclared.length === 0
      ? []
      : [mark('undeclared', `${plural(undeclared.length, 'undeclared value')} left alone${hint}`)]),
    ...(unmanaged.length === 0
      ? []
      : [
          mark(
            'undeclared',
            `${plural(unmanaged.length, 'record')} of ours declared nowhere, left alone${hint}`,
          ),
        ]),
    ...(unverified === 0
      ? []
      : [
          mark(
            'undeclared',
            `${plural(unverified, 'secret')} not compared: no store is configured here`,
          ),
        ]),
  ];
  const details = set.all
    ? [
        ...undeclared.map(({ key, path }) => `    ${keyText(key)}  ${fieldName(path)}`),
        ...unmanaged.map(({ key, status }) => `    ${keyText(key)}  ${statusTitles[status]}`),
      ].sort(compareText)
    : [];
  return [...(counts.length === 0 ? [] : [counts.join('   ')]), ...details];
}

function keyText(key: ReleaseKey | ProgramKey): string {
  return visible(
    isReleaseKey(key)
      ? `${key.version}  ${targetText(key)}`
      : `${key.workspace}/${key.miniProgram}  global`,
  );
}
