import type { Change, FieldWrite } from '../model/plan.ts';
import { type Field, isField, secretRefText, variableName } from '../words/fields.ts';
import type { ProgramKey } from '../words/keys.ts';
import {
  type ChangeFact,
  factsOf,
  type FieldFact,
  type ProgramFacts,
  releaseKeyOf,
} from './facts.ts';
import { heldNotes } from './held.ts';
import { code } from './markdown-text.ts';
import type { PlanSet } from './plan-document.ts';
import { plural, sentenceText } from './sentence.ts';
import { visible } from './visible.ts';
import { readFrom } from './words.ts';

/** A field to be filled in or cleared in one dialog. */
interface Entry {
  readonly path: FieldFact['field']['path'];
  readonly write: FieldWrite;
}

/** One dialog of the console. */
export interface Step {
  readonly order: 1 | 2 | 3;
  readonly fact: ChangeFact;
  readonly entries: readonly Entry[];
}

/** What the console calls the fields. */
export const labels = {
  clientId: 'Client ID',
  merchantId: 'Merchant ID',
  serverDomains: 'Server Domains',
  wapUrls: 'WAP URLs',
  testers: 'Testers',
} as const satisfies Record<Field, string>;

/**
 * The plan as clicks in the platform's console, in the order in which they are safe: first what existing records gain,
 * then the global configuration, then new records and what returns to inheriting.
 *
 * Values stand in blocks of their own, to be copied; a secret only by its name.
 */
export function renderRunbook(set: PlanSet): string {
  const programs = factsOf(set);
  const blocks = [
    '# Runbook',
    intro(set, programs),
    ...programs.flatMap(programBlocks),
    ...notToDo(programs),
  ];
  return `${blocks.filter((block) => block !== '').join('\n\n')}\n`;
}

function intro(set: PlanSet, programs: readonly ProgramFacts[]): string {
  const dialogs = programs.flatMap(stepsOf).length;
  const source = readFrom(set).map(sentenceText);
  if (dialogs === 0) return [...source, 'Nothing to click: the plan writes nothing.'].join('\n\n');
  const rule =
    'in this order. Tick each one off; stop where the console shows something else than is said here, and plan again.';
  return [...source, `${plural(dialogs, 'dialog')}, ${rule}`].join('\n\n');
}

function programBlocks(program: ProgramFacts): readonly string[] {
  const steps = stepsOf(program);
  if (steps.length === 0) return [];
  const { plan } = program;
  return [
    `## ${code(plan.name)}`,
    `Open workspace ${code(plan.key.workspace)}, **Mini Programs** > ${code(plan.name)} (id ${code(plan.key.miniProgram)}).`,
    ...steps.map((step, i) => stepBlock(step, i + 1)),
  ];
}

/** The dialogs of a program, in the order in which they are safe. */
export function stepsOf({ changes }: ProgramFacts): readonly Step[] {
  const steps = changes.filter(({ goes }) => goes).flatMap(stepsOfChange);
  return ([1, 2, 3] as const).flatMap((order) => steps.filter((step) => step.order === order));
}

/** One dialog per change; two where some of its fields must wait for the global configuration. */
function stepsOfChange(fact: ChangeFact): readonly Step[] {
  const { change } = fact;
  const goes = fact.fields.filter((one) => one.goes && one.field.write !== undefined);
  const entries = (order: 1 | 2 | 3): readonly Entry[] =>
    goes.filter(({ field }) => field.step === order).flatMap(entryOf);
  if (change.action === 'create') return [{ order: 3, fact, entries: goes.flatMap(entryOf) }];
  if (change.scope === 'global')
    return goes.length === 0 ? [] : [{ order: 2, fact, entries: goes.flatMap(entryOf) }];
  return ([1, 3] as const)
    .map((order) => ({ order, fact, entries: entries(order) }))
    .filter((step) => step.entries.length > 0);
}

function entryOf({ field }: FieldFact): readonly Entry[] {
  return field.write === undefined ? [] : [{ path: field.path, write: field.write }];
}

