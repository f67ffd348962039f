import { ReconcileError } from '../../core/words/errors.ts';
import type { ForgeName } from '../../ports/forge.ts';
import type { ForgeSettings } from './shared-settings.ts';

export interface ForgeAddresses {
  /** Each without a slash at the end. */
  readonly web: string;
  readonly api: string;
  /** `owner` and `name`; on GitLab any number of groups before the name. */
  readonly repository: readonly string[];
}

const apiPaths = { gitlab: '/api/v4', gitea: '/api/v1', github: '/api/v3' } as const;

/**
 * Where a repository's forge is asked.
 *
 * @throws ReconcileError `SettingsInvalid`
 */
export function addressesOf({
  name,
  webUrl,
  apiUrl,
  repository,
}: Pick<ForgeSettings, 'name' | 'webUrl' | 'apiUrl' | 'repository'>): ForgeAddresses {
  const web = checkedUrl(webUrl);
  const api = apiUrl === undefined ? apiOf(name, web) : checkedUrl(apiUrl);
  return { web: plain(web), api: plain(api), repository: partsOf(name, repository) };
}

/** @see https://docs.github.com/en/enterprise-cloud@latest/rest/using-the-rest-api (SUBDOMAIN.ghe.com) */
function apiOf(name: ForgeName, web: URL): URL {
  const isHosted = web.hostname === 'github.com' || web.hostname.endsWith('.ghe.com');
  if (name === 'github' && isHosted) return new URL(`https://api.${web.host}`);
  return new URL(plain(web) + apiPaths[name]);
}

function checkedUrl(text: string): URL {
  const url = URL.parse(text);
  if (url === null || !/^https?:$/.test(url.protocol))
    throw invalid("the forge's address is no http(s) URL", 'write it as https://HOST');
  if (url.username !== '' || url.password !== '')
    throw invalid("the forge's address holds credentials", 'give the token by itself');
  if (url.search !== '' || url.hash !== '')
    throw invalid("the forge's address has a query or fragment", 'leave out what follows the path');
  return url;
}

function plain({ origin, pathname }: URL): string {
  return (origin + pathname).replace(/\/+$/, '');
}

function partsOf(name: ForgeName, repository: string): readonly string[] {
  const parts = repository.split('/');
  // The first character keeps `..` out of the address.
  const isFine = parts.every((part) => /^[\w][\w.+-]{0,254}$|^\.[\w-][\w.-]{0,253}$/u.test(part));
  const count = name === 'gitlab' ? parts.length >= 2 : parts.length === 2;
  if (!isFine || !count)
    throw invalid(
      'the repository is no OWNER/NAME',
      name === 'gitlab' ? 'write it as GROUP/PROJECT, with all groups' : 'write it as OWNER/NAME',
    );
  return parts;
}

function invalid(what: string, nextStep: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', what, { nextStep });
}
