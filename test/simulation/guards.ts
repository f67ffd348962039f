/** A guard of the product, the text that is it, and what deletes it. */
export interface Guard {
  readonly name: string;
  readonly why: string;
  readonly file: string;
  /** Stands exactly once in the file. */
  readonly text: string;
  readonly replacement: string;
  /** Test files that must go red without the guard. */
  readonly tests: readonly string[];
}

/** Guards whose loss would write what must not be written. A guard that moves is corrected here, never dropped. */
export const guards: readonly Guard[] = [
  {
    name: 'base comparison',
    why: 'without it every difference looks like a declaration, and a hand edit is overwritten',
    file: 'src/core/plan/sight.ts',
    text: "      return bases.isObserved(side) ? 'observed' : 'neither';",
    replacement: "      return 'observed';",
    tests: ['test/unit/plan/release-ownership.test.ts'],
  },
  {
    name: 'base comparison, drift',
    why: 'without it drift cannot be told from a conflict',
    file: 'src/core/plan/sight.ts',
    text: "      if (wish && bases.isDesired(wish, side.held)) return 'desired';\n",
    replacement: '',
    tests: ['test/unit/plan/release-ownership.test.ts'],
  },
  {
    name: 'no mark, no base',
    why: 'without it a record that somebody else filled is taken for ours',
    file: 'src/core/plan/differences.ts',
    text: "return owner === 'nobody' || owner === 'other' ? 'noMark' : context.sight.relate(wish, side);",
    replacement: "void owner; return 'observed';",
    tests: ['test/unit/plan/release-ownership.test.ts'],
  },
  {
    name: 'claim check, barriers',
    why: 'without it what is not granted is written',
    file: 'src/core/plan/release-change.ts',
    text: 'const found = barrier ?? observed.refused;',
    replacement: 'void barrier; const found = observed.refused;',
    tests: ['test/unit/plan/actions.test.ts'],
  },
  {
    name: 'claim check, incumbent',
    why: 'without it a second source takes over a record of the first',
    file: 'src/core/plan/make-plan.ts',
    text: 'context.marks.names(subject.mark, source),',
    replacement: 'false && source !== undefined,',
    tests: ['test/unit/plan/claims.test.ts'],
  },
  {
    name: 'claim check, other installations',
    why: 'without it two installations overwrite each other',
    file: 'src/core/plan/release-change.ts',
    text: "subject.mark.owner === 'other'",
    replacement: 'false',
    tests: ['test/unit/plan/claims.test.ts', 'test/unit/plan/actions.test.ts'],
  },
  {
    name: 'what waits for something else',
    why: 'without it a merchant id that moves between levels pays the wrong company',
    file: 'src/core/plan/decide.ts',
    text: '    if (!unit || (awaited && !holds.isHeld(awaited))) continue;',
    replacement: '    if (unit || awaited || held) continue;',
    tests: ['test/unit/plan/moves.test.ts'],
  },
  {
    name: 'editable statuses',
    why: 'without it what was applied for is written',
    file: 'src/core/plan/writable.ts',
    text: "  if (!isEditable(difference.path, subject.record?.status)) return 'ConfigLocked';\n",
    replacement: '',
    tests: ['test/unit/plan/actions.test.ts'],
  },
  {
    name: 'derived request id',
    why: 'without the revision in it, A to B to A to B would be answered from memory',
    file: 'src/core/plan/request-id.ts',
    text: '    ...preconditionOf(write),\n',
    replacement: '',
    tests: ['test/unit/plan/identity.test.ts'],
  },
  {
    name: 'revision precondition',
    why: 'without it what somebody changed between our read and our write is overwritten',
    file: 'src/platform/http/bodies.ts',
    text: '  return conditionalWrites ? write.condition : {};',
    replacement: '  return {};',
    tests: ['test/simulation/faults-meanwhile.test.ts'],
  },
  {
    name: 'observation floor',
    why: 'without it an observation older than our own last write is acted on',
    file: 'src/engine/memory.ts',
    text: '.filter((floor) => floor.sequence > sequence)',
    replacement: '.filter((floor) => floor.sequence > sequence && false)',
    tests: ['test/unit/engine/memory.test.ts'],
  },
  {
    name: 'proof of our own write, after a record that moved',
    why: 'without the mark as proof somebody else’s record is reported and recorded as our create',
    file: 'src/engine/next-attempt.ts',
    text: 'isOurs(tried.made.write, held, run.key)',
    replacement: "(isOurs(tried.made.write, held, run.key) || tried.kind === 'stale')",
    tests: ['test/simulation/faults-ownership.test.ts'],
  },
  {
    name: 'proof of our own write, after an unknown outcome',
    why: 'without it a lost write is settled by a record that others made, and marks are given up for good',
    file: 'src/engine/send.ts',
    text: 'if (held && isOurs(call.write, held, run.key))',
    replacement: "if (held && compare(call.write, held, run.key) !== 'differs')",
    tests: ['test/simulation/faults-ownership.test.ts'],
  },
  {
    name: 'proof of our own write, the mark',
    why: 'equal values prove nothing: a create without fields is held by every record',
    file: 'src/engine/holds.ts',
    text: "if (!held || compare(write, held, key) !== 'holds') return false;",
    replacement: "if (!held || compare(write, held, key) === 'differs') return false;",
    tests: ['test/simulation/faults-ownership.test.ts'],
  },
  {
    name: 'a create that came too late',
    why: 'without it a record of equal values counts as created by us',
    file: 'src/engine/next-attempt.ts',
    text: 'if (held && isForestalled(last, tried))',
    replacement: 'if (held && isForestalled(last, tried) && !allEqual)',
    tests: ['test/simulation/faults-ownership.test.ts'],
  },
  {
    name: 'a record that holds more than our create, where there are no marks',
    why: 'without it somebody else’s values are taken for what our create made',
    file: 'src/engine/holds.ts',
    text: "if (write.operation !== 'createRelease' || write.mark !== undefined) return true;",
    replacement: 'if (write.operation) return true;',
    tests: ['test/simulation/faults-ownership.test.ts'],
  },
];
