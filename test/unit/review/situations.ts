import { undo } from '../../../src/core/plan/sentences.ts';
import type { Held, Plan, ReleaseChange } from '../../../src/core/model/plan.ts';
import type { Review } from '../../../src/core/render/review.ts';
import { noDiff, reviewOf } from '../../support/review.ts';
import {
  coffee,
  decision,
  field,
  globalChange,
  holdingAll,
  key,
  plan,
  release,
  secret,
  unset,
  value,
} from '../render/build.ts';

const paid = (from: string, to: string) => field('merchantId', value(from), value(to));
const created = (where: string, payee: string): ReleaseChange =>
  release(where, 'create', {
    undo: undo.create,
    fields: [field('merchantId', unset, value(payee))],
  });
const updated = (where: string, fields: ReleaseChange['fields']): ReleaseChange =>
  release(where, 'update', { undo: undo.update, fields });
const underReview = release('2.4.0 rapipay/Production', 'blocked', {
  ...{ name: 'coffee-2.4.0', status: 'UnderReview', reasons: ['ConfigLocked'] },
  nextStep: 'Withdraw the request, or release a new version.',
  fields: [field('merchantId', value('M-12'), value('M-14'), { locked: 'ConfigLocked' })],
});

/** What a pull request alone brings about: nothing was pending before. */
export function fresh(changes: readonly ReleaseChange[], rest: Partial<Plan> = {}): Review {
  return reviewOf({ after: { plan: plan(changes, rest) } });
}

/** A change of the payee that was to be made in Production, or was held there, when a newer version was declared. */
export function supersededReview(pending: 'goes' | 'held'): Review {
  const old = (locked: ReleaseChange['fields'][number]['locked'], rest: ReleaseChange['fields']) =>
    release('2.4.0 megapay/Production', rest.length > 0 || locked === null ? 'update' : 'settled', {
      ...{ name: 'coffee-2.4.0', undo: undo.update, superseded: locked !== null },
      reasons: locked === null ? [] : [locked],
      fields: [field('merchantId', value('M-77'), value('M-88'), { locked, own: false }), ...rest],
    });
  const client = field('clientId', value('2020'), value('2021'));
  const before = plan([old(null, [client])]);
  const [change] = before.changes;
  const after = plan([old('Superseded', [client]), created('2.5.0 megapay/Production', 'M-88')]);
  const { changeId } = change?.fields[0] ?? { changeId: undefined };
  const message = 'merchantId: changes who gets paid in Production (gate productionPayee)';
  const held: readonly Held[] =
    pending === 'held' && changeId ? [{ changeId, reason: 'GateRefused', message }] : [];
  return reviewOf({
    before: { plan: before, decision: decision(before, held) },
    after: { plan: after },
  });
}

export function gateReview(): Review {
  const after = plan([
    created('2.5.0 megapay/Sandbox', 'M-7'),
    updated('2.5.0 megapay/Production', [paid('M-77', 'M-88')]),
  ]);
  const change = after.changes[1]?.fields[0];
  const held: readonly Held[] = change
    ? [
        {
          ...{ changeId: change.changeId, reason: 'GateRefused' },
          message: `merchantId: changes who gets paid in Production (gate productionPayee): --allow ${change.changeId}`,
        },
      ]
    : [];
  return reviewOf({ after: { plan: after, decision: decision(after, held) } });
}

/** Its testers go through; who gets paid asks. */
function partReview(): Review {
  const more = field('testers', value(['2088001']), value(['2088001', '2088002']));
  const after = plan([updated('2.5.0 megapay/Production', [more, paid('M-77', 'M-88')])]);
  const [, payee] = after.changes[0]?.fields ?? [];
  const message = 'merchantId: changes who gets paid in Production (gate productionPayee)';
  const held: readonly Held[] = payee
    ? [{ changeId: payee.changeId, reason: 'GateRefused', message }]
    : [];
  return reviewOf({ after: { plan: after, decision: decision(after, held) } });
}

function approvalReview(): Review {
  const after = plan([updated('2.5.0 megapay/Production', [paid('M-77', 'M-88')])]);
  return reviewOf({
    after: {
      plan: after,
      decision: holdingAll(after, 'AwaitingApproval', 'onChange is Plan: --allow ID'),
    },
  });
}

const at = { file: 'releases/coffee.yaml', line: 6, column: 5 };

