import { describe, expect, it } from 'vitest';
import {
  capabilities,
  desiredProgram,
  desiredRelease,
  fingerprints,
  hour,
  markOf,
  now,
  observedProgram,
  plan,
  record,
  type ObservedOptions,
  type PlainConfig,
  type RecordOptions,
  type ReleaseOptions,
} from './fixtures.ts';

const apiKey = 'environmentVariables/API_KEY';
const m1: PlainConfig = { merchantId: 'M-1' };
const m2: PlainConfig = { merchantId: 'M-2' };
const marked = markOf(m1);

interface Case {
  readonly name: string;
  readonly why: string;
  readonly release: ReleaseOptions;
  readonly found?: RecordOptions;
  readonly observed?: ObservedOptions;
  /** Action, then reasons. */
  readonly expected: readonly string[];
  readonly step?: RegExp;
}

const forbidden: readonly Case[] = [
  ...(['TargetConflict', 'NotGranted', 'ReferenceNotFound', 'Invalid'] as const).map((reason) => ({
    name: `a claim that is ${reason}`,
    why: 'what is not granted, contested or unreadable is never written',
    release: { config: m2, barrier: reason },
    found: { config: m1, mark: marked },
    expected: ['blocked', reason],
    step: new RegExp(`Lift ${reason}`),
  })),
  {
    name: 'a platform that refuses us',
    why: 'nothing can be said or done',
    release: { config: m2 },
    found: { config: m1 },
    observed: { refused: { reason: 'AccessDenied', message: 'no', nextStep: 'Ask for the role.' } },
    expected: ['blocked', 'AccessDenied'],
    step: /Ask for the role/,
  },
  {
    name: 'a barrier on a canceled record',
    why: 'the first action that matches counts',
    release: { barrier: 'NotGranted' },
    found: { status: 'Canceled' },
    expected: ['blocked', 'NotGranted'],
  },
];

const spent: readonly Case[] = [
  {
    name: 'a canceled record',
    why: 'it can never be released there again',
    release: { config: m1 },
    found: { status: 'Canceled', config: m1 },
    expected: ['blocked', 'TargetSpent'],
    step: /remove the target, or release a new version/,
  },
  {
    name: 'a canceled record of a superseded version',
    why: 'nobody needs to do anything',
    release: { config: m1, superseded: true },
    found: { status: 'Canceled', config: m1 },
    expected: ['settled'],
  },
];

const missing: readonly Case[] = [
  {
    name: 'everything in place',
    why: 'the record is made with its configuration',
    release: { config: m1 },
    expected: ['create'],
  },
  {
    name: 'no configuration at all',
    why: 'a record that inherits everything is wanted too',
    release: {},
    expected: ['create'],
  },
  {
    name: 'superseded and shared',
    why: 'a wallet added to the standing targets makes no records for old versions',
    release: { config: m1, superseded: true, own: false },
    expected: ['settled'],
  },
  {
    name: 'superseded and listed by the document itself',
    why: 'somebody asked for exactly this record',
    release: { config: m1, superseded: true, own: true },
    expected: ['create'],
  },
  {
    name: 'a version that is not uploaded, in plain files',
    why: 'they have no deadline',
    release: { version: '9.0.0' },
    expected: ['waiting', 'VersionNotUploaded'],
    step: /Upload version 9.0.0/,
  },
  {
    name: 'a version that is not uploaded, exactly 24 h after the commit',
    why: 'within the deadline',
    release: { version: '9.0.0', since: now - 24 * hour },
    expected: ['waiting', 'VersionNotUploaded'],
  },
  {
    name: 'a version that is not uploaded, later',
    why: 'somebody forgot it',
    release: { version: '9.0.0', since: now - 24 * hour - 1 },
    expected: ['blocked', 'VersionNotUploaded'],
  },
  {
    name: 'a mini program that does not exist',
    why: 'it may be made soon',
    release: {},
    observed: { existence: 'missing' },
    expected: ['waiting', 'MiniProgramNotFound'],
  },
  {
    name: 'a mini program that does not exist, after the deadline',
    why: 'an id or a workspace is wrong',
    release: { since: now - 25 * hour },
    observed: { existence: 'missing' },
    expected: ['blocked', 'MiniProgramNotFound'],
  },
  {
    name: 'an environment the app does not offer',
    why: 'waiting would not help',
    release: { app: 'tapngo', environment: 'Test' },
    expected: ['blocked', 'TargetUnavailable'],
    step: /tapngo does not offer Test/,
  },
  {
    name: 'neither version nor target',
    why: 'the version comes first, and both are named',
    release: { app: 'nowhere', version: '9.0.0' },
    expected: ['waiting', 'VersionNotUploaded', 'TargetUnavailable'],
  },
  {
    name: 'variables on a web program',
    why: 'all or nothing: a record without them would be another one for ever',
    release: { config: { ...m1, [apiKey]: 'x' } },
    observed: { type: 'H5+' },
    expected: ['blocked', 'VariablesUnavailable'],
    step: /API_KEY/,
  },
  {
    name: 'variables where the app has switched them off',
    why: 'all or nothing',
    release: { config: { [apiKey]: 'x' } },
    observed: {
      targets: [{ app: 'megapay', environments: ['Sandbox'], environmentVariables: false }],
    },
    expected: ['blocked', 'VariablesUnavailable'],
  },
  {
    name: 'several fields that cannot be given',
    why: 'all reasons at once',
    release: {
      config: { serverDomains: ['a.example'], [apiKey]: { secret: 'lost' } },
    },
    observed: { domainsGranted: false },
    expected: ['blocked', 'DomainsNotGranted', 'SecretUnavailable'],
    step: /serverDomains.*API_KEY/,
  },
];

