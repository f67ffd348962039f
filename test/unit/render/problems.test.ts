import { Ajv } from 'ajv';
import { describe, expect, it } from 'vitest';

import { linesOf, problemsText, validateDocument } from '../../../src/core/render/problems.ts';
import { ValidateSchema } from '../../../src/core/render/validate-schema.ts';
import type { AnyDocument } from '../../../src/core/model/documents.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { wide } from './as-text.ts';
import { key, place } from './build.ts';

const problems: readonly Problem[] = [
  {
    rule: 'unknown-field',
    severity: 'error',
    message: 'There is no field merchantID here',
    nextStep: 'Did you mean merchantId?',
    origin: { file: 'a.yaml', line: 2, column: 13 },
  },
  {
    rule: 'duplicate-claim',
    severity: 'error',
    message: 'Two declarations claim 2.5.0 megapay/Test',
    origin: { object: { kind: 'MiniProgramRelease', namespace: 'team', name: 'x' }, path: '/spec' },
    related: [{ file: 'b.yaml', line: 3, column: 1 }],
  },
  { rule: 'unset-nothing', severity: 'warning', message: 'unset of nothing' },
  { rule: 'note', severity: 'info', message: 'FYI' },
];

const text = 'apiVersion: v1\n  config: {  merchantID: M-77 }\n';
const lineOf = (file: string, line: number) =>
  file === 'a.yaml' ? text.split('\n')[line - 1] : undefined;

describe('problems for people', () => {
  it('say where, which rule, what and what to do', () => {
    expect(problemsText(problems, wide, lineOf)).toBe(
      `
a.yaml:2:13: error unknown-field: There is no field merchantID here
    2 |   config: {  merchantID: M-77 }
      |             ^
    next: Did you mean merchantId?
MiniProgramRelease team/x, spec: error duplicate-claim: Two declarations claim 2.5.0 megapay/Test
    also b.yaml:3:1
warning unset-nothing: unset of nothing
info note: FYI

2 errors, 1 warning, 1 note.
`.trimStart(),
    );
  });

  it('say nothing where there is nothing to say', () => {
    expect(problemsText([], wide)).toBe('');
  });

  it.each([
    {
      name: 'a long line',
      why: 'the value in question must be in view',
      line: `${'x'.repeat(500)}HERE${'y'.repeat(500)}`,
      column: 501,
      expected: /^ {4}1 \| \.\.x+HEREy+\.\.\n {6}\| {58}\^$/m,
    },
    {
      name: 'control characters',
      why: 'a file cannot write to the terminal',
      line: 'a: \u001b[31mHERE',
      column: 9,
      expected: /^ {4}1 \| a: \\u\{001b\}\[31mHERE\n {6}\| {16}\^$/m,
    },
    {
      name: 'tabs and wide characters',
      why: 'the caret counts columns of the terminal',
      line: '\t咖啡: HERE',
      column: 6,
      expected: /^ {4}1 \| {2}咖啡: HERE\n {6}\| {8}\^$/m,
    },
  ])('point at the value in $name', ({ line, column, expected, why }) => {
    const shown = problemsText(
      [{ rule: 'r', severity: 'error', message: 'm', origin: { file: 'f', line: 1, column } }],
      wide,
      () => line,
    );

    expect(shown, why).toMatch(expected);
  });

  it('finds lines in what was read', () => {
    const document = {
      origin: { kind: 'file', file: 'a.yaml', index: 0, text: 'one\r\ntwo\n' },
    } as unknown as AnyDocument;

    const find = linesOf([
      { source: 'cli', documents: [document], invalid: [], problems: [], complete: true },
    ]);

    expect([find('a.yaml', 2), find('a.yaml', 9), find('b.yaml', 1)]).toEqual([
      'two',
      undefined,
      undefined,
    ]);
  });
});

describe('problems for programs', () => {
  it('counts what was read and what was found', () => {
    const document = { id: place('a').document } as unknown as AnyDocument;

    const result = validateDocument({
      sources: [{ documents: [document, document], invalid: [] }],
      programs: [{ releases: [{ key: key('1.0.0 m/Test') }, {}] as never }],
      problems,
    });

    expect(new Ajv().validate(JSON.parse(JSON.stringify(ValidateSchema)), result)).toBe(true);
    expect(result.summary).toEqual({
      ...{ documents: 2, programs: 1, releases: 2, errors: 2, warnings: 1, notes: 1 },
    });
    expect(result.problems[0]).toEqual({
      rule: 'unknown-field',
      severity: 'error',
      message: 'There is no field merchantID here',
      nextStep: 'Did you mean merchantId?',
      origin: { file: 'a.yaml', line: 2, column: 13 },
    });
    expect(result.problems[2]).toEqual({
      ...{ rule: 'unset-nothing', severity: 'warning', message: 'unset of nothing', origin: null },
    });
  });
});
