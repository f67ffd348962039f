import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import pLimit from 'p-limit';
import { epochMs, isoTime } from '../../../core/words/time.ts';
import type { Signed, Verifier, Workshop } from './gpg.ts';
import { parseAllowedSigners, parseSshSignature, type AllowedSigner } from './ssh-signers.ts';
import { refused, type Verdict } from './verdicts.ts';

/** ssh-keygen judges one signature at a time; this many run side by side. */
const atOnce = 4;
const listName = 'allowed-signers';

/**
 * Verifies SSH signatures for the namespace `git`.
 *
 * Each line of the list gets a principal of our own: whose signature it is is decided by the key alone, and no pattern
 * among the principals can widen it.
 *
 * @param lines  of an allowed signers file
 * @throws ReconcileError `SettingsInvalid`; the verifier: `SourceUnavailable` without ssh-keygen
 */
export async function openAllowedSigners(workshop: Workshop, lines: string): Promise<Verifier> {
  const signers = parseAllowedSigners(lines);
  const list = signers.flatMap(({ options, keyType, key }, index) => [
    `${limitedName(index)} ${options === '' ? '' : `${options} `}${keyType} ${key}\n`,
    `${bareName(index)} ${keyType} ${key}\n`,
  ]);
  await writeFile(join(workshop.directory, listName), list.join(''), { mode: 0o600 });
  return (signed, signal) => {
    const limit = pLimit(atOnce);
    return Promise.all(
      signed.map((each, index) =>
        limit(() => judge({ workshop, signers, file: `${index}.sig`, signal }, each)),
      ),
    );
  };
}

/** The line as it stands, and its key without any limit: to tell a bad signature from a late one. */
const limitedName = (index: number): string => `limited-${index}`;
const bareName = (index: number): string => `bare-${index}`;

interface Job {
  readonly workshop: Workshop;
  readonly signers: readonly AllowedSigner[];
  readonly file: string;
  readonly signal: AbortSignal;
}

async function judge(job: Job, signed: Signed): Promise<Verdict> {
  const signature = parseSshSignature(signed.text);
  if (!signature) return refused('UnknownForm');
  if (signature.namespace !== 'git') return refused('OtherNamespace');
  const lines = job.signers.flatMap(({ key }, index) => (key === signature.key ? [index] : []));
  const [first] = lines;
  if (first === undefined) return refused('UnknownSigner');
  await writeFile(join(job.workshop.directory, job.file), signed.text, { mode: 0o600 });
  for (const line of lines) {
    if (await isGood(job, signed, line)) {
      return { kind: 'good', signer: job.signers[line]?.name ?? '' };
    }
  }
  const isGenuine = await verify(job, signed, [bareName(first)]);
  return refused(isGenuine ? 'KeyUntimely' : 'Tampered');
}

/** A key with limits in time must have been valid as early and as late as the signature can have been made. */
async function isGood(job: Job, signed: Signed, line: number): Promise<boolean> {
  const isLimited = /valid-(after|before)/i.test(job.signers[line]?.options ?? '');
  const moments = isLimited ? [...new Set(signed.within)].map((time) => [verifyTime(time)]) : [[]];
  for (const options of moments) {
    if (!(await verify(job, signed, [limitedName(line), ...options]))) return false;
  }
  return true;
}

/** `20260131090500`, in UTC as everything ssh-keygen gets from us. */
function verifyTime(seconds: number): string {
  return `-Overify-time=${isoTime(epochMs(seconds * 1000))
    .replace(/\D/g, '')
    .slice(0, 14)}`;
}

async function verify(
  { workshop: { tools, directory }, file, signal }: Job,
  { payload }: Signed,
  [principal, ...options]: readonly [string, ...string[]],
): Promise<boolean> {
  const what = ['-f', listName, '-I', principal, '-n', 'git', '-s', file];
  const { code, output } = await tools.run(
    {
      tool: 'ssh-keygen',
      args: ['-Y', 'verify', ...what, ...options],
      directory,
      input: payload,
    },
    signal,
  );
  return code === 0 && output.startsWith(`Good "git" signature for ${principal} with `);
}
