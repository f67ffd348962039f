import { describe, expect, it } from 'vitest';
import type { ObservedRelease } from '../../../src/core/model/observed.ts';
import { readSnapshot } from '../../../src/core/snapshot/read.ts';
import { listOf } from '../../../src/core/words/fields.ts';
import { reveal } from '../../../src/core/words/secret-text.ts';
import { program } from '../resolve/world.ts';
import { capabilities, declared, key, observed, record, sealed, text, written } from './world.ts';

describe('readSnapshot', () => {
  const read = (file: string) => readSnapshot('snap.yaml', new TextEncoder().encode(file));

  it('gives back what was written', () => {
    const config = {
      clientId: text('0202'),
      serverDomains: listOf(['https://b.example', 'https://a.example']),
      'environmentVariables/HOST': sealed('https://pay.example'),
      'environmentVariables/KEY': sealed('s3cret'),
    } as const;
    const one = observed(
      [
        record('1.0.0', 'Sandbox', 'UnderReview', config, {
          frozen: { testers: listOf(['t']) },
          mark: 'mark-1',
        }),
      ],
      {
        versions: ['1.0.0'],
        targets: [{ app: 'megapay', environments: ['Production'], pilotTesting: true }],
        complete: false,
      },
    );

    const { platforms, problems } = read(written([one], { declared }));

    expect(problems).toEqual([]);
    expect(platforms).toHaveLength(1);
    const [platform] = platforms as [(typeof platforms)[number]];
    expect(platform).toMatchObject({
      platform: 'default',
      emulator: false,
      capabilities,
      observedAt: 1798135200000,
    });
    const [known] = platform.programs as [(typeof platform.programs)[number]];
    expect(known).toMatchObject({
      key,
      exists: true,
      complete: false,
      versions: ['1.0.0'],
      targets: [{ app: 'megapay', environments: ['Production'], pilotTesting: true }],
    });
    expect(known.miniProgram).toMatchObject({
      key,
      name: 'Coffee',
      type: 'DSL',
      global: { mark: 'mark-of-global', config: { merchantId: text('M-77') } },
    });
    const [found] = known.releases as [ObservedRelease];
    expect(found).toMatchObject({
      key: { version: '1.0.0', app: 'megapay', environment: 'Sandbox' },
      status: 'UnderReview',
      mark: 'mark-1',
      frozen: { testers: listOf(['t']) },
    });
    const { 'environmentVariables/HOST': host, ...rest } = found.config;
    expect(rest).toEqual({
      clientId: text('0202'),
      serverDomains: listOf(['https://a.example', 'https://b.example']),
      'environmentVariables/KEY': { kind: 'hidden' },
    });
    expect(host!.kind === 'sealed' && reveal(host!.secret)).toBe('https://pay.example');
  });

  it('joins a program whose releases stand in several documents', () => {
    const many = Array.from({ length: 250 }, (_, index) =>
      record(`${index}.0`, 'Test', 'NewVersionCreated', {}),
    );

    const file = written([observed(many)]);
    const { platforms, problems } = read(file);

    expect(file.split('---\n')).toHaveLength(4);
    expect(problems).toEqual([]);
    expect(platforms[0]!.programs).toHaveLength(1);
    expect(platforms[0]!.programs[0]!.releases).toHaveLength(250);
  });

  const head = written([]);
  const one = written([observed([record('1.0.0', 'Test', 'NewVersionCreated', {})])]);
  const programDocument = one.slice(one.indexOf('---\n') + 4);

  it('knows what nobody has seen, and who vouched for what when', () => {
    const attested = `${head}---\n${programDocument.replace(
      '    config: {}\n    source: exported',
      `    config: { merchantId: M-1 }
    unknown: [clientId, environmentVariables/KEY]
    source: { attested: { name: Ana, time: "2026-01-01T00:00:00Z" } }
    sources: { merchantId: { attested: { name: Bo, time: "2026-01-02T00:00:00Z", changeId: c-0123456789ab } } }`,
    )}`;

    const { platforms, problems } = read(attested);

    expect(problems).toEqual([]);
    expect(platforms[0]!.attestedAt).toBe(1767312000000);
    expect(platforms[0]!.programs[0]!.releases[0]!.config).toEqual({
      merchantId: text('M-1'),
      clientId: { kind: 'hidden' },
      'environmentVariables/KEY': { kind: 'hidden' },
    });
  });

  it.each([
    {
      name: 'a declaration',
      why: 'it belongs to PATH',
      file: program('  config: { merchantId: M }'),
      problems: ['snapshot-kind 2'],
    },
    {
      name: 'an unknown field',
      why: 'a misspelt field must not be lost',
      file: head.replace('emulator: false', 'emulater: false'),
      problems: ['missing-field 4', 'unknown-field 7'],
    },
    {
      name: 'a program of no platform',
      why: 'nothing says what that platform can do',
      file: programDocument,
      problems: ['snapshot-platform 3'],
    },
    {
      name: 'a platform twice',
      why: 'two say what it can do',
      file: `${head}---\n${head}`,
      problems: ['snapshot-platform 24'],
    },
    {
      name: 'a release twice',
      why: 'two say what it is',
      file: `${one}---\n${programDocument}`,
      problems: ['snapshot-release 55'],
    },
    {
      name: 'an alias',
      why: 'it could expand without end',
      file: head.replace('platform: default', 'platform: &a default'),
      problems: ['yaml-alias 6'],
    },
    {
      name: 'broken YAML in one document',
      why: 'the line is the file’s',
      file: `${head}---\n{ broken`,
      problems: ['yaml-syntax 19'],
    },
  ])('refuses $name', ({ file, problems, why }) => {
    expect(
      read(file).problems.map(
        ({ rule, origin }) =>
          `${rule} ${origin !== undefined && 'line' in origin ? origin.line : ''}`,
      ),
      why,
    ).toEqual(problems);
  });

  it('refuses bytes that are no text, and files that are far too large', () => {
    expect(
      readSnapshot('s', new Uint8Array([0xff, 0xfe, 0x00])).problems.map(({ rule }) => rule),
    ).toEqual(['yaml-encoding']);
    expect(
      readSnapshot('s', new Uint8Array(17 * 1024 * 1024)).problems.map(({ rule }) => rule),
    ).toEqual(['yaml-size']);
  });
});
