import type { DesiredGlobal, DesiredProgram, DesiredRelease } from '../model/desired.ts';
import type { Suspension } from '../model/policy.ts';
import type { EpochMs } from '../words/time.ts';

/** The suspension while it holds; undefined once its time is over. */
export function standing(suspended: Suspension | undefined, now: EpochMs): Suspension | undefined {
  const isOver = suspended?.until !== undefined && now >= suspended.until;
  return isOver ? undefined : suspended;
}

/**
 * The program with everything in it suspended, whatever its declarations say: of a contested key every claim, since the
 * record's mark may name any of them.
 */
export function suspendProgram(program: DesiredProgram, suspended: Suspension): DesiredProgram {
  const { global, releases } = program;
  return {
    ...program,
    releases: releases.map((release) => suspendClaim(release, suspended)),
    ...(global ? { global: suspendClaim(global, suspended) } : {}),
  };
}

/** What `suspend` of a connection does to a program that goes through it: for ever, until somebody takes it out. */
export function suspendedConnection(reason: string): Suspension {
  return { reason: `the connection is suspended: ${reason}` };
}

function suspendClaim<C extends DesiredRelease | DesiredGlobal>(
  claim: C,
  suspended: Suspension,
): C {
  const rivals = claim.rivals?.map((rival) => ({ ...rival, suspended }));
  return { ...claim, suspended, ...(rivals ? { rivals } : {}) };
}
