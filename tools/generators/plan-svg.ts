import { renderText } from '../../src/core/render/text.ts';
import { picturePlan } from '../picture/stage.ts';
import { terminalSvg } from '../terminal-svg.ts';

const columns = 116;

/** The picture of a plan for the README, from real output of the real engine against the emulator. */
export async function generate(): Promise<ReadonlyMap<string, string>> {
  const { set } = await picturePlan();
  const output = renderText(set, { color: true, width: columns, unicode: true });
  const svg = terminalSvg({
    command: 'fairlead plan .',
    output,
    columns,
    title: 'A plan of Fairlead in a terminal: in words first, then change by change',
  });
  return new Map([['docs/images/plan.svg', svg]]);
}
