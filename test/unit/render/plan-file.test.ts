import { describe, expect, it } from 'vitest';

import { planHash } from '../../../src/core/plan/identity.ts';
import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import type { Plan } from '../../../src/core/model/plan.ts';
import type { PlanFile } from '../../../src/core/render/plan-file-schema.ts';
import {
  planFile,
  planFileText,
  readPlanFile,
  unfitness,
} from '../../../src/core/render/plan-file.ts';
import { digestOf } from '../../../src/core/words/digests.ts';
import { renderText } from '../../../src/core/render/text.ts';
import { wide } from './as-text.ts';
import { coffee, key, locate, place, plan, set, storyPlan } from './build.ts';

function desired(one: Plan): DesiredProgram {
  return {
    key: one.key,
    connection: one.connection,
    names: ['coffee'],
    releases: one.changes.map(({ key: of, name, policy, source }) => ({
      key: of,
      name,
      document: place('releases/coffee-2.5.0.yaml:1').document,
      source,
      config: {
        'environmentVariables/API_KEY': {
          value: { kind: 'secret', ref: { name: 'coffee-keys', key: 'apiKey' } },
          origins: [place('releases/coffee-2.5.0.yaml:17')],
        },
      },
      own: true,
      superseded: false,
      policy,
      suspended: { reason: 'year-end freeze' },
      claims: [place('releases/coffee-2.5.0.yaml:6')],
    })),
    digest: 'd',
  };
}

function fileOf(one: Plan): PlanFile {
  return planFile({
    programs: [{ desired: desired(one), plan: one }],
    platforms: set([one]).platforms,
    installation: 'default',
    takeOver: [],
    locate,
  });
}

function reading(text: string) {
  const result = readPlanFile(text);
  if (!result.ok) throw new Error(result.fault.message);
  return result;
}

describe('a plan file', () => {
  it('gives back what was wished and what was planned', () => {
    const story = storyPlan();

    const { file } = reading(planFileText(fileOf(story)));

    const [pair] = file.programs;
    expect(pair).toEqual(JSON.parse(JSON.stringify({ desired: desired(story), plan: story })));
    expect(planHash([pair!.plan])).toBe(planHash([story]));
    expect([file.installation, file.platforms[0]?.connection]).toEqual(['default', 'megapay']);
  });

  it('shows the same plan afterwards, origins included', () => {
    const story = storyPlan();

    const { file, locate: found } = reading(planFileText(fileOf(story)));

    const shown = set(
      file.programs.map((pair) => pair.plan),
      { locate: found },
    );
    expect(renderText(shown, wide)).toBe(renderText(set([story]), wide));
  });

  it('is one text for one plan', () => {
    const story = storyPlan();
    const shuffled = JSON.parse(
      JSON.stringify(story, (_key, one: unknown) =>
        typeof one === 'object' && one !== null && !Array.isArray(one)
          ? Object.fromEntries(Object.entries(one).toReversed())
          : one,
      ),
    ) as Plan;

    expect(planFileText(fileOf(shuffled))).toBe(planFileText(fileOf(story)));
  });

  it('names a secret and holds no decision', () => {
    const text = planFileText(fileOf(storyPlan()));

    expect(text).toContain('{"key":"apiKey","name":"coffee-keys"}');
    expect(text).not.toContain('"held"');
  });
});

describe('a plan file that cannot be used says why', () => {
  const good = JSON.parse(planFileText(fileOf(storyPlan()))) as Record<string, unknown>;
  const altered = (change: (file: never) => void): string => {
    const copy = structuredClone(good);
    change(copy as never);
    return JSON.stringify(copy);
  };
  interface Inside {
    programs: {
      plan: { changes: { fields: { after: unknown; write: unknown }[]; policy: unknown }[] };
      desired: { releases: unknown[] };
    }[];
    installation: string;
    digest: string;
    planHash: string;
    origins: unknown[];
  }

  it.each([
    { name: 'not JSON', text: '{', code: 'unreadable' },
    { name: 'another document', text: '{"kind":"Plan"}', code: 'unreadable' },
    { name: 'a list', text: '[]', code: 'unreadable' },
    {
      name: 'another format',
      text: altered((file: { formatVersion: number }) => {
        file.formatVersion = 2;
      }),
      code: 'format',
    },
    {
      name: 'a part that is missing',
      text: altered((file: Inside) => {
        file.programs = [{}] as never;
      }),
      code: 'unreadable',
    },
    {
      name: 'a part too many',
      text: altered((file: Inside & { decision?: unknown }) => {
        file.decision = {};
      }),
      code: 'unreadable',
    },
    {
      name: 'another value shown',
      text: altered((file: Inside) => {
        const [create] = file.programs[0]!.plan.changes.filter(({ fields }) => fields.length > 1);
        create!.fields[0]!.after = { state: 'value', value: 'M-666' };
      }),
      code: 'altered',
    },
    {
      name: 'another value written',
      text: altered((file: Inside) => {
        const [create] = file.programs[0]!.plan.changes.filter(({ fields }) => fields.length > 1);
        create!.fields[0]!.write = { to: 'value', value: { kind: 'text', text: 'M-666' } };
      }),
      code: 'altered',
    },
    {
      name: 'a policy that asks no more',
      text: altered((file: Inside) => {
        file.programs[0]!.plan.changes[0]!.policy = {};
      }),
      code: 'altered',
    },
    {
      name: 'a wish that is gone',
      text: altered((file: Inside) => {
        file.programs[0]!.desired.releases.pop();
      }),
      code: 'altered',
    },
    {
      name: 'an origin that points elsewhere',
      text: altered((file: Inside) => {
        file.origins.pop();
      }),
      code: 'altered',
    },
    {
      name: 'the hash of another plan',
      text: JSON.stringify({ ...fileOf(storyPlan()), planHash: planHash([]) }),
      code: 'altered',
    },
  ])('$name', ({ text, code }) => {
    const result = readPlanFile(text);

    expect(result).toMatchObject({ ok: false, fault: { code } });
  });

  it.each([
    {
      name: 'another plan under the old hash',
      change: (file: Inside) => {
        file.programs[0]!.plan.changes.pop();
        file.programs[0]!.plan.changes.shift();
        file.programs[0]!.plan.changes.shift();
      },
    },
    {
      name: 'nonsense',
      change: (file: Inside) => {
        file.programs[0]!.plan.changes = [null] as never;
      },
    },
  ])('$name is found out even with a digest that fits', ({ change }) => {
    const { digest: _old, ...content } = JSON.parse(altered(change)) as Record<string, unknown>;

    const result = readPlanFile(JSON.stringify({ ...content, digest: digestOf(content) }));

    expect(result).toMatchObject({ ok: false, fault: { code: 'altered' } });
  });
});

describe('fit to be applied', () => {
  it.each([
    { name: 'a plan of what the platform said', one: storyPlan(), code: undefined },
    {
      name: 'a secret that was not compared',
      one: plan([], {
        unverified: [{ key: key('2.5.0 m/Test', coffee), path: 'environmentVariables/K' }],
      }),
      code: 'unfit',
    },
    { name: 'attested state', one: plan([], { attested: true }), code: 'unfit' },
  ])('$name', ({ one, code }) => {
    expect(unfitness([one])?.code).toBe(code);
  });
});
