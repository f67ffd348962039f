import { userInfo } from 'node:os';
import type { Session } from '../session.ts';

const maxLength = 64;

/** Who gives an order: the user of the process; where that is root by way of sudo, whoever called sudo. */
export function userOf({ environment }: Pick<Session, 'environment'>): string {
  const { username, uid } = currentUser();
  const sudo = environment.variables['SUDO_USER'];
  const name = uid === 0 && sudo !== undefined && sudo !== '' ? sudo : username;
  return name.slice(0, maxLength);
}

/** A container may run as a user that no table names. */
function currentUser(): { readonly username: string; readonly uid: number } {
  const uid = process.getuid?.() ?? -1;
  try {
    return { username: userInfo().username, uid };
  } catch {
    return { username: `uid ${String(uid)}`, uid };
  }
}
