import { statuses } from '../../core/words/statuses.ts';

/**
 * What public pages leave open (`[I]`), and what platforms differ in. Every one is a switch; the table below is the
 * single definition: default, other values, and why it can be asked at all.
 */
interface Switch {
  readonly default: boolean | number | string;
  /** Other values; absent for numbers and flags. */
  readonly values?: readonly string[];
  readonly text: string;
}

const inferred = {
  afterWithdraw: {
    default: 'NewVersionCreated',
    values: statuses,
    text: 'Status of a release whose approval request is withdrawn.',
  },
  afterReject: {
    default: 'NewVersionCreated',
    values: statuses,
    text: 'Status of a release whose approval request is rejected.',
  },
  developmentAndTest: {
    default: 'FullRelease',
    values: statuses,
    text: 'Status after applying in Development or Test, where everything is automatic.',
  },
  sandboxWithoutReview: {
    default: 'pilotIfSupported',
    values: ['pilotIfSupported', 'FullRelease'],
    text: 'Where applying leads in Sandbox when the super app asks for no review.',
  },
  sandboxApproved: {
    default: 'FullRelease',
    values: ['FullRelease', 'ReleasePreparation'],
    text: 'Status after an approval in Sandbox without pilot testing.',
  },
  sandboxPilotComplete: {
    default: 'FullRelease',
    values: ['FullRelease', 'GrayscaleRelease'],
    text: 'Status after pilot testing is completed in Sandbox.',
  },
  afterOffline: {
    default: 'Archived',
    values: ['Archived', 'Canceled'],
    text: 'Status of a release that was taken offline.',
  },
  grayscaleStart: {
    default: 0,
    text: 'Percentage of users right after pilot testing is completed.',
  },
  grayscaleDecrease: {
    default: false,
    text: 'Whether the percentage of a grayscale release may be lowered.',
  },
  globalFreezePoint: {
    default: 'apply',
    values: ['apply', 'create'],
    text: 'When a release stops following the global configuration.',
  },
  precedence: {
    default: 'wholeField',
    values: ['wholeField', 'mergeLists'],
    text: 'Whether a release-specific list replaces the global one or is added to it.',
  },
  emptyList: {
    default: 'value',
    values: ['value', 'inherit'],
    text: 'Whether an empty list is a value of its own or the same as no value.',
  },
  newerWhileUnderReview: {
    default: true,
    text: 'Whether a version may be applied for while another is under review on the same target.',
  },
  versionOrder: {
    default: 'any',
    values: ['any', 'increasing'],
    text: 'Whether an uploaded version must be greater than every earlier one.',
  },
  maxTesters: {
    default: 100,
    text: 'Most testers of one list (an older page says 100); 0 for no limit.',
  },
  testersScope: {
    default: 'release',
    values: ['release', 'program'],
    text: 'Whether the limit of testers counts one release or all releases of a program together.',
  },
  maxTextLength: {
    default: 0,
    text: 'Longest accepted text of any field, in characters; 0 for no limit but the contract’s.',
  },
  qrOnNoop: {
    default: false,
    text: 'Whether the test QR code changes with a write that changes nothing.',
  },
} as const satisfies Record<string, Switch>;

const contract = {
  conditionalWrites: {
    default: true,
    text: 'Capability: `ifRevision` and `ifMark` are honoured.',
  },
  requestIds: {
    default: true,
    text: 'Capability: a repeated `requestId` is answered from memory.',
  },
  marks: { default: true, text: 'Capability: marks are stored and returned.' },
  increments: { default: true, text: 'Capability: lists of releases give and take a cursor.' },
  frozen: { default: true, text: 'Capability: the configuration frozen at applying is reported.' },
  variables: {
    default: 'readable',
    values: ['readable', 'hidden'],
    text: 'Capability: whether values of environment variables are reported.',
  },
  maxPageSize: { default: 1000, text: 'Capability: most records of a page.' },
  maxIdsPerFilter: { default: 100, text: 'Capability: most ids of a filter.' },
  permissive: {
    default: false,
    text: 'Accepts what a real platform refuses: no preconditions, no status check, no uniqueness, no memory of request ids, while still claiming them.',
  },
  revisions: {
    default: 'counter',
    values: ['counter', 'contentHash'],
    text: 'How revisions are made; `contentHash` comes back to earlier values, against the contract.',
  },
  rememberFailures: {
    default: false,
    text: 'Whether a failed answer is remembered by its request id, against the contract.',
  },
  rememberHours: { default: 24, text: 'How long answers are remembered by request id, hours.' },
  pageOrder: {
    default: 'created',
    values: ['created', 'shuffled', 'recentlyChanged'],
    text: 'Order of lists. `recentlyChanged` pages by offset, so that an item moves between pages when it changes.',
  },
  cappedPageSize: {
    default: 0,
    text: 'Page size above which lists are cut without saying so; 0 for `maxPageSize`.',
  },
  pageTokenSeconds: { default: 3600, text: 'How long a page token is valid, seconds.' },
  cursorSeconds: { default: 604800, text: 'How long a cursor is valid, seconds.' },
} as const satisfies Record<string, Switch>;

/** Inferred behaviour of the platform, by name. */
export const inferredSwitches: Readonly<Record<string, Switch>> = inferred;
/** Capabilities of the contract and ways to break it, by name. */
export const contractSwitches: Readonly<Record<string, Switch>> = contract;

type Table = typeof inferred & typeof contract;
type ValueOf<S extends Switch> = S extends { readonly values: readonly (infer V)[] }
  ? V
  : S['default'] extends boolean
    ? boolean
    : number;

export type Switches = { readonly [Name in keyof Table]: ValueOf<Table[Name]> };

/** All switches at their documented defaults. */
export const defaultSwitches: Switches = Object.fromEntries(
  Object.entries({ ...inferred, ...contract }).map(([name, entry]) => [name, entry.default]),
) as Switches;

/** What is wrong with a set of switches given by a person; empty when nothing is. */
export function switchProblems(given: Readonly<Record<string, unknown>>): string[] {
  const table: Readonly<Record<string, Switch>> = { ...inferred, ...contract };
  return Object.entries(given).flatMap(([name, value]) => {
    const known = table[name];
    if (!known) return [`there is no switch "${name}"`];
    if (known.values && !known.values.includes(String(value)))
      return [`switch ${name} is one of ${known.values.join(', ')}`];
    return typeof value === typeof known.default
      ? []
      : [`switch ${name} is a ${typeof known.default}`];
  });
}
