import { describe, expect, it } from 'vitest';

import { diff, type DeclarationDiff } from '../../../src/core/diff/diff.ts';
import { diffMarkdown } from '../../../src/core/render/diff-markdown.ts';
import { diffText } from '../../../src/core/render/diff-text.ts';
import { resolve } from '../../../src/core/resolve/resolve.ts';
import { load, locateIn, noTrust, program, release, stream } from '../resolve/world.ts';

const style = { color: false, width: 100, unicode: true };

function side(documents: readonly string[]) {
  const sources = [load({ 'a.yaml': stream(...documents) })];
  const locate = locateIn(sources);
  return { programs: resolve(sources, noTrust, locate).programs, locate };
}

function changed(before: readonly string[], after: readonly string[]): DeclarationDiff {
  return diff(side(before), side(after));
}

const targets = (config: string) =>
  `  targets: [{ app: a, environment: Production, config: { ${config} } }]`;

describe('what a change of the declarations means, as text', () => {
  it('says first who gets paid, then field by field, and what removing means', () => {
    const found = changed(
      [
        program('  globalConfig: { serverDomains: [https://old.example] }'),
        release('1.0.0', targets('merchantId: M-1, testers: ["1", "2"]')),
        release('2.0.0', targets('clientId: C')),
      ],
      [
        program('  globalConfig: { serverDomains: [https://new.example] }'),
        release('1.0.0', targets('merchantId: M-2, testers: ["2", "3", "4"]')),
        release('3.0.0', targets('clientId: C')),
      ],
    );

    expect(diffText(found, 'main..HEAD', style)).toBe(
      [
        'main..HEAD   declarations alone: no platform was asked',
        '',
        'Who gets paid changes in PRODUCTION of a (1.0.0): M-1 -> M-2.',
        'New targets: coffee-3.0.0 3.0.0, in PRODUCTION of a.',
        'No longer declared: coffee-2.0.0 2.0.0, in PRODUCTION of a.',
        'What is no longer declared stays on the platform as it is: nothing is deleted.',
        '',
        'coffee (acme/35)',
        '~ changed  global',
        '             serverDomains  +https://new.example, -https://old.example  a.yaml:7',
        '~ changed  1.0.0   a/Production   a.yaml:15',
        '             merchantId     M-1 -> M-2                                  a.yaml:15',
        '             testers        2 -> 3 (+2, -1)                             a.yaml:15',
        '- removed  2.0.0   a/Production   a.yaml:23',
        '+ added    3.0.0   a/Production   a.yaml:23',
        '             clientId       C                                           a.yaml:23',
        '',
        '1 added, 1 changed, 1 removed, 1 global configuration, in 1 program.',
        '',
      ].join('\n'),
    );
  });

  it('names no tester: who they are is nobody’s business in a pull request', () => {
    const found = changed(
      [program(''), release('1.0.0', targets('testers: ["2088001"]'))],
      [program(''), release('1.0.0', targets('testers: ["2088002"]'))],
    );

    expect(diffText(found, 'x', style)).not.toMatch(/208800/);
    expect(diffMarkdown(found, 'x')).not.toMatch(/208800/);
  });

  it('tells what is alike once, and new payees in Production too', () => {
    const many = (value: string, apps: readonly string[]) =>
      `  targets:\n${apps
        .map(
          (app) =>
            `    - { app: ${app}, environment: Production, config: { merchantId: ${value} } }`,
        )
        .join('\n')}`;

    const found = changed(
      [program(''), release('1.0.0', many('M-1', ['a', 'b', 'c']))],
      [program(''), release('1.0.0', many('M-2', ['a', 'b', 'c', 'd']))],
    );

    const lines = diffText(found, 'x', style).split('\n');
    expect(lines.slice(2, 4)).toEqual([
      'Who gets paid changes in PRODUCTION of a, b and c (1.0.0): M-1 -> M-2.',
      'Who gets paid is set in PRODUCTION of d (1.0.0): M-2.',
    ]);
  });

  it('says so when nothing changes', () => {
    const documents = [program(''), release('1.0.0', targets('clientId: C'))];

    const text = diffText(changed(documents, documents), 'x', style);

    expect(text).toContain('Nothing that is declared changes.');
    expect(text).toContain('0 added, 0 changed, 0 removed, in 0 programs.');
  });

  it('says when Production is not touched', () => {
    const sandbox = (client: string) =>
      `  targets: [{ app: a, environment: Sandbox, config: { clientId: ${client} } }]`;

    const found = changed(
      [program(''), release('1.0.0', sandbox('A'))],
      [program(''), release('1.0.0', sandbox('B'))],
    );

    expect(diffText(found, 'x', style)).toContain('No declaration for Production changes.');
  });
});

describe('the same for a pull request', () => {
  it('keeps what others wrote in code, where no forge acts on it', () => {
    const found = changed(
      [program(''), release('1.0.0', targets('merchantId: "@team #1"'))],
      [program(''), release('1.0.0', targets('merchantId: "a | b <img src=x> `c`"'))],
    );

    const markdown = diffMarkdown(found, 'main..HEAD');

    expect(markdown).not.toMatch(/<img/);
    expect(markdown.replaceAll(/`[^`]*`/g, '')).not.toMatch(/@team|#1\b/);
    expect(markdown).toContain('**PRODUCTION**');
    expect(markdown).toContain('| **changed** | `1.0.0` | **Production** of `a` | `merchantId` |');
  });
});
