import published from '@microsoft/jest-sarif/lib/schemas/sarif-2.1.0-rtm.5.json' with { type: 'json' };
import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';
import { toSarif } from '../../../src/core/lint/sarif.ts';
import { rules } from '../../../src/core/lint/rules.ts';
import type { Problem } from '../../../src/core/words/problems.ts';

const problems: readonly Problem[] = [
  {
    rule: 'duplicate-target',
    severity: 'error',
    message: 'Target a Test stands twice in this list.',
    nextStep: 'Merge the two entries.',
    origin: { file: 'programs/über uns.yaml', line: 9, column: 5 },
    related: [{ file: 'programs/über uns.yaml', line: 8, column: 5 }],
  },
  {
    rule: 'domain-ip',
    severity: 'warning',
    message: 'An address.',
    origin: { file: './a.yaml', line: 1, column: 2 },
  },
  {
    rule: 'waiver-unused',
    severity: 'info',
    message: 'Covers nothing.',
    origin: { file: '/tmp/a.yaml', line: 3, column: 4 },
  },
  {
    rule: 'domain-ip',
    severity: 'warning',
    message: 'Another.',
    origin: { file: '-', line: 5, column: 6 },
  },
  {
    rule: 'unset-nothing',
    severity: 'warning',
    message: 'Nothing.',
    origin: {
      object: { kind: 'MiniProgram', namespace: 'shop', name: 'coffee', generation: 3 },
      path: '/spec/unset/0',
    },
  },
  { rule: 'of-the-future', severity: 'error', message: 'A rule without an explanation.' },
];

describe('toSarif', () => {
  const log = toSarif(problems, '1.2.3');

  it('is a valid log of SARIF 2.1.0', () => {
    const validate = officialSchema();

    expect(validate(log), JSON.stringify(validate.errors)).toBe(true);
    expect(validate({ ...log, version: '2.0.0' })).toBe(false);
  });

  it('is valid for every rule', () => {
    const validate = officialSchema();
    const all = Object.keys(rules).map((rule): Problem => ({
      rule,
      severity: 'error',
      message: 'x',
    }));

    expect(validate(toSarif(all, '1.2.3')), JSON.stringify(validate.errors)).toBe(true);
    expect(validate(toSarif([], '1.2.3'))).toBe(true);
  });

  it('points each result at its rule', () => {
    const [run] = log.runs;
    const ids = run?.tool.driver.rules?.map(({ id }) => id);

    expect(ids).toEqual([
      'domain-ip',
      'duplicate-target',
      'of-the-future',
      'unset-nothing',
      'waiver-unused',
    ]);
    expect(
      run?.results?.map(({ ruleId, ruleIndex, level }) => [ruleId, ids?.[ruleIndex ?? -1], level]),
    ).toEqual([
      ['duplicate-target', 'duplicate-target', 'error'],
      ['domain-ip', 'domain-ip', 'warning'],
      ['waiver-unused', 'waiver-unused', 'note'],
      ['domain-ip', 'domain-ip', 'warning'],
      ['unset-nothing', 'unset-nothing', 'warning'],
      ['of-the-future', 'of-the-future', 'error'],
    ]);
  });

  it('names places as code scanning wants them', () => {
    const places = log.runs[0]?.results?.map(({ locations }) => locations?.[0]?.physicalLocation);

    expect(places?.map((place) => [place?.artifactLocation?.uri, place?.region])).toEqual([
      ['programs/%C3%BCber%20uns.yaml', { startLine: 9, startColumn: 5 }],
      ['a.yaml', { startLine: 1, startColumn: 2 }],
      ['file:///tmp/a.yaml', { startLine: 3, startColumn: 4 }],
      ['stdin', { startLine: 5, startColumn: 6 }],
      [undefined, undefined],
      [undefined, undefined],
    ]);
    expect(log.runs[0]?.results?.[4]?.locations?.[0]?.logicalLocations?.[0]).toMatchObject({
      name: 'coffee',
    });
  });

  it('names the other places of a mistake, and the next step', () => {
    const [first] = log.runs[0]?.results ?? [];

    expect(first?.message.text).toBe(
      'Target a Test stands twice in this list. Merge the two entries.',
    );
    expect(
      first?.relatedLocations?.map(({ id, physicalLocation }) => [
        id,
        physicalLocation?.region?.startLine,
      ]),
    ).toEqual([[1, 8]]);
  });
});

/** The schema as published; draft 4, of which it uses nothing that later drafts read differently. */
function officialSchema() {
  const { $schema: _draft, id: _id, ...schema } = published as Record<string, unknown>;
  return new Ajv({ strict: false, validateFormats: false, unicodeRegExp: false }).compile(schema);
}
