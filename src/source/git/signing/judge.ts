import { openKeyring, type Signed, type Verifier, type Workshop } from './gpg.ts';
import type { Signature } from './object.ts';
import { openAllowedSigners } from './ssh.ts';
import { refused, unsigned, type Verdict } from './verdicts.ts';

/** Who may sign; at least one of the two, and what is not given verifies nothing. */
export interface SignerLists {
  /** Armored public keys. */
  readonly gpgKeys?: string;
  /** Lines of an SSH allowed signers file. */
  readonly allowedSigners?: string;
}

export interface Judged extends Omit<Signed, 'text'> {
  readonly signature: Signature;
}

/** Verdicts stand in the order of what was judged. */
export type Judge = (judged: readonly Judged[], signal: AbortSignal) => Promise<readonly Verdict[]>;

/** @throws ReconcileError `SettingsInvalid`, `SourceUnavailable` */
export async function openJudge(
  workshop: Workshop,
  { gpgKeys, allowedSigners }: SignerLists,
  signal: AbortSignal,
): Promise<Judge> {
  const verifiers = {
    gpg: gpgKeys === undefined ? noGpg : await openKeyring(workshop, gpgKeys, signal),
    ssh: allowedSigners === undefined ? noSsh : await openAllowedSigners(workshop, allowedSigners),
  };
  return async (judged, inner) => {
    const verdicts = judged.map(({ signature }) => withoutTools(signature));
    for (const kind of ['gpg', 'ssh'] as const) {
      await fill(verifiers[kind], { kind, judged, verdicts }, inner);
    }
    return verdicts;
  };
}

const noGpg = refusing('it is signed with OpenPGP, and the signature policy has no gpgKeys');
const noSsh = refusing('it is signed with SSH, and the signature policy has no allowedSigners');

function refusing(what: string): Verifier {
  const verdict = refused(what, 'sign with a key the policy knows, or add the key to it');
  return async (signed) => signed.map(() => verdict);
}

async function fill(
  verify: Verifier,
  into: {
    readonly kind: 'gpg' | 'ssh';
    readonly judged: readonly Judged[];
    readonly verdicts: Verdict[];
  },
  signal: AbortSignal,
): Promise<void> {
  const places: number[] = [];
  const signed = into.judged.flatMap(({ signature, ...rest }, index) => {
    if (signature.kind !== into.kind) return [];
    places.push(index);
    return [{ ...rest, text: signature.text }];
  });
  if (signed.length === 0) return;
  const found = await verify(signed, signal);
  found.forEach((verdict, index) => {
    into.verdicts[places[index] ?? -1] = verdict;
  });
}

/** What needs no tool; for the others, what stands until a tool has said otherwise. */
function withoutTools(signature: Signature): Verdict {
  if (signature.kind === 'x509') return x509;
  if (signature.kind !== 'unclear') return unsigned;
  return refused(signature.what, 'sign it once, with git commit -S or git tag -s');
}

const x509 = refused(
  'it is signed with an X.509 certificate, which is not supported',
  'sign with OpenPGP or SSH',
);