function stepBlock({ fact: { change }, entries }: Step, number: number): string {
  const [way, save, after] = dialogOf(change);
  return [
    `### ${String(number)}. ${titleOf(change)}`,
    `- [ ] ${way}`,
    ...entries.map(entryLines),
    `- [ ] ${save}`,
    ...(after === '' ? [] : [after]),
  ].join('\n\n');
}

function titleOf(change: Change): string {
  const release = releaseKeyOf(change);
  if (!release) return 'Global configuration';
  const verb = change.action === 'create' ? 'Select' : 'Configure';
  return `${verb} ${code(release.version)} for ${code(release.app)} ${release.environment}`;
}

/** The way to the dialog, how it is closed, and what is true afterwards. */
function dialogOf(change: Change): readonly [string, string, string] {
  const release = releaseKeyOf(change);
  if (!release) {
    return [
      '**Versions** > **Global Configuration** > **Edit**; change nothing but:',
      '**Save**',
      '',
    ];
  }
  const version = `**Versions** > ${code(release.version)}`;
  const target = `target app ${code(release.app)}, environment **${release.environment}**`;
  if (change.action === 'create') {
    return [
      `${version} > **Select App**; choose ${target}. A target can be selected once, for ever: look twice.`,
      '**Select**',
      'The status is now **New Version Created**, and there is a test QR code.',
    ];
  }
  if (change.status === 'PilotTesting') {
    return [
      `${version} > release to ${target} > **Add Testers**; the list becomes:`,
      '**Save**',
      '',
    ];
  }
  return [
    `${version} > release to ${target} > **Configure**; change nothing but:`,
    '**Save**',
    'The test QR code is a new one now.',
  ];
}

function entryLines({ path, write }: Entry): string {
  const label = path !== 'mark' && isField(path) ? `**${labels[path]}**` : variableLabel(path);
  if (write.to === 'inherit') return `- [ ] ${label}: clear it`;
  const { value } = write;
  switch (value.kind) {
    case 'secret':
      return `- [ ] ${label}: the secret ${code(secretRefText(value.ref))} (from its store; never from here)`;
    case 'list':
      return `- [ ] ${label}, ${plural(value.items.length, 'entry', 'entries')}, exactly these:\n\n${block(value.items)}`;
    case 'text':
      return `- [ ] ${label}:\n\n${block([value.text])}`;
  }
}

function variableLabel(path: FieldFact['field']['path']): string {
  const name = path === 'mark' ? undefined : variableName(path);
  return `**Environment Variables**, ${code(name ?? path)}`;
}

/** A block that its content cannot end; one value per line. */
function block(values: readonly string[]): string {
  const lines = values.map(visible);
  const longest = Math.max(
    2,
    ...lines.flatMap((line) => [...line.matchAll(/`+/g)].map(([run]) => run.length)),
  );
  const fence = '`'.repeat(longest + 1);
  const body = [`${fence}text`, ...lines, fence].map((line) => `  ${line}`).join('\n');
  return lines.some((line, i) => line !== values[i])
    ? `${body}\n\n  (holds characters that cannot be shown: copy it from the declaration)`
    : body;
}

/** What a person must not do now, although it was declared. */
function notToDo(programs: readonly ProgramFacts[]): readonly string[] {
  const held = heldNotes(programs).map(
    ({ why, what }) => `- ${what.map(code).join(', ')}: ${code(why)}`,
  );
  const blocked = programs
    .flatMap(({ changes }) => changes)
    .filter(({ change }) => change.action === 'blocked' || change.action === 'waiting')
    .map(({ change }) => {
      const release = releaseKeyOf(change);
      const name = release
        ? `${release.version} ${release.app}/${release.environment}`
        : keyText(change.key);
      return `- ${code(name)}: ${change.reasons.join(', ')}${change.nextStep === null ? '' : `. ${code(change.nextStep)}`}`;
    });
  return [
    ...(held.length === 0 ? [] : [['## Not now: held', ...held].join('\n\n')]),
    ...(blocked.length === 0 ? [] : [['## Not possible now', ...blocked].join('\n\n')]),
  ];
}

function keyText({ workspace, miniProgram }: ProgramKey): string {
  return `${workspace}/${miniProgram} global configuration`;
}
