import type { Capabilities } from '../model/observed.ts';
import type { Plan } from '../model/plan.ts';
import type { Problem } from '../words/problems.ts';
import { compareText } from '../words/keys.ts';
import { releaseText, type Context, type Subject } from './context.ts';
import type { PlannedRelease } from './release-change.ts';
import { names } from './sentences.ts';

/** What the plan remarks on beside its changes. */
export function planProblems(
  releases: readonly PlannedRelease[],
  context: Context,
): readonly Problem[] {
  return [...foreignKeys(releases, context), ...releases.flatMap(unseenDrift)];
}

function foreignKeys(
  releases: readonly PlannedRelease[],
  { globalMark }: Context,
): readonly Problem[] {
  const marked = releases.filter(({ subject }) => isForeign(subject.mark));
  const places = marked.map(({ change }) => releaseText(change.key));
  const all = isForeign(globalMark) ? ['the global configuration', ...places] : places;
  return [...new Set(all)].map((place) => ({
    rule: 'foreign-fingerprint-key',
    severity: 'warning',
    message: `${place}: its mark was made with a fingerprint key that is not configured here, so its secrets cannot be told from what somebody set`,
    nextStep: 'Configure that fingerprintKey, or name it in previousFingerprintKeys.',
  }));
}

function isForeign({ owner, hasForeignKey }: Subject['mark']): boolean {
  return hasForeignKey && owner !== 'other';
}

function unseenDrift({ change, compared }: PlannedRelease): readonly Problem[] {
  if (!compared || compared.unseen.length === 0) return [];
  return [
    {
      rule: 'variable-drift-unseen',
      severity: 'info',
      message: `${releaseText(change.key)}: the platform hides ${names(compared.unseen)}, so that drift of it cannot be seen`,
    },
  ];
}

/** Records with our mark that nobody declares; null where not every record was read. */
export function unmanagedOf(
  subjects: readonly Subject[],
  { observed, marks }: Context,
): Plan['unmanaged'] {
  if (!observed.complete) return null;
  const claimed = new Set<string>(subjects.map(({ id }) => id));
  return Object.entries(observed.releases)
    .filter(([id, { mark }]) => !claimed.has(id) && marks.read(mark).owner === 'ours')
    .toSorted(([a], [b]) => compareText(a, b))
    .map(([, { key, status }]) => ({ key, status }));
}

const switches = [
  'conditionalWrites',
  'requestIds',
  'marks',
  'increments',
  'frozen',
] as const satisfies readonly (keyof Capabilities)[];

/** Capabilities the platform lacks, by name. */
export function lacksOf(capabilities: Capabilities): readonly string[] {
  const missing: string[] = switches.filter((name) => !capabilities[name]);
  return capabilities.variables === 'hidden' ? [...missing, 'variables'] : missing;
}
