import type { Switches } from '../../src/emulator/world/switches.ts';
import { seededRandom } from '../support/random.ts';
import type { Repo } from './loop-repo.ts';
import {
  environments,
  filesOf,
  secretValue,
  type Declared,
  type DeclaredProgram,
  type Values,
} from './loop-town.ts';

/* People who write declarations: what they begin with, and what they change. */

/** Numbers drawn from a seed. */
export interface Draw {
  /** Below `below`. */
  (below: number): number;
}

export function drawOf(seed: number): Draw {
  const random = seededRandom(seed);
  return (below) => Math.floor(random.next() * below);
}

export function pick<T>(draw: Draw, from: readonly T[]): T {
  const found = from[draw(from.length)];
  if (found === undefined) throw new Error('nothing to choose from');
  return found;
}

/** A commit in which one file cannot be parsed. */
export function breakOne(repo: Repo, declared: Declared, draw: Draw): void {
  const name = pick(draw, Object.keys(declared));
  const { [name]: _, ...rest } = declared;
  repo.commit(rest, { files: { ...filesOf(declared), [`${name}.yaml`]: 'kind: [\n' } });
}

/** What a source declares at first. */
export function firstOf(own: readonly string[], draw: Draw, switches: Partial<Switches>): Declared {
  return Object.fromEntries(
    own.map((name): [string, DeclaredProgram] => {
      const targets = Object.fromEntries(
        places(draw, 1 + draw(2)).map((place) => [place, valuesOf(draw)]),
      );
      if (draw(2) === 0) return [name, { targets, global: { merchantId: 'M-1' } }];
      // A person answers for what was there before us; there is nothing of the kind where no global value is declared.
      const mayReport = switches.marks !== false && draw(3) === 0;
      return [name, { targets, ...(mayReport && { policy: reporting }) }];
    }),
  );
}

const reporting = { onChange: 'Apply', onDrift: 'Report' };

function places(draw: Draw, count: number): readonly string[] {
  const all = ['1.0.0', '1.1.0'].flatMap((version) =>
    environments.map((env) => `${version}/${env}`),
  );
  return Array.from({ length: count }, () => pick(draw, all));
}

function valuesOf(draw: Draw): Values {
  const one = aValue(draw);
  const two = aValue(draw);
  return { [one[0]]: one[1], [two[0]]: two[1] };
}

function aValue(draw: Draw): readonly [string, Values[string]] {
  const number = String(draw(6));
  return pick<readonly [string, Values[string]]>(draw, [
    ['merchantId', `M-${number}`],
    ['testers', [`u${number}`, 'v']],
    ['serverDomains', [`https://d${number}.example`]],
    ['environmentVariables/HOST', `h${number}`],
    ['environmentVariables/API_KEY', secretValue],
    ['clientId', `C-${number}`],
  ]);
}

/** The same with one thing different. */
export function edited(declared: Declared, draw: Draw): Declared {
  const name = pick(draw, Object.keys(declared));
  const program = declared[name]!;
  const place = pick(draw, Object.keys(program.targets));
  return { ...declared, [name]: editedProgram(program, place, draw) };
}

function editedProgram(program: DeclaredProgram, place: string, draw: Draw): DeclaredProgram {
  const { targets, global } = program;
  const values = targets[place] ?? {};
  const withTarget = (next: Values, more: Partial<DeclaredProgram> = {}): DeclaredProgram => ({
    ...program,
    ...more,
    targets: { ...targets, [place]: next },
  });
  switch (draw(6)) {
    case 0: {
      const [added = place] = places(draw, 1);
      return { ...program, targets: { ...targets, [added]: targets[added] ?? valuesOf(draw) } };
    }
    case 1: {
      const gone = Object.keys(values)[0];
      const rest = Object.fromEntries(Object.entries(values).filter(([path]) => path !== gone));
      return withTarget(rest);
    }
    case 2: {
      // The payee moves between the levels.
      if (!global?.['merchantId']) return program;
      const { merchantId, ...rest } = values;
      return merchantId === undefined
        ? withTarget(
            { ...rest, merchantId: global['merchantId'] },
            { global: { merchantId: `M-${String(draw(6))}` } },
          )
        : withTarget(rest, { global: { merchantId } });
    }
    case 3: {
      if (Object.keys(targets).length < 2) return program;
      return {
        ...program,
        targets: Object.fromEntries(Object.entries(targets).filter(([one]) => one !== place)),
      };
    }
    default: {
      const [path, value] = aValue(draw);
      return withTarget({ ...values, [path]: value });
    }
  }
}
