import type { Guard } from './guards.ts';

const scenes = ['test/simulation/loop-guards.test.ts'];

/**
 * Guards of the loop, with the scenes that miss them. The first few are tried with every test run, all of them with the
 * long one.
 */
export const loopGuards: readonly Guard[] = [
  {
    name: 'clearance, suspension',
    why: 'without it a write that is tried again goes out after a person said stop',
    file: 'src/reconcile/clearance.ts',
    text: '    if (suspension) return `suspended by ${suspension.by}: ${suspension.reason}`;\n',
    replacement: '',
    tests: scenes,
  },
  {
    name: 'clearance, newer commit',
    why: 'without it what a newer commit wants otherwise is still written',
    file: 'src/reconcile/clearance.ts',
    text: 'if (!wish || wish.rests !== undefined || !isSame(wish.desired, planned))',
    replacement: 'if (!wish && !isSame(planned, planned))',
    tests: scenes,
  },
  {
    name: 'one pass of a key at a time',
    why: 'without it two passes write one record beside each other',
    file: 'src/reconcile/turns.ts',
    text: '    if (processing.has(key)) processing.set(key, better);\n    else ready.add(key, better);',
    replacement: '    ready.add(key, better);',
    tests: scenes,
  },
  {
    name: 'sources that could not be read whole',
    why: 'without it half a commit is believed',
    file: 'src/reconcile/declared.ts',
    text: 'sources.filter(({ complete }) => !complete)',
    replacement: 'sources.filter(() => false)',
    tests: scenes,
  },
  {
    name: 'count of programs in a commit',
    why: 'without it no commit is ever too large',
    file: 'src/reconcile/pass.ts',
    text: '    programsInCommit: programsInCommit(state, entry.wish),',
    replacement: '    programsInCommit: undefined,',
    tests: scenes,
  },
  {
    name: 'count of programs in a commit, after a restart',
    why: 'without it a restart lets through what the gate refused',
    file: 'src/reconcile/loop.ts',
    text: 'createBaseline(await ports.completed.read())',
    replacement: 'createBaseline(undefined)',
    tests: scenes,
  },
  {
    name: 'observations older than our own write',
    why: 'without it a slow list takes back what was written after it was asked for',
    file: 'src/reconcile/observed-store.ts',
    text: '  if (known && known.writtenAt > since) return false;\n  const packed',
    replacement: '  void since;\n  const packed',
    tests: scenes,
  },
  {
    name: 'base comparison, in the loop',
    why: 'without it a hand edit is overwritten under a policy that only reports it',
    file: 'src/core/plan/sight.ts',
    text: "      return bases.isObserved(side) ? 'observed' : 'neither';",
    replacement: "      return 'observed';",
    tests: scenes,
  },
  {
    name: 'revision precondition, in the loop',
    why: 'without it a late write undoes newer ones',
    file: 'src/platform/http/bodies.ts',
    text: '  return conditionalWrites ? write.condition : {};',
    replacement: '  return {};',
    tests: scenes,
  },
  {
    name: 'derived request id, in the loop',
    why: 'without the revision in it, A to B to A to B is answered from memory',
    file: 'src/core/plan/request-id.ts',
    text: '    ...preconditionOf(write),\n',
    replacement: '',
    tests: scenes,
  },
  {
    name: 'approvals that were used',
    why: 'without it one approval lets every later change of the same kind through',
    file: 'src/reconcile/pass.ts',
    text: '    if (used.length > 0) await state.ports.orders.used(used);',
    replacement: '    void used;',
    tests: ['test/simulation/loop.test.ts'],
  },
  {
    name: 'what was not written is read again',
    why: 'without it a create that came too late is sent every second',
    file: 'src/reconcile/work.ts',
    text: "    if (change.scope === 'release') entry.touched.add(releaseId(change.key));\n",
    replacement: '    void change, releaseId;\n',
    tests: ['test/simulation/loop-found.test.ts'],
  },
  {
    name: 'a wall clock that is set back',
    why: 'without it nobody looks for as long as the clock was set back',
    file: 'src/reconcile/schedule.ts',
    text: 'Math.min(at - clock.wall(), latest - clock.mono())',
    replacement: 'Math.max(at - clock.wall(), latest - clock.mono())',
    tests: ['test/simulation/loop-found.test.ts'],
  },
];
