/*
 * Who owns a field, told a second time and in another way: with plain values where the product has digests, and with what
 * was last written kept as it was. It imports nothing, so that no mistake of the product can be in it too.
 */

export const modelFields = ['merchantId', 'testers', 'HOST'] as const;
export type ModelField = (typeof modelFields)[number];
export type Level = 'release' | 'global';

/** One field at one level. `base`: what was last written, or seen equal, as the record's note says. */
export interface Side {
  readonly declared: string | undefined;
  /** Global level: the declaration asks to clear it. */
  readonly unset: boolean;
  readonly observed: string | undefined;
  readonly base: string | undefined;
}

export interface ModelPolicy {
  readonly onChange: 'Apply' | 'Plan';
  readonly onDrift: 'Apply' | 'Report' | 'Ignore';
  readonly undeclared: 'Report' | 'Clear';
}

export interface LevelState {
  readonly sides: Readonly<Record<ModelField, Side>>;
  /** The record carries a note of ours. */
  readonly marked: boolean;
  readonly policy: ModelPolicy;
  readonly suspended: boolean;
}

export type World = Readonly<Record<Level, LevelState>>;

export type RowName = `${Level} ${number}`;

export interface Judged {
  readonly level: Level;
  readonly field: ModelField;
  readonly row: number;
  readonly cause: string | undefined;
  readonly write: 'value' | 'inherit' | undefined;
  readonly applied: boolean;
}

export interface Passed {
  readonly judged: readonly Judged[];
  /** Whether a note is written, per level. */
  readonly noted: Readonly<Record<Level, boolean>>;
  readonly next: World;
}

const causes: Readonly<Record<number, string>> = {
  2: 'adoption',
  3: 'declaration',
  4: 'drift',
  5: 'conflict',
  6: 'declaration',
  7: 'undeclared',
  9: 'declaration',
  10: 'adoption',
  11: 'conflict',
  12: 'undeclared',
};

function rowOf(level: Level, { declared, unset, observed, base }: Side, marked: boolean): number {
  const known = marked ? base : undefined;
  if (declared !== undefined) {
    if (observed === declared) return 1;
    if (!marked) return 2;
    if (known === undefined) return observed === undefined ? 3 : 2;
    if (known === observed) return 3;
    return known === declared ? 4 : 5;
  }
  if (observed === undefined) return 8;
  if (level === 'release') return known === observed ? 6 : 7;
  if (!unset) return 12;
  if (known === undefined) return 10;
  return known === observed ? 9 : 11;
}

function writeOf(row: number, policy: ModelPolicy): 'value' | 'inherit' | undefined {
  if (row >= 2 && row <= 5) return 'value';
  if (row === 6 || row === 9 || row === 10 || row === 11) return 'inherit';
  return row === 7 && policy.undeclared === 'Clear' ? 'inherit' : undefined;
}

/** Whether policy lets it pass; a person's approval lifts everything but Ignore. */
function passes(row: number, { observed }: Side, policy: ModelPolicy, approved: boolean): boolean {
  const cause = causes[row];
  if (cause === 'declaration' || (cause === 'adoption' && observed === undefined)) {
    return policy.onChange === 'Apply' || approved;
  }
  if (cause === 'drift' || cause === 'undeclared') {
    return policy.onDrift === 'Apply' || (approved && policy.onDrift === 'Report');
  }
  return (policy.onChange === 'Apply' && policy.onDrift === 'Apply') || approved;
}

const driftOrder = ['Apply', 'Report', 'Ignore'] as const;

/**
 * A global value reaches a release that inherits it and is declared to, so the stricter of both policies counts. A release
 * that is declared to have its own has got it before.
 */
function policyFor(world: World, level: Level, field: ModelField): ModelPolicy {
  const own = world[level].policy;
  if (level === 'release') return own;
  const { observed, declared } = world.release.sides[field];
  if (observed !== undefined || declared !== undefined) return own;
  const other = world.release.policy;
  const drift = Math.max(driftOrder.indexOf(own.onDrift), driftOrder.indexOf(other.onDrift));
  return {
    onChange: own.onChange === 'Plan' || other.onChange === 'Plan' ? 'Plan' : 'Apply',
    onDrift: driftOrder[drift] ?? 'Ignore',
    undeclared: 'Report',
  };
}

function judgeField(world: World, level: Level, field: ModelField, approved: boolean): Judged {
  const { sides, marked, suspended, policy } = world[level];
  const side = sides[field];
  const row = rowOf(level, side, marked);
  const write = writeOf(row, policy);
  const applied =
    write !== undefined &&
    !suspended &&
    passes(row, side, policyFor(world, level, field), approved);
  return { level, field, row, cause: causes[row], write, applied };
}

/** What moves between levels goes in an order that never lets the release inherit what is not meant for it. */
function withOrder(world: World, release: Judged, global: Judged): readonly [Judged, Judged] {
  const side = world.release.sides[release.field];
  const lacksOwn = side.observed === undefined && side.declared !== undefined;
  const globalApplied = global.applied && !(lacksOwn && !release.applied);
  const waits = release.write === 'inherit' && global.write !== undefined && !globalApplied;
  return [
    { ...release, applied: release.applied && !waits },
    { ...global, applied: globalApplied },
  ];
}

function nextBase({ declared, base }: Side, { row, write, applied }: Judged): string | undefined {
  if (row === 1) return declared;
  if (write === undefined) return undefined;
  if (!applied) return base;
  return write === 'value' ? declared : undefined;
}

function passLevel(state: LevelState, judged: readonly Judged[], approved: boolean) {
  const of = (field: ModelField) => judged.find((one) => one.field === field);
  const bases = modelFields.map((field) => {
    const one = of(field);
    return one ? nextBase(state.sides[field], one) : state.sides[field].base;
  });
  const kept = modelFields.map((field) => {
    const one = of(field);
    return one ? nextBase(state.sides[field], { ...one, applied: false }) : state.sides[field].base;
  });
  const isDue =
    !state.marked || modelFields.some((field, i) => kept[i] !== state.sides[field].base);
  const mayNote = !state.suspended && (state.policy.onChange === 'Apply' || approved);
  const noted = judged.some(({ applied }) => applied) || (isDue && mayNote);
  const sides = Object.fromEntries(
    modelFields.map((field, i) => {
      const side = state.sides[field];
      const one = of(field);
      const written = one?.write === 'value' ? side.declared : undefined;
      return [
        field,
        {
          ...side,
          observed: one?.applied ? written : side.observed,
          base: noted ? bases[i] : side.base,
        },
      ];
    }),
  ) as Record<ModelField, Side>;
  return { noted, state: { ...state, sides, marked: state.marked || noted } };
}

/** One pass: what every field comes to, and how the world stands after it. */
export function pass(world: World, approved: boolean): Passed {
  const pairs = modelFields.map((field): readonly Judged[] => {
    const release = judgeField(world, 'release', field, approved);
    // Variables have no global level.
    if (field === 'HOST') return [release];
    return withOrder(world, release, judgeField(world, 'global', field, approved));
  });
  const judged = pairs.flat();
  const release = passLevel(
    world.release,
    judged.filter(({ level }) => level === 'release'),
    approved,
  );
  const global = passLevel(
    world.global,
    judged.filter(({ level }) => level === 'global'),
    approved,
  );
  return {
    judged,
    noted: { release: release.noted, global: global.noted },
    next: { release: release.state, global: global.state },
  };
}
