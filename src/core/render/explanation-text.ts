import { stringWidth } from './width.ts';
import type {
  DeclaredValue,
  ExplainedField,
  ExplainedLayer,
  ExplainedTarget,
  Explanation,
} from '../explain/explanation.ts';
import { originText, type Origin } from '../words/places.ts';
import { epochMs, isoTime } from '../words/time.ts';
import { plural } from './sentence.ts';
import { painter, type Paint, type Style } from './style.ts';
import { padded, wrapText } from './table.ts';
import { fieldName, valueText } from './values.ts';
import { visible } from './visible.ts';

interface Frame {
  readonly style: Style;
  readonly paint: Paint;
  /** Every entry of a list, testers too: one field was asked for. */
  readonly whole: boolean;
  readonly nameWidth: number;
}

const gap = '  ';

/**
 * Where every value comes from, target by target; ends with a line break.
 *
 * @param whole  one field was asked for: its lists are shown entry by entry
 */
export function explanationText(
  { targets }: Explanation,
  { style, whole }: { readonly style: Style; readonly whole: boolean },
): string {
  const names = targets.flatMap(({ fields }) => fields.map(({ path }) => fieldName(path)));
  const nameWidth = Math.max(0, ...names.map((name) => stringWidth(name)));
  const frame: Frame = { style, paint: painter(style), whole, nameWidth };
  const blocks = targets.map((target) => targetLines(target, frame).join('\n'));
  return `${blocks.join('\n\n')}\n`;
}

function targetLines(target: ExplainedTarget, frame: Frame): string[] {
  const { key, name, fields, origins } = target;
  const { paint } = frame;
  const loud = key.environment === 'Production' ? 'loud' : 'bold';
  const head = [
    paint('bold', visible(name)),
    visible(`${key.workspace}/${key.miniProgram}`),
    visible(key.version),
    paint(loud, visible(`${key.app}/${key.environment}`)),
  ].join(gap);
  const where = origins[0] ? `${gap} ${paint('dim', place(origins[0]))}` : '';
  return [
    `${head}${where}`,
    ...remarks(target, frame),
    '',
    ...(fields.length === 0
      ? ['  nothing is declared: every field inherits what the platform has']
      : fields.flatMap((field) => fieldLines(field, frame))),
  ];
}

function remarks(target: ExplainedTarget, { style, paint }: Frame): string[] {
  const { barrier, suspended, superseded, rivals, policy } = target;
  const texts = [
    ...(barrier
      ? [
          `${paint('red', barrier.reason)}: ${visible(barrier.message)}. Next: ${visible(barrier.nextStep)}`,
        ]
      : []),
    ...(rivals.length > 0 ? [`also declared by ${visible(rivals.join(', '))}`] : []),
    ...(suspended
      ? [
          `suspended${suspended.until === undefined ? '' : ` until ${isoTime(epochMs(suspended.until))}`}: ${visible(suspended.reason)}`,
        ]
      : []),
    ...(superseded ? ['a newer version is declared for this target'] : []),
    `onChange ${policy.onChange}, onDrift ${policy.onDrift}, undeclared ${policy.undeclared}`,
  ];
  return texts.flatMap((text) =>
    wrapText(text, Math.max(40, style.width - 2)).map((line) => `  ${line}`),
  );
}

function fieldLines(field: ExplainedField, frame: Frame): string[] {
  const { paint, nameWidth } = frame;
  const name = padded(fieldName(field.path), nameWidth);
  const [origin] = field.origins.toReversed();
  const from = field.from === 'global' ? ' (global configuration)' : '';
  const where = origin ? `${gap}${paint('dim', `${place(origin)}${from}`)}` : '';
  const hanging = ' '.repeat(2 + nameWidth + gap.length);
  const [first = '', ...more] = valueLines(field, frame);
  const isPlain = field.layers.length < 2 && !frame.whole;
  return [
    `  ${paint('bold', name)}${gap}${first}${where}`,
    ...more.map((line) => `${hanging}${line}`),
    ...(isPlain
      ? []
      : field.layers.toReversed().map((layer) => `${hanging}${layerLine(layer, frame)}`)),
  ];
}

function valueLines(field: ExplainedField, { whole }: Frame): string[] {
  const { value } = field;
  if (value === undefined) return ['(inherits what the platform has)'];
  if (value.state !== 'value' || typeof value.value === 'string') return [declaredText(value)];
  const entries = value.value.map(valueText);
  if (whole) return entries;
  return [field.path === 'testers' ? plural(entries.length, 'tester') : entries.join(', ')];
}

/** One layer, highest first: what it says, where, and what hides it. */
function layerLine(
  { layer, verb, value, origin, shadowedBy }: ExplainedLayer,
  frame: Frame,
): string {
  const { paint } = frame;
  const said = value === undefined ? verb : `${verb} ${layerValue(value)}`;
  const fate = shadowedBy ? `hidden by ${place(shadowedBy)}` : 'counts';
  const text = `${padded(layer, layerWidth)}${gap}${said}${gap}${place(origin)}${gap}(${fate})`;
  return shadowedBy ? paint('dim', text) : text;
}

const layerWidth = 'standing target profile'.length;

function layerValue(value: DeclaredValue): string {
  if (value.state === 'secret' || typeof value.value === 'string') return declaredText(value);
  return value.value.length === 1 ? '1 entry' : `${String(value.value.length)} entries`;
}

function declaredText(value: DeclaredValue): string {
  if (value.state === 'secret') return `(secret ${visible(`${value.name}/${value.key}`)})`;
  return typeof value.value === 'string'
    ? valueText(value.value)
    : value.value.map(valueText).join(', ');
}

function place(origin: Origin): string {
  return visible(originText(origin));
}
