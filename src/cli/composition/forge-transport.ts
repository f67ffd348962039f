import { readFile } from 'node:fs/promises';
import type { HttpsProxy, NodeTransport } from '../../platform/http/transport.ts';
import { CliError } from '../exit.ts';
import type { Variables } from './forge-place.ts';
import { isInside } from './review-trust.ts';

/**
 * The way to a forge: through the proxy of `HTTPS_PROXY`, but to the hosts of `NO_PROXY` straight, and trusting the
 * certificates of `FAIRLEAD_FORGE_CA_FILE` beside the system's. Platforms are never asked through a proxy.
 *
 * @param top  of the checkout, in which no such file may lie
 * @throws CliError `Usage`, `SettingsInCheckout`
 */
export async function openForgeTransport(
  variables: Variables,
  top: string | undefined,
): Promise<NodeTransport> {
  const proxy = proxyOf(variables);
  const ca = await authorities(given(variables, ['FAIRLEAD_FORGE_CA_FILE']), top);
  const { createNodeTransport } = await import('../../platform/http/transport.ts');
  return createNodeTransport({
    ...(proxy === undefined ? {} : { proxy }),
    ...(ca === undefined ? {} : { ca: [ca] }),
  });
}

function given(variables: Variables, names: readonly string[]): string | undefined {
  return names
    .map((name) => variables[name]?.trim())
    .find((text) => text !== undefined && text !== '');
}

function proxyOf(variables: Variables): HttpsProxy | undefined {
  const address = given(variables, ['HTTPS_PROXY', 'https_proxy', 'ALL_PROXY', 'all_proxy']);
  if (address === undefined) return undefined;
  // An address may hold a password: what is wrong with it is told without it.
  if (!/^https?:$/.test(URL.parse(address)?.protocol ?? ''))
    throw new CliError('Usage', 'HTTPS_PROXY holds no address of a proxy', {
      nextStep:
        'write it as http://HOST:PORT, with NAME:PASSWORD@ before the host if it wants them',
    });
  if (!knowsProxies(process.versions.node))
    throw new CliError('Usage', 'this Node cannot ask through a proxy', {
      nextStep: 'use Node 24.5, 22.21 or newer; or unset HTTPS_PROXY',
    });
  const without = given(variables, ['NO_PROXY', 'no_proxy']);
  return { HTTPS_PROXY: address, ...(without === undefined ? {} : { NO_PROXY: without }) };
}

/** Older ones would pass over the proxy without a word. @see Node.js, http.Agent, `proxyEnv` */
function knowsProxies(version: string): boolean {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  return major > 24 || (major === 24 && minor >= 5) || (major === 22 && minor >= 21);
}

async function authorities(
  file: string | undefined,
  top: string | undefined,
): Promise<string | undefined> {
  if (file === undefined) return undefined;
  if (top !== undefined && isInside(file, top))
    throw new CliError('SettingsInCheckout', 'the certificates lie in the reviewed checkout', {
      nextStep: 'keep them outside: whoever opens a pull request can write what is in a checkout',
    });
  const text = await readFile(file, 'utf8').catch((cause: unknown) => {
    throw unusable(`${file} cannot be read`, cause);
  });
  if (!text.includes('-----BEGIN CERTIFICATE-----')) throw unusable(`${file} holds no certificate`);
  return text;
}

function unusable(what: string, cause?: unknown): CliError {
  return new CliError('Usage', what, {
    ...(cause === undefined ? {} : { cause }),
    nextStep: 'name a PEM file of certificates in FAIRLEAD_FORGE_CA_FILE',
  });
}
