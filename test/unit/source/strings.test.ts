import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { ReconcileError } from '../../../src/core/words/errors.ts';
import {
  hostOf,
  isOid,
  refName,
  remoteUrl,
  revisionName,
  treePath,
} from '../../../src/source/git/strings.ts';
import { parseRange } from '../../../src/source/git/revision.ts';

function codeOf(work: () => unknown): string {
  try {
    work();
    return 'taken';
  } catch (error) {
    return error instanceof ReconcileError ? error.code : 'bug';
  }
}

/** Strings that have made git run something, or could. */
const hostile = [
  'ext::sh -c touch% /tmp/x',
  'ext::sh',
  'fd::17',
  'a::b',
  'transport::https://git.example/a',
  '--upload-pack=touch /tmp/x',
  '--upload-pack',
  '-u',
  '-utouch',
  '-oProxyCommand=touch /tmp/x',
  '--exec=touch',
  '--config=core.sshCommand=touch',
  '--',
  '',
  ' ',
  'https://git.example/a\r\nHost: evil',
  'https://git.example/a\nb',
  'https://git.example/\0a',
  'ssh://-oProxyCommand=touch/x',
  'ssh://git@-oProxyCommand=touch/x',
  'ssh://-oProxyCommand=touch@host/x',
  '-oProxyCommand=touch@host:x',
  'git@-oProxyCommand=touch:x',
  'git@host:-x',
  'https://user:password@git.example/a',
  'https://token@git.example/a',
  'ssh://git:password@git.example/a',
  'http://git.example/a',
  'git://git.example/a',
  'ftp://git.example/a',
  'file:///etc',
  '/etc',
  './a',
  '../a',
  'C:\\a',
  'https://git.example/a?x=$(touch)',
  'https://git.example/a#b',
  'https://git.example/`touch`',
  "https://git.example/'a'",
  'https://git.example',
  'https:///a',
  'HTTPS://git.example/a',
  'https://git.example/\u202Ea',
  'javascript:alert(1)',
];

describe('remoteUrl', () => {
  it.each(hostile)('refuses %j', (text) => {
    expect(codeOf(() => remoteUrl(text, false))).toBe('SettingsInvalid');
  });

  it.each([
    'https://git.example/team/releases',
    'https://git.example:8443/team/releases.git',
    'https://[::1]/team/releases',
    'ssh://git@git.example/team/releases',
    'ssh://git@git.example:2222/~team/releases',
    'git@git.example:team/releases.git',
  ])('takes %j as it stands', (text) => {
    expect(remoteUrl(text, false)).toBe(text);
  });

  it('takes file URLs only where the settings allow them', () => {
    expect(codeOf(() => remoteUrl('file:///srv/releases.git', false))).toBe('SettingsInvalid');
    expect(remoteUrl('file:///srv/releases.git', true)).toBe('file:///srv/releases.git');
    expect(codeOf(() => remoteUrl('file://host/srv', true))).toBe('SettingsInvalid');
    expect(codeOf(() => remoteUrl('ext::sh -c id', true))).toBe('SettingsInvalid');
  });

  it('never repeats a refused URL: it could hold a credential', () => {
    expect(() => remoteUrl('https://user:canary-7f3a@git.example/a', false)).toThrow(
      expect.objectContaining({ message: expect.not.stringContaining('canary-7f3a') }),
    );
  });
});

