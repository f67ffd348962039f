import { readFile } from 'node:fs/promises';
import { SecretText } from '../../core/words/secret-text.ts';
import type { ForgeCredential } from '../../review/forges/shared-settings.ts';
import { CliError } from '../exit.ts';
import type { ForgePlace, Variables } from './forge-place.ts';
import { isInside } from './review-trust.ts';

/** How we prove to the forge who we are, and how git may read its repository. */
export interface ForgeAccess {
  readonly credential: ForgeCredential;
  /** For git over https; undefined: none is there, or an App makes it. */
  readonly git: { readonly username: string; readonly token: SecretText } | undefined;
}

/** Variables of a CI that hold a token for its own forge, best first. */
const ownTokens = {
  github: ['GITHUB_TOKEN', 'GH_TOKEN'],
  gitea: ['GITEA_TOKEN', 'FORGEJO_TOKEN', 'GITHUB_TOKEN'],
  gitlab: ['GITLAB_TOKEN'],
} as const;

const usernames = { github: 'x-access-token', gitea: 'git', gitlab: 'oauth2' } as const;

/**
 * The token of `FAIRLEAD_FORGE_TOKEN`, a GitHub App, or what the CI gives: the last for the CI's own forge alone, so that
 * an address that somebody else gave never sees it.
 *
 * @param top  of the checkout, in which no key may lie
 * @throws CliError `ForgeTokenMissing`, `SettingsInCheckout`, `Usage`
 */
export async function forgeAccess(
  place: ForgePlace,
  variables: Variables,
  top: string | undefined,
): Promise<ForgeAccess> {
  const token = given(variables, ['FAIRLEAD_FORGE_TOKEN']) ?? ownToken(place, variables);
  const git = token && { username: usernames[place.name], token };
  const app = await appOf(place, variables, top);
  if (app) return { credential: app, git };
  if (token) return { credential: { kind: 'token', token }, git };
  return jobAccess(place, variables);
}

function ownToken({ name, isOwn }: ForgePlace, variables: Variables): SecretText | undefined {
  return isOwn ? given(variables, ownTokens[name]) : undefined;
}

function given(variables: Variables, names: readonly string[]): SecretText | undefined {
  const text = names.map((name) => variables[name]).find((one) => one !== undefined && one !== '');
  return text === undefined ? undefined : new SecretText(text.trim());
}

/** The token of a GitLab job can read and not write: the forge's answer says what to do. */
function jobAccess({ name, isOwn }: ForgePlace, variables: Variables): ForgeAccess {
  const token = isOwn && name === 'gitlab' ? given(variables, ['CI_JOB_TOKEN']) : undefined;
  if (token)
    return {
      credential: { kind: 'jobToken', token },
      git: { username: 'gitlab-ci-token', token },
    };
  const names = isOwn ? ` or ${ownTokens[name][0]}` : '';
  throw new CliError('ForgeTokenMissing', 'there is no token for the forge', {
    nextStep: `set FAIRLEAD_FORGE_TOKEN${names} for this job, never as an argument`,
  });
}

async function appOf(
  { name }: ForgePlace,
  variables: Variables,
  top: string | undefined,
): Promise<ForgeCredential | undefined> {
  const appId = variables['FAIRLEAD_FORGE_APP_ID'];
  const file = variables['FAIRLEAD_FORGE_APP_KEY_FILE'];
  if (name !== 'github' || (appId ?? '') === '' || appId === undefined) return undefined;
  if (file === undefined || file === '')
    throw new CliError('Usage', 'FAIRLEAD_FORGE_APP_ID is set, and no key of the App', {
      nextStep: 'name the file of its private key in FAIRLEAD_FORGE_APP_KEY_FILE',
    });
  if (top !== undefined && isInside(file, top))
    throw new CliError('SettingsInCheckout', 'the key of the App lies in the reviewed checkout', {
      nextStep: 'keep it outside: whoever opens a pull request can write what is in a checkout',
    });
  return { kind: 'app', appId, privateKey: await readKey(file) };
}

async function readKey(file: string): Promise<SecretText> {
  try {
    return new SecretText(await readFile(file, 'utf8'));
  } catch (cause) {
    throw new CliError('Usage', `the key of the App, ${file}, cannot be read`, {
      cause,
      nextStep: 'correct FAIRLEAD_FORGE_APP_KEY_FILE',
    });
  }
}
