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
    repository: repositoryOf(given.repository ?? around.repository),
    pull: pullOf(given.pull ?? around.pull),
  };
}

function forgeName(text: string): ForgeName {
  if (text === 'github' || text === 'gitlab' || text === 'gitea') return text;
  throw new CliError('Usage', `${text} is no forge`, {
    nextStep: 'say --forge github, --forge gitlab or --forge gitea (also for Forgejo)',
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
  if (isPlain && text !== undefined) return plainUrl(text);
  // What is wrong with it may be a password: it is not repeated.
  throw new CliError('Usage', 'the address of the forge is missing or no plain https address', {
    nextStep: 'give it like --forge-url https://git.example.com',
  });
}

const repositoryPattern = /^[A-Za-z0-9_][\w.-]*(\/[A-Za-z0-9_.][\w.-]*)+$/;

function repositoryOf(text: string | undefined): string {
  if (text !== undefined && repositoryPattern.test(text) && !text.split('/').includes('..'))
    return text;
  throw new CliError('Usage', 'the repository of the pull request is not known', {
    nextStep: 'give it like --repo OWNER/NAME',
  });
}

function pullOf(text: string | undefined): number {
  if (text !== undefined && /^[1-9]\d{0,9}$/.test(text)) return Number(text);
  throw new CliError('Usage', 'the number of the pull request is not known', {
    nextStep: 'run it for a pull request, or give --pull NUMBER',
  });
}
