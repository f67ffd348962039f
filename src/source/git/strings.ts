import { ReconcileError } from '../../core/words/errors.ts';

/*
 * Every string that reaches a git command line passes one of these constructors. What they let through can neither be
 * taken for an option nor carry a second line, a second command or a credential.
 */

declare const checked: unique symbol;
type Checked<Name extends string> = string & { readonly [checked]: Name };

/** A remote's URL: https, ssh, or where tests allow it file, and http on this machine. */
export type RemoteUrl = Checked<'RemoteUrl'>;
/** A full ref name: `refs/heads/...` or `refs/tags/...`. */
export type RefName = Checked<'RefName'>;
/** A whole object id, SHA-1 or SHA-256. */
export type Oid = Checked<'Oid'>;
/** A revision as people write it, such as `HEAD~2` or `v1.2.0`. */
export type Revision = Checked<'Revision'>;
/** A path below the root of a tree, `/` between its parts, empty for the root. */
export type TreePath = Checked<'TreePath'>;

/** Printable ASCII without space, quotes, backslash and backquote. */
const urlCharacters = /^[!#$%&()*+,\-./0-9:;=?@A-Z[\]_a-z~]+$/;
const host = /^[A-Za-z0-9]([A-Za-z0-9.-]*[A-Za-z0-9])?$|^\[[0-9a-fA-F:.]+\]$/;
const loopback = /^(127\.0\.0\.1|localhost|\[::1\])$/;
const user = /^([A-Za-z0-9_][A-Za-z0-9._-]*)?$/;
const scpLike =
  /^([A-Za-z0-9_][A-Za-z0-9._-]*)@([A-Za-z0-9][A-Za-z0-9.-]*):([A-Za-z0-9_~/.][A-Za-z0-9._~/-]*)$/;

/**
 * @param allowFile  `allowFileUrls` of the settings, for tests
 * @throws ReconcileError `SettingsInvalid`; the message never holds the URL, which could hold a credential
 */
export function remoteUrl(text: string, allowFile: boolean): RemoteUrl {
  const refusal = refuseText(text) ?? (scpLike.test(text) ? undefined : refuseUrl(text, allowFile));
  if (refusal === undefined) return text as RemoteUrl;
  const isForTests = !allowFile && refuseUrl(text, true) === undefined;
  throw new ReconcileError('SettingsInvalid', `the url of the GitSource is refused: ${refusal}`, {
    nextStep: isForTests
      ? `for a test, set allowFileUrls: true in the Settings; else ${give}`
      : give,
  });
}

const give =
  'give a URL like https://git.example/team/releases or ssh://git@git.example/team/releases';

const onlyThese = 'only https and ssh are allowed';

function refuseText(text: string): string | undefined {
  const isPlain = text.length <= 2048 && urlCharacters.test(text) && !text.startsWith('-');
  return isPlain ? undefined : 'it holds characters that no repository needs';
}

function refuseUrl(text: string, allowFile: boolean): string | undefined {
  // `a::b` is git's way to name a helper program; a URL parser would take it for a scheme.
  if (!/^[a-z]+:\/\//.test(text)) return onlyThese;
  const url = parsed(text);
  if (!url) return 'it is no URL';
  const namesRepository = url.pathname.length > 1 && url.search === '' && url.hash === '';
  if (!namesRepository) return 'it names no repository';
  if (allowFile && url.protocol === 'file:' && url.host === '') return undefined;
  return isAllowed(url, allowFile) ? refuseAuthority(url) : onlyThese;
}

function parsed(text: string): URL | undefined {
  // A port of no digits is most often a password with a slash in it.
  return /^[a-z]+:\/\/[^/]*:\//.test(text) ? undefined : (URL.parse(text) ?? undefined);
}

function isAllowed({ protocol, hostname }: URL, allowFile: boolean): boolean {
  if (allowFile && protocol === 'http:') return loopback.test(hostname);
  return protocol === 'https:' || protocol === 'ssh:';
}

function refuseAuthority({ protocol, username, password, hostname }: URL): string | undefined {
  if (password !== '' || (protocol !== 'ssh:' && username !== '')) return 'it holds a credential';
  if (!user.test(username)) return 'its user is none';
  return host.test(hostname) ? undefined : 'its host is none';
}

/** The server of a URL; undefined for a file URL. `port` is empty where it is the usual one. */
export function serverOf(
  url: RemoteUrl,
): { readonly name: string; readonly port: string } | undefined {
  const inScp = scpLike.exec(url)?.[2];
  const { hostname: name, port } =
    inScp === undefined ? new URL(url) : { hostname: inScp, port: '' };
  return name === '' ? undefined : { name: name.toLowerCase(), port };
}

/** The server of a URL as people write it, with its port where that is not the usual one; undefined for a file URL. */
export function hostOf(url: RemoteUrl): string | undefined {
  const server = serverOf(url);
  return server && (server.port === '' ? server.name : `${server.name}:${server.port}`);
}

const refPart = /^[\p{L}\p{N}_][\p{L}\p{N}_.+@=#-]*$/u;

/** @throws ReconcileError `SettingsInvalid` */
export function refName(kind: 'heads' | 'tags', name: string): RefName {
  const parts = name.split('/');
  const isGood = (part: string): boolean =>
    refPart.test(part) && !part.includes('..') && !part.endsWith('.') && !part.endsWith('.lock');
  if (name.length > 255 || !parts.every(isGood) || name.includes('@{')) {
    throw new ReconcileError(
      'SettingsInvalid',
      `${quoted(name)} is no name of a ${kind === 'heads' ? 'branch' : 'tag'}`,
      {
        nextStep: 'letters, digits and . _ - + / make a name that every server takes',
      },
    );
  }
  return `refs/${kind}/${name}` as RefName;
}

export const tagPrefix = 'refs/tags/';

const oidPattern = /^([0-9a-f]{40}|[0-9a-f]{64})$/;

export function isOid(text: string): text is Oid {
  return oidPattern.test(text);
}

/** @throws ReconcileError `SourceUnavailable`: git or the server said something else than an object id */
export function oid(text: string): Oid {
  if (isOid(text)) return text;
  throw new ReconcileError('SourceUnavailable', 'git did not answer with an object id');
}

const revisionPattern = /^[\p{L}\p{N}_@][\p{L}\p{N}_.+@=#/-]*((\^\d*|~\d*)*|@\{[a-z0-9]{1,20}\})$/u;

/** @throws ReconcileError `LocalFailure` */
export function revisionName(text: string): Revision {
  if (text.length > 255 || text.includes('..') || !revisionPattern.test(text)) {
    throw new ReconcileError('LocalFailure', `${quoted(text)} is no revision`, {
      nextStep: 'name a branch, a tag, a commit, or one of them with ~N or ^N',
    });
  }
  return text as Revision;
}

/* eslint-disable-next-line no-control-regex -- control characters are what is refused */
const unfit = /[\0-\x1f\x7f\\]|^-/;

/** @throws ReconcileError `SettingsInvalid` for what leaves the tree or is no plain path */
export function treePath(text: string): TreePath {
  const trimmed = text.replace(/^(\.\/)+/, '').replace(/\/+$/, '');
  if (trimmed === '' || trimmed === '.') return '' as TreePath;
  const isGood = (part: string): boolean =>
    part !== '' && part !== '.' && part !== '..' && part.toLowerCase() !== '.git';
  if (text.length <= 1024 && !unfit.test(trimmed) && trimmed.split('/').every(isGood)) {
    return trimmed as TreePath;
  }
  throw new ReconcileError('SettingsInvalid', `${quoted(text)} is no path in a repository`, {
    nextStep: 'give a folder below the root of the repository, with / between its parts',
  });
}

/** Untrusted text for a message: one line, printable, short. */
export function quoted(text: string): string {
  return JSON.stringify(text.length > 80 ? `${text.slice(0, 80)}…` : text);
}

/** Says in a refusal whose settings are refused. @throws ReconcileError  as `check` does */
export function named<T>(source: string, check: () => T): T {
  try {
    return check();
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const { code, message, nextStep } = error;
    throw new ReconcileError(code, `source ${source}: ${message}`, {
      cause: error,
      ...(nextStep === undefined ? {} : { nextStep }),
    });
  }
}
