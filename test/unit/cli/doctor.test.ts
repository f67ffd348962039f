import { describe, expect, it } from 'vitest';

import { inArea, type Finding } from '../../../src/cli/doctor/finding.ts';
import { checkNode } from '../../../src/cli/doctor/machine.ts';
import { checkCapabilities, checkRights } from '../../../src/cli/doctor/platform-info.ts';
import { doctorDocument, doctorText } from '../../../src/cli/doctor/report.ts';
import type { Capabilities } from '../../../src/core/model/observed.ts';

const find = inArea('default');
const states = (findings: readonly Finding[]) => findings.map(({ state }) => state);

describe('Node', () => {
  it.each([
    { version: '20.20.2', state: 'fail' },
    { version: '22.18.9', state: 'fail' },
    { version: '22.19.0', state: 'ok' },
    { version: '24.0.0', state: 'ok' },
    { version: '26.1.0-nightly', state: 'ok' },
  ])('$version: $state', ({ version, state }) => {
    expect(checkNode(version).state).toBe(state);
  });
});

describe('rights', () => {
  it.each([
    {
      name: 'none anywhere',
      workspaces: [],
      expected: ['fail'],
      why: 'nothing can be read or written',
    },
    {
      name: 'Admin of the program',
      workspaces: [{ id: 'acme', rights: ['miniPrograms/35:admin'] }],
      expected: ['ok'],
      why: 'all that is needed',
    },
    {
      name: 'Developer of the program',
      workspaces: [{ id: 'acme', rights: ['miniPrograms/35:developer'] }],
      expected: ['warn'],
      why: 'may upload, and not configure',
    },
    {
      name: 'admin of the workspace',
      workspaces: [{ id: 'acme', rights: ['workspaceAdmin'] }],
      expected: ['warn'],
      why: 'more than is needed',
    },
    {
      name: 'different ones',
      workspaces: [
        { id: 'acme', rights: ['workspaceAdmin'] },
        { id: 'beta', rights: ['miniPrograms/1:admin', 'miniPrograms/2:admin'] },
      ],
      expected: ['warn', 'ok'],
      why: 'each workspace by itself',
    },
    {
      name: 'words of a private platform',
      workspaces: [{ id: 'acme', rights: ['owner'] }],
      expected: ['ok'],
      why: 'told as they are, not judged',
    },
  ])('$name', ({ workspaces, expected, why }) => {
    expect(states(checkRights({ client: 'ci', workspaces }, find)), why).toEqual(expected);
  });
});

const all: Capabilities = {
  conditionalWrites: true,
  requestIds: true,
  marks: true,
  increments: true,
  frozen: true,
  variables: 'readable',
  maxPageSize: 100,
  maxIdsPerFilter: 10,
};

describe('capabilities', () => {
  it('all there: one line', () => {
    expect(states(checkCapabilities(all, find))).toEqual(['ok']);
  });

  it.each([
    { conditionalWrites: false },
    { requestIds: false },
    { marks: false },
    { increments: false },
    { frozen: false },
    { variables: 'hidden' },
  ] as const)('without %o: a warning that says what it costs', (lack) => {
    const findings = checkCapabilities({ ...all, ...lack }, find);

    expect(states(findings)).toEqual(['warn']);
    expect(findings[0]?.message.length).toBeGreaterThan(40);
  });
});

describe('the report', () => {
  const findings = [
    find('reach', 'ok', 'it answers'),
    find('clock', 'warn', 'two minutes off', 'set the clock'),
    inArea('settings')('file', 'fail', 'no \u001b[31mfile', 'write one'),
  ];
  const style = { color: false, width: 80, unicode: true };

  it('counts, and says what to do, for scripts', () => {
    expect(doctorDocument(findings)).toEqual({
      formatVersion: 1,
      kind: 'DoctorResult',
      summary: { ok: 1, warn: 1, fail: 1 },
      checks: [
        { area: 'default', check: 'reach', state: 'ok', message: 'it answers', nextStep: null },
        {
          area: 'default',
          check: 'clock',
          state: 'warn',
          message: 'two minutes off',
          nextStep: 'set the clock',
        },
        {
          area: 'settings',
          check: 'file',
          state: 'fail',
          message: 'no \u001b[31mfile',
          nextStep: 'write one',
        },
      ],
    });
  });

  it('is aligned, inert and ends with a summary, for people', () => {
    expect(doctorText(findings, style)).toBe(
      [
        'ok    default   it answers',
        'warn  default   two minutes off',
        '                next: set the clock',
        'fail  settings  no \\u{001b}[31mfile',
        '                next: write one',
        '',
        '1 failure, 1 warning.',
        '',
      ].join('\n'),
    );
  });

  it('says so when all is well', () => {
    expect(doctorText(findings.slice(0, 1), style)).toContain('Everything a plan needs is there.');
  });
});
