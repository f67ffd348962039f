import { realpathSync } from 'node:fs';
import { dirname, join, relative, resolve } from 'node:path';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import { loadAdministrationIfAny, type Administration, type NamedConnection } from '../settings.ts';

/**
 * The administrator's settings, which a pull request must not be able to write.
 *
 * @param top  of the checkout: settings, keys and worlds that lie in it are refused, links followed; undefined: a mirror
 *   of our own, in which no file lies
 * @returns undefined where there are none: then no platform is asked
 * @throws CliError `SettingsInCheckout`; what loading settings throws
 */
export async function settingsOutside(
  session: Session,
  top: string | undefined,
): Promise<Administration | undefined> {
  const administration = await loadAdministrationIfAny(session);
  if (!administration || top === undefined) return administration;
  refuseInside(administration.file, top);
  for (const connection of administration.connections)
    for (const file of filesOf(connection)) refuseInside(administration.path(file), top);
  return administration;
}

function filesOf({ spec }: NamedConnection): readonly string[] {
  const { privateKey, platformPublicKey, fingerprintKey, caFile, dataDir, worldFile } = spec;
  const keys = [
    privateKey,
    platformPublicKey,
    fingerprintKey,
    ...(spec.previousFingerprintKeys ?? []),
  ];
  return [...keys.map((from) => from?.file), caFile, dataDir, worldFile].filter(
    (file) => file !== undefined,
  );
}

/** Whether a file lies in the checkout, links followed: then a pull request can write it. */
export function isInside(file: string, top: string): boolean {
  const path = relative(real(top), real(resolve(file)));
  return !(path.startsWith('..') || path === '' || path.startsWith('/'));
}

function refuseInside(file: string, top: string): void {
  if (!isInside(file, top)) return;
  throw new CliError('SettingsInCheckout', `${file} lies in the checkout that is reviewed`, {
    nextStep:
      'keep settings and keys outside of it: whoever opens a pull request can write what is in a checkout',
  });
}

/** The place itself, or of what is not there the place it would have. */
function real(path: string): string {
  try {
    return realpathSync(path);
  } catch {
    const parent = dirname(path);
    return parent === path
      ? path
      : join(real(parent), path.slice(parent.length + (parent.endsWith('/') ? 0 : 1)));
  }
}