const final: readonly Case[] = (['GrayscaleRelease', 'FullRelease', 'Archived'] as const).flatMap(
  (status) => [
    {
      name: `${status} with an own difference`,
      why: 'it takes effect with the next version',
      release: { config: m2 },
      found: { status, config: m1, frozen: m1 },
      expected: ['settled'],
    },
    {
      name: `${status} that equals what was frozen`,
      why: 'the value may have been inherited at applying',
      release: { config: m1 },
      found: { status, config: {}, frozen: m1 },
      expected: ['unchanged'],
    },
    {
      name: `${status} of a platform that does not report it`,
      why: 'what is not known is no difference',
      release: { config: m2 },
      found: { status, config: m1 },
      expected: ['unchanged'],
    },
  ],
);

const underWay: readonly Case[] = (
  ['UnderReview', 'ReleasePreparation', 'PilotTesting'] as const
).flatMap((status) => [
  {
    name: `${status} with an own difference`,
    why: 'somebody must decide',
    release: { config: m2 },
    found: { status, config: m1, frozen: m1 },
    expected: ['blocked', 'ConfigLocked'],
    step:
      status === 'UnderReview'
        ? /^Withdraw the request, or release a new version/
        : /release a new version \(cancelling would spend this target for ever\)/,
  },
  {
    name: `${status} with a shared difference`,
    why: 'the program moved on; this release is as it was applied for',
    release: { shared: m2 },
    found: { status, config: m1, frozen: m1 },
    expected: ['settled'],
  },
  {
    name: `${status} with a field that left the declaration`,
    why: 'nobody declares it any more, so it is shared',
    release: {},
    found: { status, config: m1, frozen: m1, mark: marked },
    expected: ['settled'],
  },
  {
    name: `${status} that the global level has left behind`,
    why: 'an inherited value is no difference',
    release: {},
    found: { status, config: {}, frozen: m1 },
    observed: { global: m2 },
    expected: ['unchanged'],
  },
]);

const editable: readonly Case[] = [
  {
    name: 'a shared change of a superseded release',
    why: 'it is never written',
    release: { shared: m2, superseded: true },
    found: { config: m1, mark: marked },
    expected: ['settled'],
  },
  {
    name: 'an own change of a superseded release',
    why: 'somebody asked for it',
    release: { config: m2, superseded: true },
    found: { config: m1, mark: marked },
    expected: ['update'],
  },
  {
    name: 'an own and a shared change of a superseded release',
    why: 'one goes, the other is locked inside',
    release: { config: m2, shared: { clientId: 'C-2' }, superseded: true },
    found: { config: m1, mark: marked },
    expected: ['update', 'Superseded'],
  },
  {
    name: 'only domains, which may not be edited',
    why: 'in an editable record every lock is somebody’s to lift',
    release: { shared: { serverDomains: ['a.example'] } },
    found: { mark: markOf({}) },
    observed: { domainsGranted: false },
    expected: ['blocked', 'DomainsNotGranted'],
  },
  {
    name: 'domains, which may not be edited, beside another field',
    why: 'the others go on',
    release: { config: { ...m2, wapUrls: ['a.example'] } },
    found: { config: m1, mark: marked },
    observed: { domainsGranted: false },
    expected: ['update', 'DomainsNotGranted'],
  },
  {
    name: 'a field put back too often',
    why: 'somebody else clearly disagrees',
    release: { config: m2 },
    found: { config: m1, mark: marked },
    observed: { contended: { 'mp/acme/3500/1.0.0/megapay/Sandbox': ['merchantId'] } },
    expected: ['blocked', 'Contended'],
    step: /merchantId/,
  },
  {
    name: 'a record of another installation that would change',
    why: 'two would fight',
    release: { config: m2 },
    found: { config: m1, mark: markOf(m1, { installation: 'theirs' }) },
    expected: ['blocked', 'Contended'],
    step: /take it over/,
  },
  {
    name: 'a record of another installation that is equal',
    why: 'there is nothing to fight about',
    release: { config: m1 },
    found: { config: m1, mark: markOf(m1, { installation: 'theirs' }) },
    expected: ['unchanged'],
  },
  {
    name: 'a record with a mark nobody here can read',
    why: 'a newer Fairlead may have written it',
    release: { config: m2 },
    found: { config: m1, mark: '2 a later format' },
    expected: ['blocked', 'Contended'],
    step: /--take-over unknown/,
  },
];

