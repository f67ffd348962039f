import { describe, expect, it } from 'vitest';
import { parseMoment } from '../../../src/core/resolve/moment.ts';
import { program, release, resolveFiles, stream } from './world.ts';

const targets =
  '  targets: [{ app: a, environment: Sandbox }, { app: a, environment: Production }]';

describe('policy', () => {
  it.each([
    {
      name: 'defaults',
      why: 'onChange Apply, onDrift Report, undeclared Report',
      spec: '',
      sandbox: { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' },
      global: { onChange: 'Apply', onDrift: 'Report', undeclared: 'Report' },
    },
    {
      name: 'the program’s own with an override by environment',
      why: 'an override changes only what it names',
      spec: '  policy: { onChange: Plan, undeclared: Clear, environments: { Sandbox: { onChange: Apply, onDrift: Apply } } }',
      sandbox: { onChange: 'Apply', onDrift: 'Apply', undeclared: 'Clear' },
      global: { onChange: 'Plan', onDrift: 'Report', undeclared: 'Clear' },
    },
  ])('$name', ({ spec, sandbox, global, why }) => {
    const documents = [
      program(`  globalConfig: { merchantId: M }\n${targets}\n${spec}`),
      release('1.0.0', '  environments: [Sandbox, Production]'),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(
      one!.releases.map(({ key, policy }) => [key.environment, policy]),
      why,
    ).toEqual([
      ['Production', global],
      ['Sandbox', sandbox],
    ]);
    expect(one!.global!.policy, why).toEqual(global);
  });
});

describe('suspend', () => {
  const early = '{ reason: early, until: "2026-12-01T00:00:00Z" }';
  const late = '{ reason: late, until: "2026-12-02T00:00:00Z" }';
  const forEver = '{ reason: for ever }';

  it.each([
    {
      name: 'none',
      why: 'nothing is suspended',
      ofProgram: undefined,
      ofRelease: undefined,
      release: undefined,
      global: undefined,
    },
    {
      name: 'the program’s acts on releases and the global configuration',
      why: 'of the same source',
      ofProgram: early,
      ofRelease: undefined,
      release: 'early',
      global: 'early',
    },
    {
      name: 'a release’s acts on it alone',
      why: 'the program goes on',
      ofProgram: undefined,
      ofRelease: early,
      release: 'early',
      global: undefined,
    },
    {
      name: 'the later end is the stronger',
      why: 'both ask for it',
      ofProgram: early,
      ofRelease: late,
      release: 'late',
      global: 'early',
    },
    {
      name: 'no end is the strongest',
      why: 'it lasts until somebody removes it',
      ofProgram: forEver,
      ofRelease: late,
      release: 'for ever',
      global: 'for ever',
    },
    {
      name: 'a release without an end beats a program with one',
      why: 'whichever it stands on',
      ofProgram: late,
      ofRelease: forEver,
      release: 'for ever',
      global: 'late',
    },
  ])('$name', ({ ofProgram, ofRelease, release: expected, global, why }) => {
    const line = (spec: string | undefined): string =>
      spec === undefined ? '' : `\n  suspend: ${spec}`;
    const documents = [
      program(`  globalConfig: { merchantId: M }${line(ofProgram)}`),
      release('1.0.0', `  targets: [{ app: a, environment: Test }]${line(ofRelease)}`),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.releases[0]!.suspended?.reason, why).toBe(expected);
    expect(one!.global!.suspended?.reason, why).toBe(global);
  });

  it('gives the end as a moment, and the place it stands at', () => {
    const documents = [
      program('  config: { merchantId: M }'),
      release('1.0.0', `  targets: [{ app: a, environment: Test }]\n  suspend: ${early}`),
    ];

    const [one] = resolveFiles({ 'a.yaml': stream(...documents) }).programs;

    expect(one!.releases[0]!.suspended).toEqual({
      reason: 'early',
      until: 1796083200000,
      place: { document: 'cli|a.yaml#1', pointer: '/spec/suspend' },
    });
  });
});

describe('parseMoment', () => {
  it.each([
    { text: '1970-01-01T00:00:00Z', ms: 0 },
    { text: '2026-12-24T18:00:00Z', ms: 1798135200000 },
    { text: '2026-12-24T18:00Z', ms: 1798135200000 },
    { text: '2026-12-24T19:30:00+01:30', ms: 1798135200000 },
    { text: '2026-12-24T10:00:00.250-08:00', ms: 1798135200250 },
    { text: '2024-02-29T00:00:00Z', ms: 1709164800000 },
    { text: '2000-02-29T00:00:00Z', ms: 951782400000 },
    { text: '1969-12-31T23:59:59Z', ms: -1000 },
    { text: '2025-02-29T00:00:00Z', ms: undefined },
    { text: '2100-02-29T00:00:00Z', ms: undefined },
    { text: '2026-13-01T00:00:00Z', ms: undefined },
    { text: '2026-04-31T00:00:00Z', ms: undefined },
    { text: '2026-04-30T24:00:00Z', ms: undefined },
    { text: '2026-04-30T00:00:00+25:00', ms: undefined },
    { text: '2026-04-30', ms: undefined },
  ])('$text is $ms', ({ text, ms }) => {
    expect(parseMoment(text)).toBe(ms);
  });
});
