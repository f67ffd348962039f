import type { ForgeName } from '../../ports/forge.ts';
import { CliError } from '../exit.ts';
import { asObject } from './forge-event.ts';

/** Which pull request, where: as it was given, else as the CI says. */
export interface ForgePlace {
  readonly name: ForgeName;
  /** Without a slash at its end. */
  readonly webUrl: string;
  /** As the CI says; undefined: the forge's usual one. */
  readonly apiUrl: string | undefined;
  readonly repository: string;
  readonly pull: number;
  /** The place is the CI's own: its token may go there, and to no other. */
  readonly isOwn: boolean;
}

/** Options of the command line. */
export interface ForgeGiven {
  readonly forge: string;
  readonly url: string | undefined;
  readonly repository: string | undefined;
  readonly pull: string | undefined;
}

export type Variables = Readonly<Record<string, string | undefined>>;

/** What a forge's own CI says of itself. */
interface Surroundings {
  readonly webUrl: string | undefined;
  readonly apiUrl: string | undefined;
  readonly repository: string | undefined;
  readonly pull: string | undefined;
}

/** Where a forge is that everybody shares; undefined: each has an address of its own. */
export const usualForgeUrls: Readonly<Record<ForgeName, string | undefined>> = {
  github: 'https://github.com',
  gitlab: 'https://gitlab.com',
  gitea: undefined,
};

/**
 * The pull request that a review is about.
 *
 * @param event  what the CI's event file holds, parsed; undefined where there is none
 * @throws CliError `Usage`
 */
export function forgePlace(given: ForgeGiven, variables: Variables, event: unknown): ForgePlace {
  const name = forgeName(given.forge);
  const around = surroundings[name](variables, event);
  const webUrl = webAddress(given.url ?? around.webUrl ?? usualForgeUrls[name]);
  const isOwn = around.webUrl !== undefined && webUrl === plainUrl(around.webUrl);
  return {
    ...{ name, webUrl, isOwn },
    apiUrl: isOwn && around.apiUrl !== undefined ? plainUrl(around.apiUrl) : undefined,
    ...wherein(given.repository ?? around.repository, given.pull ?? around.pull),
  };
}

function forgeName(text: string): ForgeName {
  if (text === 'github' || text === 'gitlab' || text === 'gitea') return text;
  const meant = text.toLowerCase() === 'forgejo' ? 'gitea' : text.toLowerCase();
  const isKnown = /^(github|gitlab|gitea)$/.test(meant);
  throw new CliError('Usage', `--forge ${text} is no forge that a review knows`, {
    nextStep: isKnown
      ? `say --forge ${meant}`
      : 'say --forge github, --forge gitlab or --forge gitea (also for Forgejo)',
  });
}

const surroundings: Readonly<
  Record<ForgeName, (variables: Variables, event: unknown) => Surroundings>
> = {
  github: (variables, event) => actions(['GITHUB'], variables, event),
  gitea: (variables, event) => actions(['GITEA', 'FORGEJO', 'GITHUB'], variables, event),
  gitlab: (variables) => ({
    webUrl: textOf(variables['CI_SERVER_URL']),
    apiUrl: textOf(variables['CI_API_V4_URL']),
    repository:
      textOf(variables['CI_MERGE_REQUEST_PROJECT_PATH']) ?? textOf(variables['CI_PROJECT_PATH']),
    pull: textOf(variables['CI_MERGE_REQUEST_IID']),
  }),
};

/** Gitea and Forgejo speak the words of GitHub Actions, in part with prefixes of their own. */
function actions(prefixes: readonly string[], variables: Variables, event: unknown): Surroundings {
  const of = (name: string): string | undefined =>
    prefixes
      .map((prefix) => textOf(variables[`${prefix}_${name}`]))
      .find((text) => text !== undefined);
  return {
    webUrl: of('SERVER_URL'),
    apiUrl: of('API_URL'),
    repository: of('REPOSITORY'),
    pull: pullOfEvent(event) ?? /^refs\/pull\/(\d+)\//.exec(of('REF') ?? '')?.[1],
  };
}

function pullOfEvent(event: unknown): string | undefined {
  const { pull_request: pull, number, issue } = asObject(event);
  const found = asObject(pull)['number'] ?? number;
  const commented = asObject(issue);
  const isPull = commented['pull_request'] !== undefined;
  const of = found ?? (isPull ? commented['number'] : undefined);
  return typeof of === 'number' ? String(of) : undefined;
}

function textOf(text: string | undefined): string | undefined {
  return text === '' ? undefined : text;
}

function plainUrl(text: string): string {
  return text.replace(/\/+$/, '');
}

function webAddress(text: string | undefined): string {
  const url = text === undefined ? undefined : (URL.parse(text) ?? undefined);
  const isPlain =
    url !== undefined &&
    /^https?:$/.test(url.protocol) &&
    `${url.username}${url.password}${url.search}${url.hash}` === '';
  if (isPlain && url.protocol === 'http:' && !loopback.test(url.hostname))
    throw new CliError(
      'Usage',
      'the forge is not asked over http: whoever listens would have the token',
      {
        nextStep: 'give its https address with --forge-url, such as https://git.example.com',
      },
    );
  if (isPlain && text !== undefined) return plainUrl(text);
  // What is wrong with it may be a password: it is not repeated.
  throw new CliError('Usage', 'the address of the forge is missing or no plain https address', {
    nextStep: 'give it like --forge-url https://git.example.com',
  });
}

/** Only this machine is asked without TLS, as forges for tests are. */
const loopback = /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/;

const repositoryPattern = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_.][\w.-]*)+$/;

/** What is missing is named at once, and not one thing after the other. */
function wherein(
  repository: string | undefined,
  pull: string | undefined,
): Pick<ForgePlace, 'repository' | 'pull'> {
  const isRepository =
    repository !== undefined &&
    repositoryPattern.test(repository) &&
    !repository.split('/').includes('..');
  const isPull = pull !== undefined && /^[1-9]\d{0,9}$/.test(pull);
  if (isRepository && isPull) return { repository, pull: Number(pull) };
  const wrong = [
    ...(isRepository ? [] : [wrongOf('its repository', repository, 'OWNER/NAME')]),
    ...(isPull ? [] : [wrongOf('its number', pull, 'number')]),
  ];
  const give = [
    ...(isRepository ? [] : ['--repo OWNER/NAME']),
    ...(isPull ? [] : ['--pull NUMBER']),
  ];
  throw new CliError('Usage', `which pull request is meant is not known: ${wrong.join(', and ')}`, {
    nextStep: `give ${give.join(' and ')}; in CI, let the job run for pull requests: on pull_request (GitHub, Gitea), merge_request_event (GitLab)`,
  });
}

function wrongOf(what: string, text: string | undefined, form: string): string {
  return text === undefined ? `${what} is missing` : `${what} is no ${form}`;
}
