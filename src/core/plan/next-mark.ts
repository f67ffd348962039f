import type { Fingerprints } from '../model/observed.ts';
import type { Base, Change, FieldChange } from '../model/plan.ts';
import type { FieldPath } from '../words/fields.ts';
import {
  basesOf,
  claimantTag,
  entryKey,
  formatEntries,
  formatMark,
  installationTag,
  noBase,
  noKeyId,
  parseMark,
  type ParsedMark,
} from './mark.ts';

interface NextMark {
  readonly change: Change;
  /** Every field written in this run, those of an earlier write of the same change included. */
  readonly applied: readonly FieldChange[];
  /** The installation's name. */
  readonly installation: string;
  readonly fingerprints: Pick<Fingerprints, 'key'>;
}

/** The mark a record carries once these fields are written: the settled bases, and those of what was written. */
export function markAfter({ change, applied, installation, fingerprints }: NextMark): string {
  if (change.scope === 'release' && change.status === 'PilotTesting') {
    return pilotMark({ change, applied, installation, fingerprints });
  }
  const bases: Partial<Record<FieldPath, Base>> = { ...change.bases.settled };
  for (const { path, nextBase } of applied) if (path !== 'mark') bases[path] = nextBase;
  return formatMark({
    installation: installationTag(installation),
    claimant: claimantTag(change.source),
    keyId: presentKeyId(change, fingerprints),
    bases,
  });
}

/** In `PilotTesting` the base of testers changes and no other: what else the mark says stays as it is. */
function pilotMark({ change, applied, installation, fingerprints }: NextMark): string {
  const parsed = observedMark(change);
  const entries = new Map(parsed?.entries ?? observedEntries(change));
  for (const { nextBase } of applied.filter(({ path }) => path === 'testers')) {
    if (nextBase === noBase) entries.delete(entryKey('testers'));
    else entries.set(entryKey('testers'), nextBase);
  }
  return formatEntries({
    installation: installationTag(installation),
    claimant: claimantTag(change.source),
    keyId: parsed?.keyId ?? presentKeyId(change, fingerprints),
    entries,
  });
}

function observedMark({ precondition }: Change): ParsedMark | undefined {
  if (precondition.kind !== 'record' || precondition.mark === undefined) return undefined;
  return parseMark(precondition.mark);
}

function presentKeyId({ bases }: Change, { key }: NextMark['fingerprints']): string {
  return bases.keyId ?? key?.id ?? noKeyId;
}

function observedEntries({ bases }: Change): readonly (readonly [string, Base])[] {
  return basesOf(bases.observed).map(([path, base]) => [entryKey(path), base]);
}
