import { describe, expect, it } from 'vitest';
import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import { suspendedConnection, suspendProgram } from '../../../src/core/plan/suspension.ts';
import { desiredRelease } from './fixtures.ts';

const declared = { reason: 'declared' };
const ordered = suspendedConnection('frozen');

function programOf(releases: DesiredProgram['releases']): DesiredProgram {
  const [first] = releases;
  if (!first) throw new Error('a program of no release');
  return { key: first.key, connection: 'default', names: ['coffee'], releases, digest: 'd' };
}

describe('a program that is suspended', () => {
  it('rests in everything it wants, whatever its declarations say', () => {
    const program = programOf([desiredRelease({}), { ...desiredRelease({}), suspended: declared }]);

    const { releases } = suspendProgram(program, ordered);

    expect(releases.map(({ suspended }) => suspended?.reason)).toEqual([
      'the connection is suspended: frozen',
      'the connection is suspended: frozen',
    ]);
  });

  it('rests in every claim of a contested key: the mark may name any of them', () => {
    const claim = desiredRelease({});
    const rival = { ...claim, source: 'other' };
    const program = programOf([{ ...claim, rivals: [rival] }]);

    const [release] = suspendProgram(program, ordered).releases;

    expect(release?.rivals?.map(({ suspended }) => suspended)).toEqual([ordered]);
    expect(rival, 'what was given is not changed').not.toHaveProperty('suspended');
  });
});
