import { lookup } from 'node:dns/promises';
import { hostKind, isNeverAServer } from '../../core/validate/hosts.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { serverOf, type RemoteUrl } from './strings.ts';

/** All addresses of a name. */
export type Lookup = (name: string) => Promise<readonly { readonly address: string }[]>;

const byTheSystem: Lookup = (name) => lookup(name, { all: true });

/**
 * Judges where the server of a URL is before anything is sent there: whoever writes an object would otherwise have the
 * controller ask its own machine, or the cloud around it.
 *
 * @param allowLoopback  for tests: a server on this machine
 * @returns the addresses that were judged, for a request over https to use no other (ssh resolves for itself once more);
 *   undefined where only git can tell
 * @throws ReconcileError `SettingsInvalid`
 */
export async function judgedAddresses(
  url: RemoteUrl,
  allowLoopback: boolean,
  resolve: Lookup = byTheSystem,
): Promise<readonly string[] | undefined> {
  const name = serverOf(url)?.name;
  if (name === undefined) return undefined;
  const isRefused = (host: string): boolean => {
    const kind = hostKind(host);
    return isNeverAServer(kind) || (kind === 'loopback' && !allowLoopback);
  };
  const found = hostKind(name) === 'name' ? await addressesOf(name, resolve) : undefined;
  if (![name, ...(found ?? [])].some(isRefused)) return found;
  throw new ReconcileError(
    'SettingsInvalid',
    'the url of the GitSource names the machine of the controller, or the cloud around it',
    { nextStep: 'name the Git server by the host name under which others reach it' },
  );
}

/** A proxy may know names that this machine does not. */
async function addressesOf(name: string, resolve: Lookup): Promise<readonly string[] | undefined> {
  try {
    return (await resolve(name)).map(({ address }) => address);
  } catch {
    return undefined;
  }
}
