import { painter, type Style, type Tone } from '../../core/render/style.ts';
import { padded, wrapText } from '../../core/render/table.ts';
import { plural } from '../../core/render/sentence.ts';
import { visible } from '../../core/render/visible.ts';
import { formatVersion } from '../output.ts';
import { states, type Finding, type State } from './finding.ts';

const tones = { ok: 'green', warn: 'yellow', fail: 'red' } as const satisfies Record<State, Tone>;
const stateWidth = 4;
const gap = '  ';

/** The JSON document of `doctor -o json`. */
export function doctorDocument(findings: readonly Finding[]) {
  return {
    formatVersion,
    kind: 'DoctorResult',
    summary: Object.fromEntries(states.map((state) => [state, count(findings, state)])),
    checks: findings.map(({ area, check, state, message, nextStep }) => ({
      area,
      check,
      state,
      message,
      nextStep: nextStep ?? null,
    })),
  };
}

/** One line per finding, what to do below it, and a summary. */
export function doctorText(findings: readonly Finding[], style: Style): string {
  const paint = painter(style);
  const areas = Math.max(...findings.map(({ area }) => area.length));
  const left = ' '.repeat(stateWidth + gap.length + areas + gap.length);
  const room = Math.max(30, style.width - left.length);
  const lines = findings.flatMap(({ area, state, message, nextStep }) => {
    const [first = '', ...rest] = wrapText(visible(message), room);
    const next = nextStep === undefined ? [] : wrapText(`next: ${visible(nextStep)}`, room);
    const head = `${paint(tones[state], padded(state, stateWidth))}${gap}${paint('dim', padded(area, areas))}`;
    return [`${head}${gap}${first}`, ...[...rest, ...next].map((line) => `${left}${line}`)];
  });
  return `${lines.join('\n')}\n\n${summary(findings)}\n`;
}

function summary(findings: readonly Finding[]): string {
  const [warnings, failures] = [count(findings, 'warn'), count(findings, 'fail')];
  if (warnings + failures === 0) return 'Everything a plan needs is there.';
  const parts = [
    ...(failures > 0 ? [plural(failures, 'failure')] : []),
    ...(warnings > 0 ? [plural(warnings, 'warning')] : []),
  ];
  return `${parts.join(', ')}.`;
}

function count(findings: readonly Finding[], state: State): number {
  return findings.filter((finding) => finding.state === state).length;
}
