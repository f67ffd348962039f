import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { commands } from '../../../src/cli/commands/index.ts';
import { createPlace } from '../../support/cli.ts';

const exec = promisify(execFile);

/** What a real bash offers for the words so far; the last one is being typed. */
async function complete(words: readonly string[]): Promise<readonly string[]> {
  const place = await createPlace();
  const { stdout: script } = await place.run(['completion', 'bash']);
  const file = await place.write('completion.bash', script);
  const { stdout } = await exec(
    'bash',
    [
      '--noprofile',
      '--norc',
      '-c',
      `source "$1"; shift; COMP_WORDS=("$@"); COMP_CWORD=$(( $# - 1 )); _fairlead; printf '%s\\n' "\${COMPREPLY[@]}"; complete -p fairlead`,
      'bash',
      file,
      'fairlead',
      ...words,
    ],
    { cwd: place.dir, env: place.env },
  );
  const lines = stdout.trimEnd().split('\n');
  expect(lines.at(-1)).toContain('-F _fairlead fairlead');
  return lines.slice(0, -1).filter((line) => line !== '');
}

describe('completion in a real bash', () => {
  it.each([
    { name: 'a command', words: ['pl'], expected: ['plan'] },
    { name: 'one of several', words: ['ex'], expected: ['explain'] },
    { name: 'what get lists', words: ['get', 'r'], expected: ['releases'] },
    { name: 'an option', words: ['plan', '--snap'], expected: ['--snapshot'] },
    { name: 'the values of an option', words: ['plan', '-o', 'm'], expected: ['markdown'] },
    { name: 'a log level', words: ['apply', 'x', '--log-level', 'tr'], expected: ['trace'] },
    { name: 'a shell', words: ['completion', 'f'], expected: ['fish'] },
    { name: 'help about a command', words: ['help', 'doc'], expected: ['doctor'] },
    {
      name: 'a file: nothing of ours, so that bash offers files',
      words: ['plan', './x'],
      expected: [],
    },
  ])('$name', async ({ words, expected }) => {
    expect(await complete(words)).toEqual(expected);
  });

  it('offers every command and nothing else', async () => {
    const offered = await complete(['']);

    expect(offered.toSorted()).toEqual([...commands.map(({ name }) => name), 'help'].toSorted());
  });
});
