import type { KeyObject } from 'node:crypto';
import { type SnapshotSeal, sealOf } from '../../core/snapshot/signature.ts';
import { type EpochMs, epochMs, isoTime } from '../../core/words/time.ts';
import type { KnownPlatform } from '../../core/snapshot/read.ts';
import { CliError } from '../exit.ts';
import { durationMs } from '../orders/until.ts';

/** What is demanded of a snapshot before anything of it is believed. */
export interface SnapshotDemand {
  /** Undefined: it need not be signed. */
  readonly key: KeyObject | undefined;
  /** Milliseconds since it was taken; undefined: of any age. */
  readonly maxAgeMs: number | undefined;
}

/** Signed ones are for strangers' pull requests: what they say must not be last year's. */
const defaultAge = '24h';

/** Clocks of two machines differ a little. */
const skewMs = 5 * 60_000;

/** @param age  as on the command line, such as `24h` @throws CliError `Usage` */
export function ageOf(age: string | undefined, isSigned: boolean): number | undefined {
  const text = age ?? (isSigned ? defaultAge : undefined);
  if (text === undefined) return undefined;
  const found = durationMs(text);
  if (found !== undefined) return found;
  throw new CliError('Usage', `--max-snapshot-age ${text} is no length of time`, {
    nextStep: 'for example --max-snapshot-age 24h (s, m, h, d, w)',
  });
}

/**
 * Who made a snapshot, judged by its bytes before anything in it is read.
 *
 * @throws CliError `SnapshotUnsigned`, `SnapshotTampered`
 */
export function proofOf(
  file: string,
  bytes: Uint8Array,
  { key }: SnapshotDemand,
): SnapshotSeal | undefined {
  if (!key) return undefined;
  const verdict = sealOf(bytes, key);
  if (verdict.kind === 'signed') return verdict;
  if (verdict.kind === 'unsigned')
    throw new CliError('SnapshotUnsigned', `${file} is not signed, and a signature is demanded`, {
      nextStep: 'take it with: fairlead snapshot --sign KEYFILE',
    });
  throw new CliError(
    'SnapshotTampered',
    `${file} is not what its signature says, or another key signed it: nothing of it is believed`,
    { nextStep: 'take it again from where it is published, and see that the two keys are a pair' },
  );
}

/**
 * Refuses what is too old: by the moment it was signed, and by those at which each platform was read.
 *
 * @throws CliError `SnapshotTooOld`
 */
export function refuseOld(
  file: string,
  taken: { readonly platforms: readonly KnownPlatform[]; readonly seal: SnapshotSeal | undefined },
  { maxAgeMs }: SnapshotDemand,
  now: EpochMs,
): void {
  if (maxAgeMs === undefined) return;
  const times = [
    ...taken.platforms.map(({ observedAt }) => observedAt),
    ...(taken.seal ? [taken.seal.time] : []),
  ];
  const oldest = Math.min(...times);
  const isAhead = Math.max(...times) > now + skewMs;
  if (!isAhead && now - oldest <= maxAgeMs) return;
  const when = isoTime(epochMs(isAhead ? Math.max(...times) : oldest));
  throw new CliError(
    'SnapshotTooOld',
    isAhead
      ? `${file} is of ${when}, which is yet to come: one of two clocks is wrong`
      : `${file} is of ${when}: too old to be believed`,
    { nextStep: 'see that the job that publishes snapshots runs; then run this one again' },
  );
}
