import type { DeclarationDiff } from '../../../src/core/diff/declaration-diff.ts';
import type { Held, Plan } from '../../../src/core/model/plan.ts';
import type { Review } from '../../../src/core/render/review.ts';
import { undo } from '../../../src/core/plan/sentences.ts';
import { noDiff, reviewOf } from '../../support/review.ts';
import {
  coffee,
  decision,
  field,
  key,
  plan,
  release,
  testers,
  unset,
  value,
} from '../render/build.ts';

const live = {
  version: '2.4.0',
  status: 'FullRelease',
  values: { merchantId: value('M-77'), serverDomains: value(['https://api.acme.example']) },
} as const;

/** Coffee 2.5.0 goes to three apps, one of them cannot change, and another program's wish was pending before. */
function storyAfter(): Plan {
  return plan(
    [
      release('2.5.0 megapay/Production', 'create', {
        ...{ live, undo: undo.create, precondition: { kind: 'absent' } },
        fields: [
          field('merchantId', unset, value('M-88')),
          field(
            'serverDomains',
            unset,
            value(['https://api.acme.example', 'https://cdn.acme.example']),
            { at: 'releases/coffee-2.5.0.yaml:9' },
          ),
        ],
      }),
      release('2.5.0 tapngo/Production', 'create', {
        ...{ undo: undo.create, precondition: { kind: 'absent' } },
        fields: [field('merchantId', unset, value('M-31'), { at: 'programs/coffee.yaml:15' })],
      }),
      release('2.5.0 megapay/Sandbox', 'update', {
        undo: undo.update,
        fields: [
          field('testers', value(testers(12)), value(testers(42)), { at: 'profiles/qa.yaml:5' }),
          field('clientId', value('2020'), value('2021'), { at: 'programs/coffee.yaml:11' }),
        ],
      }),
      release('2.4.0 rapipay/Production', 'blocked', {
        name: 'coffee-2.4.0',
        status: 'UnderReview',
        reasons: ['ConfigLocked'],
        nextStep: 'Withdraw the request, or release a new version.',
        fields: [
          field('merchantId', value('M-12'), value('M-14'), {
            ...{ at: 'releases/coffee-2.4.0.yaml:31', locked: 'ConfigLocked' },
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
    { known: { serverDomains: ['https://api.acme.example'], wapUrls: [] } },
  );
}

/** What the base alone would do: a client id was pending in Sandbox. */
function storyBefore(): Plan {
  const { changes, ...rest } = storyAfter();
  return {
    ...rest,
    changes: changes
      .filter(({ key: { environment } }) => environment === 'Sandbox')
      .map((change) => ({
        ...change,
        fields: change.fields.filter(({ path }) => path === 'clientId'),
      })),
  };
}

export function storyReview(rest: Partial<Review> = {}): Review {
  return reviewOf(
    { before: { plan: storyBefore() }, after: { plan: storyAfter() } },
    { untouched: { targets: 32, programs: 39 }, ...rest },
  );
}

/** The payment change in Production asks first. */
export function heldReview(): Review {
  const after = plan([
    release('2.5.0 megapay/Production', 'update', {
      undo: undo.update,
      fields: [field('merchantId', value('M-77'), value('M-88'))],
    }),
  ]);
  const [change] = after.changes;
  const held: readonly Held[] = (change?.fields ?? []).map(({ changeId }) => ({
    changeId,
    reason: 'GateRefused',
    message: `merchantId: changes who gets paid in Production (gate productionPayee): --allow ${changeId}`,
  }));
  const before = plan([release('2.5.0 megapay/Production', 'unchanged')]);
  return reviewOf(
    { before: { plan: before }, after: { plan: after, decision: decision(after, held) } },
    { untouched: { targets: 3, programs: 0 } },
  );
}

const origin = { file: 'releases/coffee-2.5.0.yaml', line: 12, column: 5 };

export function invalidReview(): Review {
  return reviewOf(
    {},
    {
      problems: {
        fresh: [
          {
            ...{ rule: 'unknown-field', severity: 'error', origin },
            message: 'merchantID is not known here',
            nextStep: 'Did you mean merchantId?',
          },
          {
            ...{ rule: 'sandbox-host', severity: 'warning', origin: { ...origin, line: 20 } },
            message: 'this host looks like one of a sandbox',
          },
        ],
        older: { errors: 0, warnings: 4 },
      },
      untouched: { targets: 36, programs: 40 },
    },
  );
}

export function unjudgedReview(): Review {
  return reviewOf(
    {},
    {
      diff: declaredDiff(),
      unjudged: [
        {
          ...{ key: coffee, name: 'coffee', code: 'PlatformUnavailable' },
          message: 'the platform cannot be reached',
          nextStep: 'See whether it is up; then run this job again.',
        },
      ],
    },
  );
}

/** What is declared, with nothing to hold it against. */
function declaredDiff(): DeclarationDiff {
  const shown = (text: string) => ({ state: 'value', value: text }) as const;
  const at = { file: 'programs/coffee.yaml', line: 14, column: 5 };
  const common = {
    name: 'coffee-2.5.0',
    source: 'cli',
    policy: null,
    suspended: null,
    barrier: null,
  };
  return {
    ...noDiff,
    summary: { programs: 1, added: 1, removed: 1, changed: 1, global: 0 },
    programs: [
      {
        ...{ key: coffee, connection: 'megapay', names: ['coffee'], change: 'changed', global: [] },
        releases: [
          {
            ...{ ...common, key: key('2.5.0 megapay/Production'), change: 'added', origins: [at] },
            fields: [
              {
                ...{ path: 'merchantId', change: 'added', before: null, after: shown('M-88') },
                ...{ originsBefore: [], origins: [at] },
              },
            ],
          },
          {
            ...{ ...common, key: key('2.5.0 megapay/Sandbox'), change: 'changed', origins: [at] },
            fields: [
              {
                ...{
                  path: 'merchantId',
                  change: 'changed',
                  before: shown('M-7'),
                  after: shown('M-8'),
                },
                ...{ originsBefore: [at], origins: [at] },
              },
            ],
            policy: {
              before: { onChange: 'Plan', onDrift: 'Report', undeclared: 'Report' },
              after: { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' },
            },
          },
          {
            ...{ ...common, key: key('2.4.0 tapngo/Sandbox'), change: 'removed', origins: [at] },
            fields: [],
          },
        ],
      },
    ],
  };
}

export function declaredReview(): Review {
  return reviewOf({}, { against: 'declarations', platforms: [], diff: declaredDiff() });
}
