import fc from 'fast-check';
import type { Policy } from '../../src/core/model/policy.ts';
import type { PlanInput } from '../../src/core/plan/make-plan.ts';
import { statuses } from '../../src/core/words/statuses.ts';
import {
  desiredGlobal,
  desiredProgram,
  desiredRelease,
  markOf,
  observedProgram,
  planInput,
  record,
  type Plain,
  type PlainConfig,
} from '../unit/plan/fixtures.ts';

const text = fc.constantFrom('a', 'b', 'c');
const list = fc.uniqueArray(fc.constantFrom('a.example', 'b.example', 'c.example'), {
  minLength: 1,
  maxLength: 3,
});
const secret = fc.constantFrom('first', 'second').map((name): Plain => ({ secret: name }));
const variable = fc.oneof<fc.Arbitrary<Plain>[]>(text, secret);

const config: fc.Arbitrary<PlainConfig> = fc.record(
  {
    clientId: text,
    merchantId: text,
    serverDomains: list,
    wapUrls: list,
    testers: list,
    'environmentVariables/A': variable,
    'environmentVariables/B': variable,
  },
  { requiredKeys: [] },
);
const globalConfig: fc.Arbitrary<PlainConfig> = fc.record(
  { clientId: text, merchantId: text, serverDomains: list, testers: list },
  { requiredKeys: [] },
);
const policy: fc.Arbitrary<Policy> = fc.record({
  onChange: fc.constantFrom('Apply', 'Plan'),
  onDrift: fc.constantFrom('Apply', 'Report', 'Ignore'),
  undeclared: fc.constantFrom('Report', 'Clear'),
});

/** A mark's bases: those of what is there, of something else, or no mark at all. */
const base = fc.oneof(
  fc.constant('observed' as const),
  fc.constant('none' as const),
  config.map((values) => ({ values })),
);

const release = fc.record({
  version: fc.constantFrom('1.0.0', '1.1.0', '2.0.0', '9.0.0'),
  app: fc.constantFrom('megapay', 'tapngo'),
  environment: fc.constantFrom('Production', 'Sandbox', 'Test'),
  wished: fc.option(
    fc.record({
      own: config,
      shared: config,
      policy,
      superseded: fc.boolean(),
      isOwn: fc.boolean(),
    }),
    { nil: undefined, freq: 8 },
  ),
  found: fc.option(
    fc.record({
      status: fc.oneof(fc.constantFrom(...statuses), fc.constant('NewVersionCreated' as const)),
      asWished: fc.boolean(),
      config,
      base,
      frozen: fc.option(config),
    }),
    {
      nil: undefined,
      freq: 4,
    },
  ),
  suspended: fc.boolean(),
});

/** A program with declarations and records of every kind, which may or may not agree. */
export const drawnWorld = fc.record({
  releases: fc.uniqueArray(release, {
    minLength: 2,
    maxLength: 7,
    selector: ({ version, app, environment }) => `${version}/${app}/${environment}`,
  }),
  global: fc.record({
    wished: globalConfig,
    unset: fc.boolean(),
    found: globalConfig,
    base,
    policy,
  }),
});
export type DrawnWorld = typeof drawnWorld extends fc.Arbitrary<infer T> ? T : never;

function markText(found: PlainConfig, from: DrawnWorld['global']['base']): { mark?: string } {
  if (from === 'none') return {};
  return { mark: markOf(from === 'observed' ? found : from.values) };
}

/** The same as desired and observed. */
export function inputOf({ releases, global }: DrawnWorld): PlanInput {
  const wished = releases.flatMap(({ wished: wish, suspended, ...key }) =>
    wish
      ? [
          desiredRelease({
            ...key,
            config: wish.own,
            shared: wish.shared,
            policy: wish.policy,
            superseded: wish.superseded,
            own: wish.isOwn,
            ...(suspended ? { suspended: { reason: 'freeze' } } : {}),
          }),
        ]
      : [],
  );
  const records = releases.flatMap(({ found, wished: wish, ...key }) => {
    const config =
      found?.asWished && wish ? { ...wish.shared, ...wish.own } : (found?.config ?? {});
    return found
      ? [
          record({
            ...key,
            status: found.status,
            config,
            ...markText(config, found.base),
            ...(found.frozen === null ? {} : { frozen: found.frozen }),
          }),
        ]
      : [];
  });
  const { mark } = markText(global.found, global.base);
  return planInput(
    desiredProgram(
      wished,
      desiredGlobal({
        config: global.wished,
        policy: global.policy,
        unset: global.unset
          ? (['wapUrls', 'clientId'] as const).filter((one) => !(one in global.wished))
          : [],
      }),
    ),
    observedProgram(records, {
      global: global.found,
      ...(mark === undefined ? {} : { globalMark: mark }),
    }),
  );
}
