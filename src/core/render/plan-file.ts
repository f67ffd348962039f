import { planFormatVersion, planHash } from '../plan/identity.ts';
import { PlanFile as isPlanFile } from '../generated/plan-file.js';
import type { Plan } from '../model/plan.ts';
import { canonicalJson, digestOf } from '../words/digests.ts';
import { compareText, programId } from '../words/keys.ts';
import type { Locate, Origin, Place } from '../words/places.ts';
import { platformDocuments, type PlatformRead } from './plan-document.ts';
import type { PlanFile, PlannedPair } from './plan-file-schema.ts';
import { plural } from './sentence.ts';

/** What a plan file is written from. */
export interface PlanFileInput {
  readonly programs: readonly PlannedPair[];
  readonly platforms: readonly PlatformRead[];
  readonly installation: string;
  readonly takeOver: readonly string[];
  readonly locate: Locate;
}

/** Why a plan file is of no use. */
export interface PlanFileFault {
  /**
   * `unreadable`: not a plan file. `format`: another version's. `altered`: not what was written.
   * `unfit`: right, and not to be applied.
   */
  readonly code: 'unreadable' | 'format' | 'altered' | 'unfit';
  readonly message: string;
  readonly nextStep: string;
}

export type PlanFileReading =
  | { readonly ok: true; readonly file: PlanFile; readonly locate: Locate }
  | { readonly ok: false; readonly fault: PlanFileFault };

/**
 * A plan to be applied later, exactly as it was shown: what was wished, what was planned, where each value stands.
 *
 * Secrets stand by name; what was decided is not in it, since gates and grants of the day of applying count.
 */
export function planFile({
  programs,
  platforms,
  installation,
  takeOver,
  locate,
}: PlanFileInput): PlanFile {
  const ordered = programs.toSorted((a, b) =>
    compareText(programId(a.plan.key), programId(b.plan.key)),
  );
  const content = {
    formatVersion: planFormatVersion,
    kind: 'PlanFile',
    planHash: planHash(ordered.map(({ plan }) => plan)),
    installation,
    takeOver: takeOver.toSorted(compareText),
    platforms: platformDocuments(platforms),
    programs: ordered.map(({ desired, plan }) => ({ desired, plan })),
    origins: originTable(ordered, locate),
  } as const satisfies Omit<PlanFile, 'digest'>;
  return { ...content, digest: digestOf(plainJson(content)) };
}

/** The file's text: canonical, so that one plan has one text. */
export function planFileText(file: PlanFile): string {
  return `${canonicalJson(plainJson(file))}\n`;
}

/**
 * Reads a plan file and proves that it is what was written.
 *
 * @param text  untrusted
 */
export function readPlanFile(text: string): PlanFileReading {
  const content = parsed(text);
  if (!isObject(content) || content['kind'] !== 'PlanFile')
    return fault('unreadable', 'this is no plan file');
  if (content['formatVersion'] !== planFormatVersion) {
    return fault(
      'format',
      `this plan file has format version ${versionText(content['formatVersion'])}, and ${planFormatVersion} is read here`,
    );
  }
  if (!isPlanFile(content)) return fault('unreadable', `this plan file is broken${whereBroken()}`);
  return proven(content);
}

/** What keeps a plan from being applied from a file; undefined when nothing does. */
export function unfitness(plans: readonly Plan[]): PlanFileFault | undefined {
  const unverified = plans.flatMap((plan) => plan.unverified).length;
  if (unverified > 0) {
    return {
      code: 'unfit',
      message: `${plural(unverified, 'secret value')} could not be compared where the plan was made`,
      nextStep: 'plan where the secrets are configured, or apply from the declarations',
    };
  }
  if (plans.some((plan) => plan.attested)) {
    return {
      code: 'unfit',
      message: 'the plan stands on a snapshot, not on what the platform says now',
      nextStep: 'plan against the platform, or walk through it in the console',
    };
  }
  return undefined;
}

function proven(file: PlanFile): PlanFileReading {
  const { digest, ...content } = file;
  if (digestOf(content) !== digest || hashOf(file) !== file.planHash) {
    return fault('altered', 'this plan file was changed after it was written');
  }
  return { ok: true, file, locate: locateIn(file) };
}

/** Undefined for a file with the right digest and nonsense in it: somebody made it by hand. */
function hashOf(file: PlanFile): string | undefined {
  try {
    return planHash(file.programs.map(({ plan }) => plan));
  } catch {
    return undefined;
  }
}

function fault(code: PlanFileFault['code'], message: string): PlanFileReading {
  return {
    ok: false,
    fault: { code, message, nextStep: 'make the plan again with fairlead plan --out' },
  };
}

function whereBroken(): string {
  const [first] = isPlanFile.errors ?? [];
  return first === undefined ? '' : ` at ${first.instancePath === '' ? '/' : first.instancePath}`;
}

function versionText(version: unknown): string {
  return typeof version === 'number' ? String(version) : 'unknown';
}

function parsed(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null;
}

/** The value as it will be read again: without members that are `undefined`. */
function plainJson(value: unknown): unknown {
  return JSON.parse(JSON.stringify(value));
}

function originTable(programs: readonly PlannedPair[], locate: Locate): PlanFile['origins'] {
  const places = new Map<string, Place>();
  for (const place of programs.flatMap(placesOf)) places.set(placeText(place), place);
  return [...places]
    .sort(([a], [b]) => compareText(a, b))
    .map(([, place]) => ({
      place: { document: place.document, pointer: place.pointer },
      origin: { ...locate(place) },
    }));
}

/** Every place that an output of the plan may name. */
function placesOf({ plan }: PlannedPair): readonly Place[] {
  return [...plan.global, ...plan.changes].flatMap((change) => [
    ...change.origins,
    ...change.fields.flatMap((field) => field.origins),
    ...(change.suspended?.place ? [change.suspended.place] : []),
  ]);
}

function placeText({ document, pointer }: Place): string {
  return JSON.stringify([document, pointer]);
}

function locateIn({ origins }: PlanFile): Locate {
  const table = new Map<string, Origin>(
    origins.map(({ place, origin }) => [placeText(place), origin]),
  );
  return (place) => table.get(placeText(place)) ?? { file: place.document, line: 1, column: 1 };
}
