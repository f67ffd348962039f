import type {
  Bases,
  Change,
  ChangeId,
  Decision,
  FieldChange,
  GlobalChange,
  Held,
  Plan,
  ReleaseChange,
  Shown,
} from '../../../src/core/model/plan.ts';
import { defaultPolicy } from '../../../src/core/model/policy.ts';
import { revision } from '../../../src/core/model/observed.ts';
import type { PlanSet } from '../../../src/core/render/plan-document.ts';
import { hexDigest } from '../../../src/core/words/digests.ts';
import type { Environment } from '../../../src/core/words/environments.ts';
import type { FieldPath } from '../../../src/core/words/fields.ts';
import type { ProgramKey, ReleaseKey } from '../../../src/core/words/keys.ts';
import type { DocumentId, Origin, Place } from '../../../src/core/words/places.ts';
import { epochMs } from '../../../src/core/words/time.ts';

/** 2026-03-01T12:00:00Z. */
export const now = epochMs(1_772_366_400_000);

export const coffee: ProgramKey = {
  platform: 'api.megapay.example',
  workspace: 'acme',
  miniProgram: '3500020208396321',
};

/** `2.5.0 megapay/Production` of coffee, or of another program. */
export function key(text: string, program: ProgramKey = coffee): ReleaseKey {
  const [version = '', target = ''] = text.split(' ');
  const [app = '', environment = ''] = target.split('/');
  return { ...program, version, app, environment: environment as Environment };
}

function changeId(...parts: readonly unknown[]): ChangeId {
  return `c-${hexDigest(parts, 12)}` as ChangeId;
}

/** `file:line` as the place; `locate` below reads it back. */
export function place(text: string): Place {
  return { document: text as DocumentId, pointer: '' };
}

export function locate({ document }: Place): Origin {
  const [file = '', line = '1'] = document.split(':');
  return { file, line: Number(line), column: 15 };
}

export const value = (text: string | readonly string[]): Shown => ({ state: 'value', value: text });
export const unset: Shown = { state: 'unset' };
export const inherits = (text?: string | readonly string[]): Shown =>
  text === undefined ? { state: 'inherited' } : { state: 'inherited', value: text };
export const secret = (fingerprint: string): Shown => ({ state: 'secret', fingerprint });

export function testers(count: number, from = 0): readonly string[] {
  return Array.from({ length: count }, (_, i) => `2088${String(from + i).padStart(6, '0')}`);
}

/** A field change; what a test does not name is the plainest. */
export function field(
  path: FieldPath | 'mark',
  before: Shown,
  after: Shown,
  rest: Partial<FieldChange> & { readonly at?: string } = {},
): FieldChange {
  const { at = 'programs/coffee.yaml:14', ...others } = rest;
  return {
    path,
    before,
    after,
    sensitive: before.state === 'secret' || after.state === 'secret',
    cause: 'declaration',
    changeId: changeId(path, before, after, at),
    locked: null,
    ...writeOf(path, after, others.locked),
    nextBase: '' as FieldChange['nextBase'],
    step: 1,
    own: true,
    effective: true,
    origins: at === '' ? [] : [place(at)],
    ...others,
  };
}

function writeOf(
  path: FieldPath | 'mark',
  after: Shown,
  locked: FieldChange['locked'] | undefined,
): Pick<FieldChange, 'write'> {
  if (path === 'mark' || (locked !== undefined && locked !== null)) return {};
  if (after.state === 'inherited' || after.state === 'unset') return { write: { to: 'inherit' } };
  if (after.state !== 'value') return {};
  const { value: given } = after;
  return typeof given === 'string'
    ? { write: { to: 'value', value: { kind: 'text', text: given } } }
    : { write: { to: 'value', value: { kind: 'list', items: given } } };
}

const noBases: Bases = { observed: {}, settled: {} };

const changeDefaults = {
  name: 'coffee-2.5.0',
  reasons: [],
  nextStep: null,
  undo: null,
  precondition: { kind: 'record', revision: revision('7'), mark: undefined },
  bases: noBases,
  policy: defaultPolicy,
  source: 'cli',
  origins: [place('releases/coffee-2.5.0.yaml:6')],
} as const;

/** A change of a release; ids of its fields are made its own. */
export function release(
  where: string | ReleaseKey,
  action: ReleaseChange['action'],
  rest: Partial<ReleaseChange> = {},
): ReleaseChange {
  const releaseKey = typeof where === 'string' ? key(where) : where;
  const { fields = [], ...others } = rest;
  return {
    ...changeDefaults,
    scope: 'release',
    key: releaseKey,
    action,
    status: action === 'create' || action === 'waiting' ? null : 'NewVersionCreated',
    changeId: changeId(releaseKey, action, fields),
    superseded: false,
    variableCount: 0,
    fields: fields.map((one) => ({ ...one, changeId: changeId(releaseKey, one.path, one.after) })),
    ...others,
  };
}

export function globalChange(rest: Partial<GlobalChange> = {}): GlobalChange {
  const { fields = [], key: program = coffee, ...others } = rest;
  return {
    ...changeDefaults,
    name: 'coffee',
    scope: 'global',
    key: program,
    action: 'update',
    status: null,
    changeId: changeId(program, 'global', fields),
    reach: {},
    fields: fields.map((one) => ({ ...one, changeId: changeId(program, one.path, one.after) })),
    ...others,
  };
}

export function plan(changes: readonly ReleaseChange[], rest: Partial<Plan> = {}): Plan {
  return {
    key: coffee,
    connection: 'megapay',
    name: 'coffee',
    changes,
    global: [],
    awaits: [],
    undeclared: [],
    unverified: [],
    unmanaged: [],
    problems: [],
    observedAt: now,
    attested: false,
    emulator: false,
    existing: changes.length,
    lacks: [],
    ...rest,
  };
}