describe('any text', () => {
  const texts = fc.oneof(
    fc.string({ unit: 'binary' }),
    fc.string(),
    fc.constantFrom(...hostile),
    fc.tuple(fc.constantFrom(...hostile), fc.string()).map((both) => both.join('')),
    fc.tuple(fc.string(), fc.constantFrom(...hostile)).map((both) => both.join('')),
  );

  it('is refused, or can neither be an option nor a second line nor a helper', () => {
    const constructors = [
      { construct: (text: string) => remoteUrl(text, true), never: /^\w+::/ },
      { construct: (text: string) => refName('heads', text), never: /[ ~^:?*[\\]|\.\./ },
      { construct: revisionName, never: /[ :?*[\\]|\.\./ },
      { construct: treePath, never: /(^|\/)\.\.?(\/|$)/ },
    ];
    fc.assert(
      fc.property(texts, fc.constantFrom(...constructors), (text, { construct, never }) => {
        try {
          const taken: string = construct(text);
          // eslint-disable-next-line no-control-regex -- they are what must not be there
          expect(taken).not.toMatch(/^-|[\0-\x1f\x7f]/);
          expect(taken).not.toMatch(never);
        } catch (error) {
          expect(error).toBeInstanceOf(ReconcileError);
        }
      }),
      { numRuns: 5000 },
    );
  });
});

describe('refName', () => {
  it.each(['main', 'release/2.4', 'v1.2.0', 'feature/ünïcode', 'a-b_c', 'x@y'])(
    'takes %j',
    (name) => {
      expect(refName('heads', name)).toBe(`refs/heads/${name}`);
    },
  );

  it.each([
    '-u',
    '--upload-pack=x',
    'a..b',
    'a/../b',
    '/a',
    'a/',
    'a//b',
    '.a',
    'a/.b',
    'a.lock',
    'a.',
    'a b',
    'a~1',
    'a^',
    'a:b',
    'a?',
    'a*',
    'a[b',
    'a\\b',
    'a@{1}',
    'a\nb',
    '',
    'x'.repeat(256),
  ])('refuses %j', (name) => {
    expect(codeOf(() => refName('heads', name))).toBe('SettingsInvalid');
  });
});

describe('revisionName', () => {
  it.each([
    'HEAD',
    'HEAD~2',
    'HEAD^',
    'main',
    'origin/main',
    'v1.2.0',
    'main@{1}',
    '0123abc',
    'HEAD^2~3',
    '@',
  ])('takes %j', (name) => {
    expect(revisionName(name)).toBe(name);
  });

  it.each([
    '-u',
    '--all',
    'a..b',
    'a b',
    'main:file',
    ':/fix',
    'a\nb',
    '',
    '^main',
    'HEAD^{tree}',
    '$(x)',
  ])('refuses %j', (name) => {
    expect(codeOf(() => revisionName(name))).toBe('LocalFailure');
  });
});

describe('parseRange', () => {
  it('is two revisions', () => {
    expect(parseRange('main..HEAD~1')).toEqual({ base: 'main', head: 'HEAD~1' });
  });

  it.each(['main', '..HEAD', 'main..', 'a..b..c', 'a...b', '-u..main', 'main..--all', ''])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parseRange(text))).toBe('LocalFailure');
    },
  );
});

describe('treePath', () => {
  it.each([
    { given: '', expected: '', why: 'everything' },
    { given: '.', expected: '', why: 'everything' },
    { given: './releases/', expected: 'releases', why: 'as people write folders' },
    { given: 'a/b c/é', expected: 'a/b c/é', why: 'names may hold what file systems let them' },
  ])('takes $given', ({ given, expected, why }) => {
    expect(treePath(given), why).toBe(expected);
  });

  it.each(['/etc', '..', 'a/../b', 'a//b', '.git', 'a/.GIT/config', 'a\nb', 'a\\b', 'a\0'])(
    'refuses %j',
    (path) => {
      expect(codeOf(() => treePath(path))).toBe('SettingsInvalid');
    },
  );
});

describe('isOid', () => {
  it.each([
    { text: 'a'.repeat(40), expected: true, why: 'SHA-1' },
    { text: 'a'.repeat(64), expected: true, why: 'SHA-256' },
    { text: 'A'.repeat(40), expected: false, why: 'git prints lower case' },
    { text: 'a'.repeat(39), expected: false, why: 'an abbreviation is ambiguous' },
    { text: `${'a'.repeat(40)}\n`, expected: false, why: 'one line' },
  ])('$text', ({ text, expected, why }) => {
    expect(isOid(text), why).toBe(expected);
  });
});

describe('hostOf', () => {
  it.each([
    { url: 'https://git.example/team/a', host: 'git.example' },
    { url: 'https://Git.Example:8443/team/a', host: 'git.example:8443' },
    { url: 'ssh://git@git.example/team/a', host: 'git.example' },
    { url: 'git@git.example:team/a', host: 'git.example' },
    { url: 'file:///srv/a', host: undefined },
  ])('of $url is $host', ({ url, host }) => {
    expect(hostOf(remoteUrl(url, true))).toBe(host);
  });
});
