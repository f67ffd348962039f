import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ReconcileError } from '../../../core/words/errors.ts';
import { signedMessage } from './openpgp.ts';
import type { Tools } from './tools.ts';
import { gpgVerdict, linesByFile, refused, type Verdict } from './verdicts.ts';

/** A place of our own, and what runs in it. */
export interface Workshop {
  readonly tools: Tools;
  /** Empty at first, for our eyes only, removed afterwards. */
  readonly directory: string;
}

/** A signature with what it is to have signed. */
export interface Signed {
  readonly text: string;
  readonly payload: Uint8Array;
  /** Seconds since 1970: the earliest and the latest moment at which it can have been made. */
  readonly within: readonly [number, number];
}

/**
 * No settings, no agent, no network, no questions. Every key of the keyring counts as the administrator's own, for
 * nothing but his keys is in it.
 */
const options = [
  ...['--batch', '--no-tty', '--no-options', '--homedir', '.', '--status-fd', '1'],
  ...['--no-autostart', '--disable-dirmngr', '--no-auto-key-retrieve', '--no-auto-key-locate'],
  ...['--trust-model', 'always', '--no-auto-check-trustdb'],
];

/** Signatures are judged in the order given; each verdict stands at its signature's place. */
export type Verifier = (
  signed: readonly Signed[],
  signal: AbortSignal,
) => Promise<readonly Verdict[]>;

/**
 * Makes a keyring of these keys and no other.
 *
 * @param armored  public keys
 * @throws ReconcileError `SettingsInvalid` for what is no public key, `SourceUnavailable` without gpg
 */
export async function openKeyring(
  { tools, directory }: Workshop,
  armored: string,
  signal: AbortSignal,
): Promise<Verifier> {
  // gpg would hand a private key to an agent, and ours must not lie about.
  if (armored.includes('PRIVATE KEY')) throw noKeys('holds a private key');
  const { output } = await tools.run(
    { tool: 'gpg', args: [...options, '--import'], directory, input: Buffer.from(armored) },
    signal,
  );
  const keys = new Set(
    [...output.matchAll(/^\[GNUPG:\] IMPORT_OK \d+ ([0-9A-F]{40,64})$/gm)].flatMap(
      ([, key]) => key ?? [],
    ),
  );
  if (keys.size === 0) throw noKeys('holds no public key');
  return (signed, inner) => verify({ tools, directory }, { keys, signed }, inner);
}

function noKeys(what: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', `gpgKeys of the signature policy ${what}`, {
    nextStep: 'give what gpg --armor --export prints',
  });
}

const unreadable = refused('UnknownForm');

async function verify(
  { tools, directory }: Workshop,
  { keys, signed }: { readonly keys: ReadonlySet<string>; readonly signed: readonly Signed[] },
  signal: AbortSignal,
): Promise<readonly Verdict[]> {
  const messages = signed.map(({ text, payload }) => signedMessage(text, payload));
  const names = messages.flatMap((message, index) => (message ? [`${index}.msg`] : []));
  for (const [index, message] of messages.entries()) {
    if (message) await writeFile(join(directory, `${index}.msg`), message, { mode: 0o600 });
  }
  if (names.length === 0) return messages.map(() => unreadable);
  const args = [...options, '--multifile', '--verify', ...names];
  const { output } = await tools.run({ tool: 'gpg', args, directory }, signal);
  const said = linesByFile(output);
  const verdicts = messages.map((message, index) =>
    message ? gpgVerdict(said.get(`${index}.msg`) ?? [], keys) : unreadable,
  );
  // gpg ends at the first bad signature; if it fell silent before one, that says nothing about any.
  const first = verdicts.findIndex(({ kind }) => kind === 'refused');
  if (first !== -1 && messages[first] && !said.has(`${first}.msg`)) throw fellSilent();
  return verdicts;
}

function fellSilent(): ReconcileError {
  return new ReconcileError('SourceUnavailable', 'gpg ended before it had judged a signature', {
    nextStep: 'see whether gpg --version runs on this machine, and whether memory is short',
  });
}