const limit: readonly Case[] = [
  {
    name: 'new variables beside undeclared ones',
    why: 'the record would hold six',
    release: { config: variables('A', 'B') },
    found: { config: variables('V', 'W', 'X', 'Y'), mark: markOf({}) },
    expected: ['blocked', 'VariablesLimit'],
    step: /Remove V, W, X and Y in the console.*make room for A and B/,
  },
  {
    name: 'new variables that fit beside undeclared ones',
    why: 'the record would hold five',
    release: { config: variables('A', 'B') },
    found: { config: variables('V', 'W', 'X'), mark: markOf({}) },
    expected: ['update'],
  },
  {
    name: 'a variable that takes the place of one that goes',
    why: 'one patch removes and adds',
    release: { config: variables('A', 'B', 'C', 'D', 'F') },
    found: {
      config: variables('A', 'B', 'C', 'D', 'E'),
      mark: markOf(variables('A', 'B', 'C', 'D', 'E')),
    },
    expected: ['update'],
  },
  {
    name: 'new variables beside those whose removal is held by policy',
    why: 'they count as long as they stay',
    release: { config: variables('A'), policy: { undeclared: 'Clear', onDrift: 'Report' } },
    found: { config: variables('V', 'W', 'X', 'Y', 'Z'), mark: markOf({}) },
    expected: ['update', 'VariablesLimit'],
  },
  {
    name: 'new variables beside those that are cleared',
    why: 'they make room',
    release: { config: variables('A'), policy: { undeclared: 'Clear', onDrift: 'Apply' } },
    found: { config: variables('V', 'W', 'X', 'Y', 'Z'), mark: markOf({}) },
    expected: ['update'],
  },
];

function variables(...names: readonly string[]): PlainConfig {
  return Object.fromEntries(names.map((name) => [`environmentVariables/${name}`, 'x']));
}

const adopting: readonly Case[] = [
  {
    name: 'no field differs and there is no mark',
    why: 'imported records carry none',
    release: {},
    found: {},
    expected: ['adopt'],
  },
  {
    name: 'a variable that left on both sides and is still in the mark',
    why: 'the bases differ',
    release: {},
    found: { mark: markOf(variables('A')) },
    expected: ['adopt'],
  },
  {
    name: 'no mark, under review',
    why: 'a mark-only patch is accepted in New Version Created only',
    release: { config: m1 },
    found: { status: 'UnderReview', config: m1, frozen: m1 },
    expected: ['unchanged'],
  },
  {
    name: 'no mark, on a platform that stores none',
    why: 'there adopt does not exist',
    release: { config: m1 },
    found: { config: m1 },
    observed: { capabilities: { ...capabilities, marks: false } },
    expected: ['unchanged'],
  },
];

const groups = { forbidden, spent, missing, final, underWay, editable, limit, adopting };

describe.each(Object.entries(groups))('%s', (_group, cases) => {
  it.each(cases)('$name', ({ release, found, observed, expected, step, why }) => {
    const made = plan(
      desiredProgram([desiredRelease(release)]),
      observedProgram(found ? [record(found)] : [], observed),
      {
        fingerprints: fingerprints({
          secrets: { 'cli|store/lost': { state: 'unavailable', message: 'no' } },
        }),
      },
    );
    const [change] = made.changes;

    expect([change?.action, ...(change?.reasons ?? [])], why).toEqual(expected);
    if (step) expect(change?.nextStep).toMatch(step);
    if (change?.reasons.length === 0) expect(change.nextStep).toBeNull();
  });
});
