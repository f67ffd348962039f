import { CliError } from '../exit.ts';

export const forges = ['github', 'gitlab', 'gitea'] as const;
export type CiForge = (typeof forges)[number];

/** Where Fairlead itself is fetched from, at one commit. */
export interface Pin {
  /** `OWNER/REPO` on the forge, or the address of a repository. */
  readonly where: string;
  /** 40 or 64 hexadecimal digits. */
  readonly commit: string;
}

/** What a workflow is printed for; every text in it is safe to write between double quotes. */
export interface CiWanted {
  /** Paths of declarations below the root of the repository; none is everything. */
  readonly paths: readonly string[];
  /** The default branch. */
  readonly branch: string;
  /** Reviews of the repository's own pull requests stand on the signed snapshot, too. */
  readonly snapshot: boolean;
  readonly forks: boolean;
  readonly sarif: boolean;
  /** Undefined: the workflow says where to write it, and fails until somebody did. */
  readonly pin: Pin | undefined;
}

/** @throws CliError `Usage` */
export function forgeOf(text: string | undefined): CiForge {
  const found = forges.find((forge) => forge === text);
  if (found) return found;
  throw new CliError('Usage', `there is no workflow for ${text ?? 'nothing'}`, {
    nextStep: `use one of ${forges.join(', ')}`,
  });
}

/** Expressions of GitHub and inputs and variables of GitLab begin with a dollar; a path needs none. */
const unsafe = /[\p{Cc}"$\\`]/u;

/** @throws CliError `Usage` for a path that a workflow could read as something else */
export function pathsOf(paths: readonly string[]): readonly string[] {
  const bad = paths.find(
    (path) => path === '' || unsafe.test(path) || /^[-/]|(^|\/)\.\.(\/|$)/.test(path),
  );
  if (bad === undefined) return paths;
  throw new CliError('Usage', `${JSON.stringify(bad)} is no path for a workflow`, {
    nextStep:
      'give a path below the root of the repository, without .., quotes, dollars and backslashes',
  });
}

const branchName = /^[A-Za-z0-9_][A-Za-z0-9_./-]*$/;

/** @throws CliError `Usage` */
export function branchOf(branch: string | undefined): string {
  const name = branch ?? 'main';
  if (branchName.test(name) && !name.includes('..')) return name;
  throw new CliError('Usage', `${JSON.stringify(name)} is no name of a branch`, {
    nextStep: 'give the name of the default branch, such as main',
  });
}

const places: Readonly<Record<CiForge, { readonly pattern: RegExp; readonly like: string }>> = {
  github: {
    pattern: /^[A-Za-z0-9-]+\/[\w.-]+$/,
    like: 'OWNER/fairlead@COMMIT, a repository on the same GitHub',
  },
  gitea: {
    pattern: /^(?:https:\/\/[\w.:-]+(?:\/[\w.-]+)*\/)?[\w.-]+\/[\w.-]+$/,
    like: 'OWNER/fairlead@COMMIT or https://git.example.com/OWNER/fairlead@COMMIT',
  },
  gitlab: {
    pattern: /^https:\/\/[\w.:-]+(?:\/[\w.-]+)+$/,
    like: 'https://gitlab.example.com/GROUP/fairlead.git@COMMIT',
  },
};

/**
 * Where Fairlead is fetched from.
 *
 * @param text  `WHERE@COMMIT`; a tag or a branch is refused, as whoever can move it runs code beside the token
 * @throws CliError `Usage`
 */
export function pinOf(text: string | undefined, forge: CiForge): Pin | undefined {
  if (text === undefined) return undefined;
  const [, where = '', commit = ''] = /^(.*)@([0-9a-f]{40}|[0-9a-f]{64})$/.exec(text) ?? [];
  const { pattern, like } = places[forge];
  if (pattern.test(where)) return { where, commit };
  throw new CliError('Usage', `${JSON.stringify(text)} does not pin a commit of Fairlead`, {
    nextStep: `give ${like}, with the full hash`,
  });
}
