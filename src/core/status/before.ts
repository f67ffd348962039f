import type { TargetStatus } from '../kinds/object-status.ts';

/** A condition as it was written before. */
export interface ConditionBefore {
  readonly type: string;
  readonly status: string;
  readonly lastTransitionTime: string;
  readonly reason?: string;
  readonly message?: string;
}

/** One entry of targets or globals as it was written before: what can be believed of it. */
export type EntryBefore = Partial<
  Pick<
    TargetStatus,
    | 'releaseId'
    | 'status'
    | 'action'
    | 'reason'
    | 'nextStep'
    | 'effectiveDigest'
    | 'mark'
    | 'testQrCode'
  >
>;

/** An entry of targets with what it is about. */
export interface TargetBefore extends EntryBefore {
  readonly app: string;
  readonly environment: string;
}

/** What status said before, as far as it can be read: another version of the controller may have written it. */
export interface StatusBefore {
  readonly observedGeneration: number | undefined;
  readonly conditions: readonly ConditionBefore[];
  readonly lastHandledReconcileAt: string | undefined;
  readonly usedApprovals: readonly string[];
  readonly changeId: string | undefined;
  /** In their order. */
  readonly targets: readonly TargetBefore[];
  /** By app and environment. */
  readonly target: (app: string, environment: string) => EntryBefore | undefined;
  /** By the console. */
  readonly global: (key: {
    readonly platform: string;
    readonly workspace: string;
    readonly miniProgram: string;
  }) => EntryBefore | undefined;
  readonly raw: Readonly<Record<string, unknown>>;
}

/** Reads a status without believing it. Never throws. */
export function statusBefore(status: unknown): StatusBefore {
  const raw = recordOf(status);
  const targets = recordsOf(raw['targets']).flatMap(targetOf);
  const byTarget = new Map(targets.map((one) => [indexOf(one.app, one.environment), one] as const));
  const globals = new Map(
    recordsOf(raw['globals']).map((one) => [
      indexOf(textOf(one, 'platform'), textOf(one, 'workspace'), textOf(one, 'id')),
      entryOf(one),
    ]),
  );
  return {
    observedGeneration: numberOf(raw, 'observedGeneration'),
    conditions: recordsOf(raw['conditions']).flatMap(conditionOf),
    lastHandledReconcileAt: textOf(raw, 'lastHandledReconcileAt'),
    usedApprovals: textsOf(raw['usedApprovals']),
    changeId: textOf(raw, 'changeId'),
    targets,
    target: (app, environment) => byTarget.get(indexOf(app, environment)),
    global: ({ platform, workspace, miniProgram }) =>
      globals.get(indexOf(platform, workspace, miniProgram)),
    raw,
  };
}

/** The condition of a type as it was. */
export function conditionBefore(
  { conditions }: Pick<StatusBefore, 'conditions'>,
  type: string,
): ConditionBefore | undefined {
  return conditions.find((one) => one.type === type);
}

function conditionOf(one: Readonly<Record<string, unknown>>): readonly ConditionBefore[] {
  const [type, status, lastTransitionTime] = [
    textOf(one, 'type'),
    textOf(one, 'status'),
    textOf(one, 'lastTransitionTime'),
  ];
  if (type === undefined || status === undefined || lastTransitionTime === undefined) return [];
  return [{ type, status, lastTransitionTime, ...texts(one, ['reason', 'message']) }];
}

function targetOf(one: Readonly<Record<string, unknown>>): readonly TargetBefore[] {
  const [app, environment] = [textOf(one, 'app'), textOf(one, 'environment')];
  if (app === undefined || environment === undefined) return [];
  return [{ app, environment, ...entryOf(one) }];
}

const entryFields = [
  ...(['releaseId', 'status', 'action', 'reason', 'nextStep'] as const),
  ...(['effectiveDigest', 'mark', 'testQrCode'] as const),
];

function entryOf(one: Readonly<Record<string, unknown>>): EntryBefore {
  return texts(one, entryFields);
}

function texts<K extends string>(
  one: Readonly<Record<string, unknown>>,
  names: readonly K[],
): { readonly [Name in K]?: string } {
  const found: { [Name in K]?: string } = {};
  for (const name of names) {
    const text = textOf(one, name);
    if (text !== undefined) found[name] = text;
  }
  return found;
}

function indexOf(...parts: readonly (string | undefined)[]): string {
  return JSON.stringify(parts);
}

function textOf(one: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = one[name];
  return typeof value === 'string' ? value : undefined;
}

function numberOf(one: Readonly<Record<string, unknown>>, name: string): number | undefined {
  const value = one[name];
  return typeof value === 'number' ? value : undefined;
}

function textsOf(value: unknown): readonly string[] {
  return arrayOf(value).filter((one) => typeof one === 'string');
}

function recordsOf(value: unknown): readonly Readonly<Record<string, unknown>>[] {
  return arrayOf(value).map(recordOf);
}

function arrayOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : [];
}

/** The value's own entries; of anything else none. */
export function recordOf(value: unknown): Readonly<Record<string, unknown>> {
  return isRecord(value) ? value : {};
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
