import type { TargetStatus } from '../kinds/object-status.ts';
import type { EntryBefore } from './before.ts';
import { approvalText } from './message.ts';
import { bounds, clipped, clippedBefore, jsonBytes } from './texts.ts';
import type { View } from './view.ts';

/**
 * Bytes of JSON that one target takes at most: below the promised KiB, since 256 of them and two whole messages have to
 * fit into 256 KiB.
 */
export const mostEntryBytes = 896;

/** What is known of a record, new or from before. */
export interface EntryFacts {
  readonly releaseId?: string | undefined;
  readonly status?: string | undefined;
  readonly effectiveDigest?: string | undefined;
  readonly mark?: string | undefined;
  readonly testQrCode?: string | undefined;
}

export type Verdict = Pick<TargetStatus, 'action' | 'reason' | 'nextStep'>;

/** A view as an entry holds it. */
export function verdictOf({ action, reason, says, approvals = [] }: View): Verdict {
  const how = approvals.length === 0 ? '' : ` Allow it with the ${approvalText(approvals)}.`;
  const step = clippedBefore(says ?? '', how, bounds.nextStep).trim();
  return {
    ...(action === undefined ? {} : { action }),
    ...(reason === undefined ? {} : { reason }),
    ...(step === '' ? {} : { nextStep: step }),
  };
}

/**
 * An entry within its bounds. What is too long for its field is left out where a part of it would be wrong, and the next
 * step gives way where all together is too much.
 */
export function entryOf<K extends object>(
  key: K,
  verdict: Verdict,
  facts: EntryFacts,
): K & Verdict & EntryBefore {
  const { nextStep = '', ...rest } = verdict;
  const entry = { ...key, ...withinBounds(facts), ...rest };
  const room = mostEntryBytes - jsonBytes(entry);
  if (room < 0 && 'testQrCode' in entry)
    return entryOf(key, verdict, { ...facts, testQrCode: undefined });
  const step = withinBytes(nextStep, room - ',"nextStep":""'.length);
  return step === '' ? entry : { ...entry, nextStep: step };
}

const factBounds = {
  releaseId: bounds.releaseId,
  status: 32,
  effectiveDigest: 64,
  mark: bounds.mark,
  testQrCode: bounds.testQrCode,
} as const satisfies Readonly<Record<keyof EntryFacts, number>>;

const factNames = ['releaseId', 'status', 'effectiveDigest', 'mark', 'testQrCode'] as const;

type Facts = { -readonly [Name in keyof EntryFacts]?: string };

/** A part of an id, of a mark or of a code would be wrong: too long is left out. */
function withinBounds(facts: EntryFacts): Facts {
  const kept: Facts = {};
  for (const name of factNames) {
    const text = facts[name];
    if (text !== undefined && text.length <= factBounds[name]) kept[name] = text;
  }
  return kept;
}

/** As much of the text as fits, by halves. */
function withinBytes(text: string, bytes: number): string {
  let max = text.length;
  while (max > 0 && jsonBytes(clipped(text, max)) - 2 > bytes) max = Math.floor((max * 7) / 8);
  return clipped(text, max);
}
