import { describe, expect, it } from 'vitest';

import { parseListen } from '../../../src/cli/commands/emulator.ts';
import { parseScope } from '../../../src/cli/composition/holdings.ts';
import { CliError } from '../../../src/cli/exit.ts';
import { nearestSchema, schemaNames, schemaOf } from '../../../src/cli/schemas.ts';

function codeOf(attempt: () => unknown): string {
  try {
    attempt();
  } catch (error) {
    if (error instanceof CliError) return error.code;
  }
  return 'nothing thrown';
}

describe('HOST:PORT', () => {
  it.each([
    { text: '127.0.0.1:8080', expected: { host: '127.0.0.1', port: 8080 } },
    { text: 'localhost:0', expected: { host: 'localhost', port: 0 } },
    { text: '[::1]:9', expected: { host: '::1', port: 9 } },
  ])('$text', ({ text, expected }) => {
    expect(parseListen(text)).toEqual(expected);
  });

  it.each(['8080', 'localhost', '::1:80', '127.0.0.1:', '127.0.0.1:65536', '127.0.0.1:8o', ''])(
    'refuses %j',
    (text) => {
      expect(codeOf(() => parseListen(text))).toBe('Usage');
    },
  );
});

describe('WORKSPACE[/MINIPROGRAM]', () => {
  it.each([
    { text: undefined, expected: {} },
    { text: 'acme', expected: { workspace: 'acme' } },
    { text: 'acme/35', expected: { workspace: 'acme', miniProgram: '35' } },
  ])('$text', ({ text, expected }) => {
    expect(parseScope(text)).toEqual(expected);
  });

  it.each(['', '/35', 'acme/', 'a/b/c'])('refuses %j', (text) => {
    expect(codeOf(() => parseScope(text))).toBe('Usage');
  });
});

describe('schemas by kind', () => {
  it.each(schemaNames)('%s has one, with a description for people', async (name) => {
    expect(await schemaOf(name)).toMatchObject({
      description: expect.stringMatching(/\w+/) as string,
    });
  });

  it.each([
    { typed: 'MiniProgramm', meant: 'MiniProgram' },
    { typed: 'gitsorce', meant: 'GitSource' },
    { typed: 'plans', meant: 'Plan' },
    { typed: 'zzz', meant: undefined },
    { typed: '', meant: undefined },
  ])('$typed: $meant is meant', ({ typed, meant }) => {
    expect(nearestSchema(typed)).toBe(meant);
  });

  it('does not care about case', async () => {
    expect(await schemaOf('miniPROGRAM')).toEqual(await schemaOf('MiniProgram'));
  });

  it('has none of a kind that is not there', async () => {
    expect(await schemaOf('toString')).toBeUndefined();
  });
});
