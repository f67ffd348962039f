/* What a signature is worth, from what gpg says of it. Pure: one table decides, and it knows no "probably". */

/** Why a signature does not count, or the key that made it. */
export type Verdict =
  | { readonly kind: 'good'; readonly signer: string }
  | { readonly kind: 'refused'; readonly what: string; readonly nextStep: string };

export function refused(what: string, nextStep: string): Verdict {
  return { kind: 'refused', what, nextStep };
}

export const unsigned = refused('it is not signed', 'sign it, and push it again');

const addKey = 'if it may sign here, add it to the keys of the signature policy';
const unknownKey = refused('it is signed by a key that is not among the known ones', addKey);
const signAgain = 'sign with a key that is valid, and push again';

/**
 * Status words of gpg that end the matter, first found first told, whatever else gpg says. `%G?` of Git folds them into
 * one letter, and for a good signature by a key without trust (U) or an expired one (Y) that letter leads astray.
 */
const telling: Readonly<Record<string, Verdict>> = {
  BADSIG: refused(
    'its signature does not fit its content',
    'find out who changed it; do not accept it',
  ),
  EXPSIG: refused('its signature has expired', signAgain),
  EXPKEYSIG: refused(
    'it is signed by a key that has expired',
    'sign with a valid key, or give the key as it is after it was prolonged',
  ),
  REVKEYSIG: refused('it is signed by a key that was revoked', signAgain),
  NO_PUBKEY: unknownKey,
  ERRSIG: refused('its signature cannot be checked', addKey),
  NODATA: refused('its signature is of no known form', signAgain),
  UNEXPECTED: refused('its signature is of no known form', signAgain),
};

/** Digest algorithms of OpenPGP that still bind a signature to its content: SHA-2 and SHA-3. */
const soundDigests: ReadonlySet<string> = new Set(['8', '9', '10', '11', '12', '14']);

const unjudged = refused('its signature cannot be checked', signAgain);

/**
 * @param lines  of one signature, without `[GNUPG:] `
 * @param keys   fingerprints of the primary keys that were given
 */
export function gpgVerdict(lines: readonly string[], keys: ReadonlySet<string>): Verdict {
  const words = lines.map((line) => line.split(' '));
  const told = words.map(([word = '']) => word);
  const trouble = Object.entries(telling).find(([word]) => told.includes(word));
  if (trouble) return trouble[1];
  const isOne = exactlyOnce.every((word) => told.filter((each) => each === word).length === 1);
  const valid = words.find(([word]) => word === 'VALIDSIG');
  return isOne && valid?.length === 11 ? ofValid(valid, keys) : unjudged;
}

/** The words of one good signature by a valid key, and of one alone. */
const exactlyOnce = ['NEWSIG', 'GOODSIG', 'VALIDSIG'];

/** VALIDSIG fingerprint date time expiry version reserved algorithm digest class primary (DETAILS of GnuPG). */
function ofValid(valid: readonly string[], keys: ReadonlySet<string>): Verdict {
  const [digest = '', kind = '', primary = ''] = valid.slice(8);
  if (kind !== '00') return unjudged;
  if (!soundDigests.has(digest)) return unsound;
  return keys.has(primary) ? { kind: 'good', signer: primary } : unknownKey;
}

const unsound = refused(
  'its signature uses a digest that no longer protects it',
  'sign with SHA-256, see digest-algo of gpg',
);

/**
 * Cuts what gpg says of several files.
 *
 * @returns by file, its lines without `[GNUPG:] `; a file that gpg did not come to is missing
 */
export function linesByFile(output: string): ReadonlyMap<string, readonly string[]> {
  const found = new Map<string, string[]>();
  let file: string[] | undefined;
  for (const line of output.split('\n')) {
    if (!line.startsWith('[GNUPG:] ')) continue;
    const text = line.slice('[GNUPG:] '.length);
    const [word, , name] = text.split(' ');
    if (word === 'FILE_START' && name !== undefined) found.set(name, (file = []));
    else if (word === 'FILE_DONE') file = undefined;
    else file?.push(text);
  }
  return found;
}
