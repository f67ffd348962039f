import { readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { DockerfileParser, type Instruction } from 'dockerfile-ast';

import { root } from '../../tools/files.ts';

/** A line of the Dockerfile. */
export interface Step {
  readonly keyword: string;
  /** Words, without flags; of an exec form its strings. */
  readonly words: readonly string[];
  /** `from` of `--from=build`. */
  readonly flags: Readonly<Record<string, string>>;
  /** As it stands there, lines joined. */
  readonly text: string;
}

export interface Stage {
  readonly name: string;
  /** Variables are not replaced. */
  readonly base: string;
  readonly steps: readonly Step[];
}

export interface Dockerfile {
  /** Before the first stage, `NAME=default`. */
  readonly parameters: readonly string[];
  readonly stages: readonly Stage[];
}

export async function readDockerfile(): Promise<Dockerfile> {
  const text = await readFile(join(root, 'Dockerfile'), 'utf8');
  const steps = DockerfileParser.parse(text).getInstructions().map(stepOf);
  const starts = steps.flatMap(({ keyword }, index) => (keyword === 'FROM' ? [index] : []));
  const stages = starts.map((start, index): Stage => {
    const { words } = steps[start] ?? { words: [] };
    const [base = '', , name = ''] = words;
    return { name, base, steps: steps.slice(start + 1, starts[index + 1]) };
  });
  return { parameters: steps.slice(0, starts[0]).map(({ text: line }) => line), stages };
}

interface Flagged {
  getFlags(): readonly { getName(): string; getValue(): string | null }[];
}

interface Exec {
  getJSONStrings(): readonly { getJSONValue(): string }[];
}

function stepOf(instruction: Instruction): Step {
  const flags =
    'getFlags' in instruction
      ? (instruction as Instruction & Flagged)
          .getFlags()
          .map((flag) => [flag.getName(), flag.getValue() ?? ''] as const)
      : [];
  const strings =
    'getJSONStrings' in instruction
      ? (instruction as Instruction & Exec).getJSONStrings().map((each) => each.getJSONValue())
      : [];
  const words = instruction.getArguments().map((word) => word.getValue());
  return {
    keyword: instruction.getKeyword(),
    words: strings.length > 0 ? strings : words,
    flags: Object.fromEntries(flags),
    text: instruction.getArgumentsContent()?.replaceAll(/\\\n\s*/g, '') ?? '',
  };
}
