import type { Fingerprints } from '../model/observed.ts';
import type { Base } from '../model/plan.ts';
import type { FieldPath } from '../words/fields.ts';
import {
  claimantTag,
  entryKey,
  installationTag,
  noKeyId,
  parseMark,
  type ParsedMark,
} from './mark.ts';
import { remembered } from './digest-memo.ts';
import type { HeldBase } from './base-work.ts';

/**
 * A record's mark as this installation sees it.
 *
 * `nobody`: none at all. `takenOver`: another installation's whose records we take over. `other`: another installation's,
 * or a text we cannot read, such as a newer format's; its bases are nobody's to use.
 */
export interface MarkView {
  readonly owner: 'nobody' | 'ours' | 'takenOver' | 'other';
  readonly text: string | undefined;
  readonly parsed: ParsedMark | undefined;
  /** Its key id is neither ours nor a previous one's, so its bases of secrets say nothing here. */
  readonly hasForeignKey: boolean;
}

export interface MarkReader {
  read(text: string | undefined): MarkView;
  /** The base that counts for a field; undefined for none. */
  heldBase(view: MarkView, path: FieldPath): HeldBase | undefined;
  /** The same, and a secret's base that cannot be read here: it stays as it is. */
  keptBase(view: MarkView, path: FieldPath): HeldBase | undefined;
  names(view: MarkView, source: string): boolean;
}

/** What `takeOver` says to take over records whose mark is not readable. */
const unreadable = 'unknown';

export interface Installation {
  readonly installation: string;
  /** Names of installations whose records are taken over. */
  readonly takeOver: readonly string[];
  readonly fingerprints: Pick<Fingerprints, 'key' | 'previous'>;
}

export function createMarkReader({
  installation,
  takeOver,
  fingerprints,
}: Installation): MarkReader {
  const own = installationTag(installation);
  const takenOver = new Set(takeOver.map(installationTag));
  const { key, previous } = fingerprints;
  const keyIds = new Set([noKeyId, ...previous.map(({ id }) => id), ...(key ? [key.id] : [])]);
  const entryKeys = new Map<FieldPath, string>();
  const tags = new Map<string, string>();

  function ownerOf(parsed: ParsedMark | undefined): MarkView['owner'] {
    if (!parsed) return takeOver.includes(unreadable) ? 'takenOver' : 'other';
    if (parsed.installation === own) return 'ours';
    return takenOver.has(parsed.installation) ? 'takenOver' : 'other';
  }

  function keptBase({ owner, parsed }: MarkView, path: FieldPath): HeldBase | undefined {
    if (!parsed || owner === 'other') return undefined;
    const base = parsed.entries.get(remembered(entryKeys, path, () => entryKey(path)));
    return base === undefined ? undefined : { base, keyId: parsed.keyId };
  }

  return {
    keptBase,
    read(text) {
      if (text === undefined)
        return { owner: 'nobody', text, parsed: undefined, hasForeignKey: false };
      const parsed = parseMark(text);
      const hasForeignKey = parsed !== undefined && key !== undefined && !keyIds.has(parsed.keyId);
      return { owner: ownerOf(parsed), text, parsed, hasForeignKey };
    },
    heldBase(view, path) {
      const held = keptBase(view, path);
      if (!held || !isSecretBase(path, held.base)) return held;
      return keyIds.has(held.keyId) ? held : undefined;
    },
    names({ parsed }, source) {
      return parsed?.claimant === remembered(tags, source, () => claimantTag(source));
    },
  };
}

function isSecretBase(path: FieldPath, base: Base): boolean {
  return path.includes('/') && base.startsWith('s');
}
