import type { ObservedGlobal, ObservedRelease } from '../core/model/observed.ts';
import type { PlatformWrite, WritePatch, WriteValue, Written } from '../core/model/write.ts';
import type { Precondition } from '../core/model/plan.ts';
import type { FingerprintKey } from '../core/words/digests.ts';
import {
  listOf,
  pathsOf,
  type FieldPath,
  type ObservedConfig,
  type ObservedValue,
} from '../core/words/fields.ts';

/** What the platform holds under the key of a write; `undefined`: nothing. */
export type Held = Written | undefined;

/** How a record compares with a write that was sent for it. */
export type Comparison =
  /** Everything that was sent is there. */
  | 'holds'
  /** The values are there; the mark that was sent is not, nor any other. */
  | 'lost mark'
  | 'differs';

/**
 * Whether the record is what the write wanted. A value that the platform hides counts as equal: it cannot be judged.
 *
 * @param key  compares secrets without opening them
 */
export function compare(write: PlatformWrite, held: Held, key: FingerprintKey): Comparison {
  if (!held) return 'differs';
  const values: WritePatch = write.operation === 'createRelease' ? write.config : write.patch;
  if (!configHolds(values, recordOf(held).config, key)) return 'differs';
  const { mark } = recordOf(held);
  if (write.mark === undefined || write.mark === mark) return 'holds';
  return mark === undefined ? 'lost mark' : 'differs';
}

/**
 * Whether a record that was read, and is no answer to our write, may be taken for what the write made.
 *
 * Equal values are no proof: somebody else may have selected the same target, and a create without fields is held by
 * every record. The mark is the proof. Where none was sent because the platform stores none, a record that holds more
 * than the create is somebody else's.
 */
export function isOurs(write: PlatformWrite, held: Held, key: FingerprintKey): boolean {
  if (!held || compare(write, held, key) !== 'holds') return false;
  if (write.operation !== 'createRelease' || write.mark !== undefined) return true;
  return pathsOf(recordOf(held).config).every((path) => write.config[path] !== undefined);
}

/** The part that releases and global configurations share. */
export function recordOf(held: Written): ObservedRelease | ObservedGlobal {
  return held.kind === 'release' ? held.release : held.global;
}

/** Whether the record stands as the precondition says: nothing has happened to it since it was observed. */
export function untouched(precondition: Precondition, now: Held): boolean {
  if (precondition.kind === 'absent') return now === undefined;
  if (precondition.kind === 'notObserved' || !now) return false;
  return (
    precondition.revision === recordOf(now).revision && precondition.mark === recordOf(now).mark
  );
}

/** Whether one field of the write is as it was sent. */
export function fieldHolds(
  write: PlatformWrite,
  path: FieldPath,
  held: Held,
  key: FingerprintKey,
): boolean {
  const values: WritePatch = write.operation === 'createRelease' ? write.config : write.patch;
  const config: ObservedConfig = held ? recordOf(held).config : {};
  return held !== undefined && valueHolds(values[path], config[path], key);
}

function configHolds(values: WritePatch, config: ObservedConfig, key: FingerprintKey): boolean {
  return pathsOf(values).every((path) => valueHolds(values[path], config[path], key));
}

function valueHolds(
  wanted: WriteValue | null | undefined,
  found: ObservedValue | undefined,
  key: FingerprintKey,
): boolean {
  if (wanted === null || wanted === undefined) return found === undefined;
  if (!found) return false;
  if (found.kind === 'hidden') return true;
  if (typeof wanted === 'string')
    return found.kind === 'sealed' ? found.secret.equals(wanted) : isText(found, wanted);
  if ('equals' in wanted)
    return found.kind === 'sealed' && key.fingerprint(found.secret) === key.fingerprint(wanted);
  return found.kind === 'list' && sameList(wanted, found.items);
}

function isText(found: ObservedValue, text: string): boolean {
  return found.kind === 'text' && found.text === text;
}

function sameList(a: readonly string[], b: readonly string[]): boolean {
  const left = listOf(a).items;
  const right = listOf(b).items;
  return left.length === right.length && left.every((item, i) => item === right[i]);
}
