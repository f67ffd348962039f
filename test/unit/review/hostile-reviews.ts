import type { DeclarationDiff } from '../../../src/core/diff/declaration-diff.ts';
import type { Held, Plan } from '../../../src/core/model/plan.ts';
import type { Review } from '../../../src/core/render/review.ts';
import type { Ink } from '../../../src/core/render/review-ink.ts';
import { programOf, type ReleaseKey } from '../../../src/core/words/keys.ts';
import type { Origin } from '../../../src/core/words/places.ts';
import { noDiff, reviewOf } from '../../support/review.ts';
import { decision, field, inherits, plan, release, unset, value } from '../render/build.ts';

/** Ways by which what a stranger wrote gets into a review. */
export type Entry = 'value' | 'name' | 'path' | 'branch' | 'author';

export const entries: readonly Entry[] = ['value', 'name', 'path', 'branch', 'author'];

/** Two reviews, with a platform and without, into which one text came by one way; everything else in them is plain. */
export function reviewsWith(entry: Entry, text: string): readonly Review[] {
  const by = (way: Entry): string => (entry === way ? text : 'plain');
  const given = by('value');
  const name = by('name');
  const program = { platform: 'plain', workspace: 'plain', miniProgram: name };
  const key = { ...program, version: name, app: name, environment: 'Production' } as const;
  const origin = { file: by('path'), line: 1, column: 1 };
  const failed = {
    ...{ key: program, name, code: 'PlatformUnavailable', message: given, nextStep: given },
  };
  const commit = '4c1f9e2'.padEnd(40, '0');
  const ends = { revision: by('branch'), commit, author: by('author') };
  const common: Partial<Review> = {
    ...{ base: ends, head: ends, locate: () => origin, unjudged: [failed] },
    problems: {
      fresh: [{ rule: 'rule', severity: 'error', message: given, nextStep: given, origin }],
      older: { errors: 1, warnings: 0 },
    },
  };
  const after = planOf(given, name);
  const riding = after.changes.filter(({ key: { environment } }) => environment === 'Development');
  const diff = diffOf(key, { given, name, origin });
  return [
    reviewOf(
      {
        before: { plan: { ...after, changes: riding } },
        after: {
          plan: after,
          decision: decision(after, heldOf(after, given)),
        },
      },
      { ...common, diff },
    ),
    reviewOf({}, { ...common, against: 'declarations', diff }),
  ];
}

function planOf(given: string, name: string): Plan {
  const program = { platform: 'plain', workspace: 'plain', miniProgram: name };
  const key = { ...program, version: name, app: name, environment: 'Production' } as const;
  const live = {
    version: name,
    status: 'FullRelease',
    values: { merchantId: value(given) },
  } as const;
  const changes = [
    release(key, 'create', {
      ...{ live, name, suspended: { reason: given } },
      fields: [
        field('merchantId', unset, value(`${given}x`)),
        field('serverDomains', unset, value([given, `${given}2`])),
        field(`environmentVariables/${name}`, unset, value(given)),
      ],
    }),
    release({ ...key, environment: 'Test' }, 'update', {
      fields: [
        field('merchantId', value(`${given}1`), inherits(given)),
        field('wapUrls', value([given]), value([`${given}3`])),
      ],
    }),
    release({ ...key, environment: 'Sandbox' }, 'blocked', {
      reasons: ['NotGranted'],
      nextStep: given,
      fields: [field('clientId', value(given), value(`${given}4`), { locked: 'NotGranted' })],
    }),
    release({ ...key, environment: 'Development' }, 'create', {
      fields: [field(`environmentVariables/${name}`, unset, value(given))],
    }),
  ];
  return plan(changes, { key: program, name });
}

function heldOf({ changes }: Plan, message: string): readonly Held[] {
  const { changeId } = changes[1]!.fields[0]!;
  return [{ changeId, reason: 'AwaitsOther', message }];
}

interface Written {
  readonly given: string;
  readonly name: string;
  readonly origin: Origin;
}

function diffOf(key: ReleaseKey, { given, name, origin }: Written): DeclarationDiff {
  const shown = { state: 'value', value: given } as const;
  const origins = [origin];
  return {
    ...noDiff,
    programs: [
      {
        ...{ key: programOf(key), connection: name, names: [name], change: 'changed', global: [] },
        releases: [
          {
            ...{ key, name, change: 'changed', source: name, policy: null, origins },
            fields: [
              {
                ...{ path: 'merchantId', change: 'changed', before: null, after: shown },
                ...{ originsBefore: [], origins },
              },
            ],
            suspended: { before: null, after: { reason: given } },
            barrier: null,
          },
          {
            ...{ key: { ...key, environment: 'Test' }, name, change: 'added', source: name },
            ...{ policy: null, suspended: null, fields: [], origins },
            barrier: { before: null, after: { reason: 'NotGranted', message: given } },
          },
        ],
      },
    ],
  };
}

/** Nothing is made inert: what the search for harm must find. */
export const noInk: Ink = { code: (text) => text };

const hidden = /[\p{Cc}\p{Cs}\p{Zl}\p{Zp}\p{Bidi_Control}\p{Cf}\p{Co}]/u;
const disguised =
  /[A-Za-z0-9.-][\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]|[\p{Script=Cyrillic}\p{Script=Greek}\p{Script=Armenian}]/u;
const forms = /[\uff01-\uff5e\u{1d400}-\u{1d7ff}]/u;

/** What of a text's characters hides or passes for another. */
export function masksIn(text: string): readonly string[] {
  const line = text.replaceAll('\n', '');
  return [
    ...(hidden.test(line) ? ['hidden'] : []),
    ...(disguised.test(line) || forms.test(line) ? ['disguise'] : []),
  ];
}

const calls = /@\p{L}|#\d|GH-\d|[\w)]!\d|(?:^|\s)[!&%$~]\w|\[\[|evil|approved/iu;

/** Whether a text, where a forge looks, names somebody or something on some forge, or says what is not ours to say. */
export function isCalling(text: string): boolean {
  return calls.test(text);
}