/** Everything writable is applied, but what is named held; a create is all or nothing. */
export function decision(one: Plan, held: readonly Held[] = []): Decision {
  const isHeld = (id: ChangeId): boolean => held.some((other) => other.changeId === id);
  const isOut = (change: Change): boolean =>
    isHeld(change.changeId) ||
    (change.action === 'create' && change.fields.some((f) => isHeld(f.changeId)));
  const apply = [...one.global, ...one.changes]
    .filter((change) => ['create', 'update', 'adopt'].includes(change.action) && !isOut(change))
    .map((change) => ({
      change,
      apply: change.fields.filter(
        (f) => f.path !== 'mark' && f.locked === null && !isHeld(f.changeId),
      ),
      mark: change.fields.some((f) => f.path === 'mark' && !isHeld(f.changeId)),
    }))
    .filter((one) => one.apply.length > 0 || one.mark || one.change.action === 'create');
  return { apply, held, released: [] };
}

/** The decision that holds every field of the changes for one reason. */
export function holdingAll(one: Plan, reason: Held['reason'], message: string): Decision {
  const held = [...one.global, ...one.changes]
    .flatMap((change) => change.fields)
    .map(({ changeId: id }) => ({ changeId: id, reason, message: message.replace('ID', id) }));
  return decision(one, held);
}

export function set(plans: readonly Plan[], rest: Partial<PlanSet> = {}): PlanSet {
  return {
    plans,
    decisions: plans.map((one) => decision(one)),
    platforms: [
      { connection: 'megapay', platform: 'api.megapay.example', driver: 'http', emulator: false },
    ],
    apiCalls: { reads: 3, writes: 2 },
    ratePerSecond: 5,
    problems: [],
    locate,
    now,
    all: false,
    ...rest,
  };
}

/** The plan of the specification: coffee 2.5.0 goes to Production while 2.4.0 is live. */
export function storyPlan(): Plan {
  const live = {
    version: '2.4.0',
    status: 'FullRelease',
    values: {
      merchantId: value('M-77'),
      serverDomains: value(['https://api.acme.example']),
      'environmentVariables/API_KEY': secret('7c1e9a0b7c1e9a0b'),
    },
  } as const;
  return plan(
    [
      release('2.5.0 megapay/Production', 'create', {
        live,
        undo: 'cannot be undone: a record stays for ever (harmless until applied for)',
        precondition: { kind: 'absent' },
        fields: [
          field('merchantId', unset, value('M-88')),
          field(
            'serverDomains',
            unset,
            value(['https://api.acme.example', 'https://cdn.acme.example']),
            {
              at: 'releases/coffee-2.5.0.yaml:9',
            },
          ),
          field('environmentVariables/API_KEY', unset, secret('7c1e9a0b7c1e9a0b'), {
            at: 'releases/coffee-2.5.0.yaml:17',
            write: {
              to: 'value',
              value: { kind: 'secret', ref: { name: 'coffee-keys', key: 'apiKey' } },
            },
          }),
        ],
      }),
      release('2.5.0 megapay/Sandbox', 'update', {
        fields: [
          field('testers', value(testers(12)), value(testers(42)), { at: 'profiles/qa.yaml:5' }),
        ],
      }),
      release('2.4.0 rapipay/Production', 'blocked', {
        name: 'coffee-2.4.0',
        status: 'UnderReview',
        reasons: ['ConfigLocked'],
        nextStep: 'withdraw the request in the console, or release a new version',
        fields: [
          field('merchantId', value('M-12'), value('M-14'), {
            at: 'releases/coffee-2.4.0.yaml:31',
            locked: 'ConfigLocked',
          }),
        ],
      }),
      release('2.4.0 megapay/Production', 'settled', {
        name: 'coffee-2.4.0',
        status: 'FullRelease',
        fields: [
          field('merchantId', value('M-77'), value('M-88'), { locked: 'ConfigLocked', own: false }),
        ],
      }),
      release('2.3.0 megapay/Test', 'unchanged'),
    ],
    { undeclared: [{ key: key('2.5.0 megapay/Sandbox'), path: 'clientId' }] },
  );
}

/** A plan in which everything that others can write is the given text. */
export function wildSet(text: string): PlanSet {
  const program = { platform: text, workspace: text, miniProgram: text };
  const releaseKey = { ...program, version: text, app: text, environment: 'Production' } as const;
  const one = plan(
    [
      release(releaseKey, 'create', {
        fields: [
          field('merchantId', unset, value(text)),
          field('serverDomains', unset, value([text, `${text}2`])),
          field(`environmentVariables/${text}`, unset, value(text)),
        ],
        suspended: { reason: text },
        live: { version: text, status: 'FullRelease', values: { merchantId: value(`${text}1`) } },
      }),
      release({ ...releaseKey, environment: 'Test' }, 'update', {
        fields: [field('merchantId', value(`${text}1`), value(text))],
      }),
      release({ ...releaseKey, environment: 'Sandbox' }, 'blocked', {
        reasons: ['NotGranted'],
        nextStep: text,
      }),
    ],
    {
      ...{ key: program, name: text, connection: text },
      problems: [{ rule: 'rule', severity: 'warning', message: text }],
    },
  );
  const { changeId } = one.changes[1]!.fields[0]!;
  return set([one], {
    decisions: [decision(one, [{ changeId, reason: 'AwaitsOther', message: text }])],
    platforms: [{ connection: text, platform: text, driver: 'http', emulator: true }],
    locate: () => ({ file: text, line: 1, column: 1 }),
  });
}
