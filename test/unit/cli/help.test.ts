import { expect, it } from 'vitest';

import { commands } from '../../../src/cli/commands/index.ts';
import { helpTail } from '../../../src/cli/program.ts';

it.each(commands.map((command) => [command.name, command] as const))(
  'help of %s tells each exit code once',
  (_, command) => {
    const codes = [...helpTail(command).matchAll(/^ {2}(\d+) {2}/gm)].map(([, code]) => code);

    expect(codes).toEqual([...new Set(codes)]);
    expect(codes).toEqual(codes.toSorted((a, b) => Number(a) - Number(b)));
  },
);
