import { describe, expect, it } from 'vitest';
import { parseRepositorySettings } from '../../../src/core/lint/repository-settings.ts';
import { judge } from '../../../src/core/lint/judge.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { declared, tell } from '../yaml/reading.ts';
import { encode, linted, noon } from './linting.ts';

/** One warning, `domain-port`, at 5:29 about `https://a.example:1`. */
const profile = declared('ConfigProfile', '  config: { serverDomains: ["https://a.example:1"] }');
const waived = (rest: string): string =>
  `lint:\n  waivers:\n  - { rule: domain-port, reason: known, expires: "2026-11-22"${rest} }\n`;

describe('severities', () => {
  it.each([
    { level: 'error', severities: ['error'] },
    { level: 'warning', severities: ['warning'] },
    { level: 'info', severities: ['info'] },
    { level: '"off"', severities: [] },
  ])('a warning may become $level', ({ level, severities }) => {
    const { problems } = linted(profile, `lint: { severities: { domain-port: ${level} } }`);

    expect(problems.map(({ severity }) => severity)).toEqual(severities);
  });

  it('other rules keep theirs', () => {
    expect(linted(profile, 'lint: { severities: { domain-ip: "off" } }').told).toEqual([
      '5:29 domain-port',
    ]);
  });

  it('a warning found while resolving follows them too', () => {
    const text = declared(
      'MiniProgram',
      '  workspace: w\n  id: "1"\n  unset: [clientId]\n  targets: [{ app: a, environment: Test }]',
    );
    const release = declared(
      'MiniProgramRelease',
      '  miniProgram: coffee\n  version: "1"\n  environments: [Test]',
    );

    expect(linted(`${text}---\n${release}`).told).toEqual(['7:11 unset-nothing']);
    expect(
      linted(`${text}---\n${release}`, 'lint: { severities: { unset-nothing: "off" } }').told,
    ).toEqual([]);
  });

  it('an error passes, whatever the settings say', () => {
    const error: Problem = { rule: 'duplicate-claim', severity: 'error', message: 'x' };
    const settings = {
      lint: {
        severities: { 'duplicate-claim': 'off' as const },
        waivers: [{ rule: 'duplicate-claim', reason: 'x', expires: '2099-01-01' }],
      },
    };
    const locate = () => ({ file: 'a.yaml', line: 1, column: 1 });

    expect(
      judge([], [error], { repository: settings, documents: [], locate, now: noon })[0],
    ).toEqual(error);
  });
});

describe('waivers', () => {
  it.each([
    { name: 'covers its rule until its last day', rest: '', told: [] },
    { name: 'covers the file it names', rest: ', path: shop.yaml', told: [] },
    { name: 'covers files by glob', rest: ', path: "**/*.yaml"', told: [] },
    { name: 'covers the object it names', rest: ', object: ConfigProfile/coffee', told: [] },
    { name: 'covers the value it names', rest: ', value: "https://a.example:1"', told: [] },
    {
      name: 'says nothing of files that were not read',
      rest: ', path: other/**',
      told: ['5:29 domain-port'],
    },
    {
      name: 'does not cover another object',
      rest: ', object: ConfigProfile/tea',
      told: ['3:5 waiver-unused', '5:29 domain-port'],
    },
    {
      name: 'does not cover another value',
      rest: ', value: "https://a.example:2"',
      told: ['3:5 waiver-unused', '5:29 domain-port'],
    },
  ])('$name', ({ rest, told }) => {
    expect(linted(profile, waived(rest)).told).toEqual(told);
  });

  it('covers nothing a day later, and says so', () => {
    const settings = waived('').replace('2026-11-22', '2026-11-21');

    expect(linted(profile, settings).told).toEqual(['3:5 waiver-expired', '5:29 domain-port']);
  });

  it('that covers nothing is a note', () => {
    const { problems } = linted(profile, waived('').replace('domain-port', 'domain-ip'));

    expect(problems.map(({ rule, severity }) => `${severity} ${rule}`)).toEqual([
      'warning domain-port',
      'info waiver-unused',
    ]);
    expect(problems[1]?.origin).toEqual({ file: '.fairlead.yaml', line: 3, column: 5 });
  });

  it.each([
    { path: './a/*.yaml', file: './a/shop.yaml', covered: true },
    { path: 'a/*.yaml', file: '/home/ci/repo/a/shop.yaml', covered: true },
    { path: 'a/*.yaml', file: 'b/a/shop.yaml', covered: false },
    { path: 'a/*.yaml', file: '/home/ci/repo/a/b/shop.yaml', covered: false },
  ])('of $path covers $file: $covered', ({ path, file, covered }) => {
    const { told } = linted(profile, waived(`, path: "${path}"`), file);

    expect(told.includes('5:29 domain-port')).toBe(!covered);
  });
});

describe('parseRepositorySettings', () => {
  it.each([
    { name: 'nothing', text: '', told: [] },
    { name: 'a comment', text: '# none\n', told: [] },
    {
      name: 'an unknown rule',
      text: 'lint: { severities: { domian-port: info } }',
      told: ['1:23 unknown-rule'],
    },
    {
      name: 'an unknown rule to waive',
      text: waived('').replace('domain-port', 'x'),
      told: ['3:13 unknown-rule'],
    },
    {
      name: 'an error switched off',
      text: 'lint: { severities: { duplicate-claim: "off" } }',
      told: ['1:40 error-not-waivable'],
    },
    {
      name: 'an error made a warning',
      text: 'lint: { severities: { duplicate-claim: warning } }',
      told: ['1:40 error-not-waivable'],
    },
    {
      name: 'an error that stays one',
      text: 'lint: { severities: { duplicate-claim: error } }',
      told: [],
    },
    {
      name: 'an error waived',
      text: waived('').replace('domain-port', 'yaml-alias'),
      told: ['3:13 error-not-waivable'],
    },
    {
      name: 'off without quotes',
      text: 'lint: { severities: { domain-port: off } }',
      told: ['1:36 yaml-ambiguous'],
    },
    {
      name: 'a day without quotes',
      text: waived('').replace('"2026-11-22"', '2026-11-22'),
      told: ['3:50 yaml-ambiguous'],
    },
    {
      name: 'a day that does not exist',
      text: waived('').replace('11-22', '02-30'),
      told: ['3:50 waiver-day'],
    },
    {
      name: 'a waiver without a reason',
      text: waived('').replace('reason: known, ', ''),
      told: ['3:5 missing-field'],
    },
    {
      name: 'a waiver with a blank reason',
      text: waived('').replace('known', '" "'),
      told: ['3:34 empty-value'],
    },
    {
      name: 'a waiver for ever',
      text: waived('').replace(', expires: "2026-11-22"', ''),
      told: ['3:5 missing-field'],
    },
    { name: 'an unknown field', text: 'lnt: {}', told: ['1:1 unknown-field'] },
    { name: 'two documents', text: 'lint: {}\n---\nlint: {}\n', told: ['1:1 not-a-document'] },
    { name: 'a list', text: '- lint\n', told: ['1:1 wrong-type'] },
    { name: 'no YAML', text: 'lint: {', told: ['1:8 yaml-syntax'] },
  ])('$name', ({ text, told }) => {
    const { settings, problems } = parseRepositorySettings('.fairlead.yaml', encode(text));

    expect(problems.map(tell)).toEqual(told);
    expect(settings === undefined).toBe(told.length > 0);
  });
});
