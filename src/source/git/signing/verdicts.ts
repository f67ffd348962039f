/* What a signature is worth, from what gpg says of it. Pure: one table decides, and it knows no "probably". */

/** The key that made a signature, or why it does not count. */
export type Verdict =
  | { readonly kind: 'good'; readonly signer: string }
  | { readonly kind: 'refused'; readonly why: Refusal };

interface Told {
  /** Goes on after the name of a commit or tag. */
  readonly what: string;
  readonly nextStep: string;
}

const sign = 'sign it with one key, with git commit -S or git tag -s, and push it again';
const signValid = 'sign it with a key that is valid, and push it again';
const findOut = 'find out who changed it, and do not accept it';

/** Everything that can be wrong, in words. */
export const refusals = {
  Unsigned: {
    what: 'it is not signed',
    nextStep: 'sign it and what follows it anew (git rebase -S, git tag -s), and push with force',
  },
  Malformed: {
    what: 'it is not formed as Git forms commits and tags',
    nextStep: 'make it anew with git, and push it again',
  },
  SignedTwice: { what: 'it carries more than one signature', nextStep: sign },
  UnknownForm: { what: 'its signature is of no known form', nextStep: sign },
  Certificate: {
    what: 'it is signed with an X.509 certificate, which is not supported',
    nextStep: 'sign it with OpenPGP or SSH, and push it again',
  },
  NoGpgKeys: {
    what: 'it is signed with OpenPGP, and the signature policy has no gpgKeys',
    nextStep: 'sign it with SSH, or add gpgKeys to the signature policy',
  },
  NoAllowedSigners: {
    what: 'it is signed with SSH, and the signature policy has no allowedSigners',
    nextStep: 'sign it with OpenPGP, or add allowedSigners to the signature policy',
  },
  UnknownSigner: {
    what: 'it is signed by a key that was not given',
    nextStep: 'if that key may sign here, add it to gpgKeys or allowedSigners',
  },
  Tampered: { what: 'its signature does not fit its content', nextStep: findOut },
  SignatureExpired: { what: 'its signature has expired', nextStep: signValid },
  KeyExpired: {
    what: 'it is signed by a key that has expired',
    nextStep: 'sign it with a valid key, or give the key as it is after it was prolonged',
  },
  KeyRevoked: { what: 'it is signed by a key that was revoked', nextStep: signValid },
  KeyUntimely: {
    what: 'its key may not sign in Git, or not at that time',
    nextStep:
      'see namespaces, valid-after and valid-before of allowedSigners, or sign with another key',
  },
  OtherNamespace: { what: 'its signature was made for something else than Git', nextStep: sign },
  WeakDigest: {
    what: 'its signature uses a digest that no longer protects it',
    nextStep: 'sign it with SHA-256, see digest-algo of gpg, and push it again',
  },
  Unjudged: { what: 'its signature cannot be checked', nextStep: signValid },
  NoTag: {
    what: 'it is no tag, and the signature policy verifies tags',
    nextStep: 'set ref.tag or ref.semver of the GitSource, or verify commits',
  },
  LightweightTag: {
    what: 'it is a lightweight tag, which cannot be signed',
    nextStep: 'make it with git tag -s, and push it again',
  },
  OtherTarget: {
    what: 'it does not name the commit that would be used',
    nextStep: 'sign a tag of that very commit',
  },
  OtherName: {
    what: 'it was signed under another name',
    nextStep: 'sign a tag of that name; a copy of a tag is not a tag of another name',
  },
} as const satisfies Record<string, Told>;

export type Refusal = keyof typeof refusals;

export function refused(why: Refusal): Verdict {
  return { kind: 'refused', why };
}

/**
 * Status words of gpg that end the matter, first found first told, whatever else gpg says. `%G?` of Git folds them into
 * one letter, and for a good signature by a key without trust (U) or an expired one (Y) that letter leads astray.
 */
const telling: Readonly<Record<string, Refusal>> = {
  BADSIG: 'Tampered',
  EXPSIG: 'SignatureExpired',
  EXPKEYSIG: 'KeyExpired',
  REVKEYSIG: 'KeyRevoked',
  NO_PUBKEY: 'UnknownSigner',
  ERRSIG: 'Unjudged',
  NODATA: 'UnknownForm',
  UNEXPECTED: 'UnknownForm',
};

/** Digest algorithms of OpenPGP that still bind a signature to its content: SHA-2 and SHA-3. */
const soundDigests: ReadonlySet<string> = new Set(['8', '9', '10', '11', '12', '14']);

/**
 * @param lines  of one signature, without `[GNUPG:] `
 * @param keys   fingerprints of the primary keys that were given
 */
export function gpgVerdict(lines: readonly string[], keys: ReadonlySet<string>): Verdict {
  const words = lines.map((line) => line.split(' '));
  const told = words.map(([word = '']) => word);
  const trouble = Object.entries(telling).find(([word]) => told.includes(word));
  if (trouble) return refused(trouble[1]);
  const isOne = exactlyOnce.every((word) => told.filter((each) => each === word).length === 1);
  const valid = words.find(([word]) => word === 'VALIDSIG');
  return isOne && valid?.length === 11 ? ofValid(valid, keys) : refused('Unjudged');
}

/** The words of one good signature by a valid key, and of one alone. */
const exactlyOnce = ['NEWSIG', 'GOODSIG', 'VALIDSIG'];

/** VALIDSIG fingerprint date time expiry version reserved algorithm digest class primary (DETAILS of GnuPG). */
function ofValid(valid: readonly string[], keys: ReadonlySet<string>): Verdict {
  const [digest = '', kind = '', primary = ''] = valid.slice(8);
  if (kind !== '00') return refused('Unjudged');
  if (!soundDigests.has(digest)) return refused('WeakDigest');
  return keys.has(primary) ? { kind: 'good', signer: primary } : refused('UnknownSigner');
}

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
