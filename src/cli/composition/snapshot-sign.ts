import { sealed } from '../../core/snapshot/signature.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { gitFor } from './git.ts';
import { signingKey } from './snapshot-keys.ts';

/** Signs a snapshot, and names the commit of the working directory, if there is one. The key is read now. */
export async function signerOf(
  session: Session,
  keyFile: string,
): Promise<(text: string) => string> {
  const key = await signingKey(keyFile);
  const commit = await commitHere(session);
  return (text) => sealed(text, { time: systemClock.wall(), commit }, key);
}

const deadlineMs = 10_000;

async function commitHere(session: Session): Promise<string | undefined> {
  const args = ['rev-parse', '--verify', '--quiet', 'HEAD^{commit}'];
  const call = { directory: process.cwd(), args, deadlineMs };
  try {
    return (await gitFor(session, false).text(call, session.signal)).trim();
  } catch {
    session.signal.throwIfAborted();
    return undefined;
  }
}