/** Declarations that are taken away; their records stay. */
export function removedReview(rest: Partial<Review> = {}): Review {
  const gone = (where: string) => ({
    ...{ name: 'coffee-2.4.0', key: key(where), change: 'removed' as const, source: 'cli' },
    ...{ policy: null, suspended: null, barrier: null, origins: [at], fields: [] },
  });
  const releases = [gone('2.4.0 megapay/Production'), gone('2.4.0 megapay/Sandbox')];
  return reviewOf({}, { diff: diffOf(releases), ...rest });
}

type DiffedReleases = Review['diff']['programs'][number]['releases'];

function diffOf(releases: DiffedReleases): Review['diff'] {
  const count = (change: string) => releases.filter((one) => one.change === change).length;
  return {
    ...noDiff,
    summary: {
      ...{ programs: 1, added: count('added'), removed: count('removed') },
      ...{ changed: count('changed'), global: 0 },
    },
    programs: [
      {
        key: coffee,
        connection: 'megapay',
        names: ['coffee'],
        change: 'changed',
        global: [],
        releases,
      },
    ],
  };
}

export function brokenReview(): Review {
  const invalid = (where: string): ReleaseChange =>
    release(where, 'blocked', {
      ...{ reasons: ['Invalid'], nextStep: 'Correct MiniProgramRelease coffee-2.5.0.' },
    });
  const after = plan([invalid('2.5.0 megapay/Production'), invalid('2.5.0 megapay/Sandbox')]);
  return reviewOf(
    { after: { plan: after } },
    {
      problems: {
        fresh: [
          {
            ...{ rule: 'unknown-field', severity: 'error', origin: at },
            message: 'Unknown field merchantID in spec.targets[1].config.',
            nextStep: 'Did you mean merchantId?',
          },
        ],
        older: { errors: 0, warnings: 0 },
      },
    },
  );
}

/** Forty targets: new records, changes, what is under review, and what waits for its upload. */
function mixedReview(): Review {
  const apps = (count: number, make: (app: string) => ReleaseChange) =>
    Array.from({ length: count }, (_, i) => make(`app-${String(i)}`));
  return fresh([
    ...apps(10, (app) => created(`2.5.0 ${app}/Production`, 'M-1')),
    ...apps(15, (app) => updated(`2.5.0 ${app}/Sandbox`, [paid('M-1', 'M-2')])),
    ...apps(8, (app) =>
      release(`2.4.0 ${app}/Production`, 'blocked', { reasons: ['ConfigLocked'] }),
    ),
    ...apps(7, (app) =>
      release(`2.6.0 ${app}/Production`, 'waiting', { reasons: ['VersionNotUploaded'] }),
    ),
  ]);
}

const globally = () =>
  fresh([], {
    global: [
      globalChange({
        undo: undo.global,
        fields: [paid('M-1', 'M-2')],
        reach: { merchantId: [key('2.5.0 megapay/Production'), key('2.5.0 tapngo/Sandbox')] },
      }),
    ],
  });

