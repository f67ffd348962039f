import { describe, expect, it } from 'vitest';

import { loadedInputs } from '../../../tools/loaded.ts';
import { built } from '../../support/built.ts';

const main = 'src/cli/main.ts';
const command = (name: string) => [main, 'src/cli/program.ts', `src/cli/commands/${name}.ts`];

const libraries = {
  commander: /node_modules\/commander\//,
  yaml: /node_modules\/yaml\//,
  ajv: /node_modules\/ajv\//,
  typebox: /node_modules\/typebox\//,
  pino: /node_modules\/pino\//,
  git: /node_modules\/(simple-git|@simple-git|@kwsites)\//,
  immutable: /node_modules\/immutable\//,
  uqr: /node_modules\/uqr\//,
  driver: /src\/platform\/http\//,
  transport: /src\/platform\/http\/transport/,
  emulator: /src\/emulator\//,
  engine: /src\/engine\//,
  writer: /src\/engine\/(write|carry-out|send)\.ts/,
  schemas: /^schemas\//,
} as const;

type Library = keyof typeof libraries;

/** What of the table a verb loads before it does anything. */
function loads(sources: readonly string[]): readonly Library[] {
  const inputs = loadedInputs(built().metafile, ...sources);
  return (Object.keys(libraries) as Library[]).filter((name) =>
    inputs.some((input) => libraries[name].test(input)),
  );
}

describe('what a verb loads', () => {
  it.each([
    {
      verb: 'version, by the short way',
      sources: [main, 'src/cli/version.ts'],
      never: Object.keys(libraries) as Library[],
    },
    {
      verb: 'schema',
      sources: command('schema'),
      never: ['yaml', 'ajv', 'typebox', 'pino', 'git', 'emulator', 'driver', 'engine', 'schemas'],
    },
    {
      verb: 'completion',
      sources: command('completion'),
      never: ['yaml', 'ajv', 'typebox', 'pino', 'git', 'emulator', 'driver', 'engine', 'schemas'],
    },
    {
      verb: 'approve',
      sources: command('approve'),
      never: Object.keys(libraries).filter((name) => name !== 'commander') as Library[],
    },
    {
      verb: 'suspend',
      sources: command('suspend'),
      never: Object.keys(libraries).filter((name) => name !== 'commander') as Library[],
    },
    {
      verb: 'resume',
      sources: command('resume'),
      never: Object.keys(libraries).filter((name) => name !== 'commander') as Library[],
    },
    {
      verb: 'validate',
      sources: command('validate'),
      never: [
        'ajv',
        'typebox',
        'pino',
        'git',
        'immutable',
        'emulator',
        'driver',
        'engine',
        'schemas',
      ],
    },
    {
      verb: 'explain',
      sources: command('explain'),
      never: [
        'ajv',
        'typebox',
        'pino',
        'git',
        'immutable',
        'emulator',
        'driver',
        'engine',
        'schemas',
      ],
    },
    {
      verb: 'plan',
      sources: command('plan'),
      never: ['typebox', 'pino', 'git', 'immutable', 'uqr', 'emulator', 'writer', 'schemas'],
    },
    {
      verb: 'review',
      sources: command('review'),
      never: ['typebox', 'pino', 'immutable', 'uqr', 'emulator', 'writer', 'schemas'],
    },
    {
      verb: 'review --forge',
      sources: [...command('review'), 'src/cli/composition/review-forge.ts'],
      never: ['typebox', 'pino', 'immutable', 'uqr', 'emulator', 'writer', 'schemas'],
    },
    {
      verb: 'apply',
      sources: command('apply'),
      never: ['typebox', 'pino', 'git', 'immutable', 'emulator', 'schemas'],
    },
    {
      verb: 'get',
      sources: command('get'),
      never: ['typebox', 'pino', 'git', 'immutable', 'uqr', 'emulator', 'writer', 'schemas'],
    },
  ] as const)('$verb: nothing it has no use for', ({ sources, never }) => {
    const loaded = loads(sources);

    expect(loaded.filter((name) => (never as readonly Library[]).includes(name))).toEqual([]);
  });

  it('the search finds what is loaded, or the rows above would prove nothing', () => {
    expect(loads(command('plan'))).toEqual(expect.arrayContaining(['commander', 'yaml', 'driver']));
    expect(loads(command('emulator'))).toEqual(
      expect.arrayContaining(['emulator', 'immutable', 'typebox', 'ajv']),
    );
    expect(loads(command('diff'))).toContain('git');
    expect(loads(command('apply'))).toContain('writer');
    expect(loads([...command('schema'), 'schemas/plan.json'])).toContain('schemas');
  });
});
