import { openKeyring, type Signed, type Verifier, type Workshop } from './gpg.ts';
import type { Signature } from './object.ts';
import { openAllowedSigners } from './ssh.ts';
import { refused, type Refusal, type Verdict } from './verdicts.ts';

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
    const verdicts = judged.map(({ signature }) => refused(withoutTools[signature.kind]));
    for (const kind of ['gpg', 'ssh'] as const) {
      await fill(verifiers[kind], { kind, judged, verdicts }, inner);
    }
    return verdicts;
  };
}

const noGpg = refusing('NoGpgKeys');
const noSsh = refusing('NoAllowedSigners');

function refusing(why: Refusal): Verifier {
  return async (signed) => signed.map(() => refused(why));
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
const withoutTools = {
  none: 'Unsigned',
  gpg: 'Unjudged',
  ssh: 'Unjudged',
  x509: 'Certificate',
  twice: 'SignedTwice',
  unknown: 'UnknownForm',
} as const satisfies Record<Signature['kind'], Refusal>;