/** What the first line says, and why just that. */
export const situations = [
  {
    name: 'a new record in Production',
    review: () => fresh([created('2.5.0 megapay/Production', 'M-88')]),
    headline: '`coffee` `2.5.0` on 1 app, **Production on 1**',
    why: 'what, where, and that Production is touched',
  },
  {
    name: 'a changed record in Sandbox',
    review: () => fresh([updated('2.5.0 megapay/Sandbox', [paid('M-7', 'M-8')])]),
    headline: '`coffee` `2.5.0` changes on 1 app, Production is not touched',
    why: 'that Production is not touched is said, and not left out',
  },
  {
    name: 'a declaration taken away in Production',
    review: () => removedReview(),
    headline:
      'nothing changes on the platform now; no longer declared: **Production** of `megapay`, Sandbox of `megapay`',
    why: 'its record stays, and nobody looks after it any more',
  },
  {
    name: 'the same, with no platform asked',
    review: () => removedReview({ against: 'declarations', platforms: [] }),
    headline:
      'nothing changes on the platform now; no longer declared: **Production** of `megapay`, Sandbox of `megapay`',
    why: 'what is no longer declared stays, whatever the platform holds',
  },
  {
    name: 'one taken away in Production while a record changes in Sandbox',
    review: () => ({
      ...fresh([updated('2.5.0 tapngo/Sandbox', [paid('M-7', 'M-8')])]),
      diff: removedReview().diff,
    }),
    headline: '`coffee` `2.5.0` changes on 1 app; no longer declared: **Production** of `megapay`',
    why: 'Production is named beside what moves; what is quiet in Sandbox waits for the table',
  },
  {
    name: 'blocked under review, and nothing else',
    review: () => fresh([underReview]),
    headline: 'nothing changes on the platform now; blocked: **Production** of `rapipay`',
    why: 'which one is blocked has a name',
  },
  {
    name: 'blocked under review, while another wallet gets its record',
    review: () => fresh([created('2.5.0 megapay/Production', 'M-88'), underReview]),
    headline:
      '`coffee` `2.5.0` on 1 app, **Production on 1**; merging does **not** change **Production** of `rapipay`',
    why: 'nobody may take the first line for all of Production',
  },
  {
    name: 'blocked in Production, while Sandbox gets its record',
    review: () => fresh([created('2.5.0 megapay/Sandbox', 'M-7'), underReview]),
    headline: '`coffee` `2.5.0` on 1 app; merging does **not** change **Production** of `rapipay`',
    why: 'not touched would read as not wished',
  },
  {
    name: 'held by a gate in Production',
    review: gateReview,
    headline: '`coffee` `2.5.0` on 1 app; held: **Production** of `megapay`',
    why: 'it is Production that waits',
  },
  {
    name: 'held in part',
    review: partReview,
    headline:
      '`coffee` `2.5.0` changes on 1 app, **Production on 1**; held in part: **Production** of `megapay`',
    why: 'not all of it is done by merging',
  },
  {
    name: 'held by its policy',
    review: approvalReview,
    headline: 'nothing changes on the platform now; held: **Production** of `megapay`',
    why: 'nothing else moves',
  },
  {
    name: 'superseded by a newer version',
    review: () => supersededReview('goes'),
    headline: '`coffee` `2.5.0` on 1 app, **Production on 1**',
    why: 'the older version does not change, and is not counted',
  },
  {
    name: 'held before, superseded now',
    review: () => supersededReview('held'),
    headline: '`coffee` `2.5.0` on 1 app, **Production on 1**',
    why: 'nothing of it is held any more',
  },
  {
    name: 'taken up as it is, in Production',
    review: () => fresh([release('2.4.0 megapay/Production', 'adopt', { name: 'coffee-2.4.0' })]),
    headline: 'nothing changes on the platform now; taken up as it is: **Production** of `megapay`',
    why: 'a note is written into a record of Production, which nobody notices',
  },
  {
    name: 'a secret',
    review: () =>
      fresh([
        updated('2.5.0 megapay/Production', [
          field(
            'environmentVariables/API_KEY',
            secret('0a0a0a0a0a0a0a0a'),
            secret('7c1e9a0b7c1e9a0b'),
          ),
        ]),
      ]),
    headline: '`coffee` `2.5.0` changes on 1 app, **Production on 1**',
    why: 'as any other field; nothing of its value',
  },
  {
    name: 'what people click, on a platform without an interface',
    review: () => ({
      ...fresh([created('2.5.0 megapay/Production', 'M-88')]),
      ...{ against: 'snapshot' as const, byHand: ['megapay'] },
    }),
    headline: '`coffee` `2.5.0` on 1 app, **Production on 1**: people click it in the console',
    why: 'merging alone does nothing there',
  },
  {
    name: 'an invalid release',
    review: brokenReview,
    headline:
      '1 error in what this pull request changes; merging does **not** change **Production** of `megapay`, Sandbox of `megapay`',
    why: 'short, and what stays as it is has names',
  },
  {
    name: 'declared by somebody else',
    review: () =>
      fresh([
        release('2.5.0 megapay/Production', 'blocked', {
          ...{ reasons: ['TargetConflict'], nextStep: 'Let only one source declare it.' },
        }),
      ]),
    headline: 'nothing changes on the platform now; blocked: **Production** of `megapay`',
    why: 'of two claims none is applied',
  },
  {
    name: 'the global configuration',
    review: globally,
    headline: '`coffee` `2.5.0` changes on 2 apps, **Production on 1**',
    why: 'the records that it reaches count',
  },
  {
    name: 'forty targets of all sorts',
    review: mixedReview,
    headline:
      '`coffee` `2.5.0` on 15 apps, **Production on 10**; merging does **not** change **Production** of 8 apps; waiting: **Production** of 7 apps',
    why: 'many are counted, and the line stays one line',
  },
  {
    name: 'nothing',
    review: () => reviewOf({}),
    headline: '**Fairlead**: this pull request declares nothing new.',
    why: 'one line is enough',
  },
] as const;
