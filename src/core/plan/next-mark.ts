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
    keyId: change.bases.keyId ?? fingerprints.key?.id ?? noKeyId,
    bases,
  });
}

/** In `PilotTesting` the base of testers changes and no other: what else the mark says stays as it is. */
function pilotMark({ change, applied, installation, fingerprints }: NextMark): string {
  const text = change.precondition.kind === 'record' ? change.precondition.mark : undefined;
  const parsed = text === undefined ? undefined : parseMark(text);
  const entries = new Map(parsed?.entries ?? observedEntries(change));
  const testers = applied.find(({ path }) => path === 'testers');
  if (testers) entries.set(entryKey('testers'), testers.nextBase);
  if (testers?.nextBase === noBase) entries.delete(entryKey('testers'));
  return formatEntries({
    installation: installationTag(installation),
    claimant: claimantTag(change.source),
    keyId: parsed?.keyId ?? change.bases.keyId ?? fingerprints.key?.id ?? noKeyId,
    entries,
  });
}

function observedEntries({ bases }: Change): readonly (readonly [string, Base])[] {
  return basesOf(bases.observed).map(([path, base]) => [entryKey(path), base]);
}
