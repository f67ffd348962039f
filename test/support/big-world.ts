import { environments } from '../../src/core/words/environments.ts';
import { statuses } from '../../src/core/words/statuses.ts';
import { createWorld, fillReleases } from '../../src/emulator/world/create.ts';
import type { Config, Release, World } from '../../src/emulator/world/state.ts';
import type { Switches } from '../../src/emulator/world/switches.ts';

export interface BigWorld {
  readonly releases: number;
  /** Records are spread evenly. Default: one for every hundred records. */
  readonly programs?: number;
  readonly apps?: number;
  readonly workspace?: string;
  readonly client?: string;
  readonly switches?: Partial<Switches>;
}

/** A world of many records in every status, with marks and realistic configuration; always the same. */
export function bigWorld(options: BigWorld): World {
  const { releases, apps = 5, workspace = 'acme', client = 'fairlead-ci', switches } = options;
  const programs = options.programs ?? Math.max(1, Math.ceil(releases / 100));
  const perVersion = apps * environments.length;
  const versions = Math.ceil(releases / programs / perVersion);
  const world = createWorld({
    ...(switches && { switches }),
    file: {
      clients: [{ id: client }],
      apps: numbered(apps, (index) => ({
        id: `app${index}`,
        environments: [...environments],
        environmentVariables: true,
      })),
      workspaces: [
        {
          id: workspace,
          miniPrograms: numbered(programs, (index) => ({
            id: programName(index),
            domainsGranted: true,
            versions: numbered(versions, (version) => `1.${version}.0`),
            globalConfig: { serverDomains: [`https://api${index}.example.com`] },
          })),
        },
      ],
    },
  });
  return fillReleases(
    world,
    numbered(releases, (seq) => bigRelease(seq, { workspace, programs, apps })),
  );
}

function bigRelease(
  seq: number,
  { workspace, programs, apps }: { workspace: string; programs: number; apps: number },
): Release {
  const program = seq % programs;
  const nth = Math.floor(seq / programs);
  const target = nth % (apps * environments.length);
  const environment = environments[target % environments.length] ?? 'Test';
  const status = statuses[seq % statuses.length] ?? 'Archived';
  const app = `app${Math.floor(target / environments.length)}`;
  const config = bigConfig(seq);
  return {
    ...{ workspace, miniProgram: programName(program), app, environment, seq, status, config },
    version: `1.${Math.floor(nth / (apps * environments.length))}.0`,
    ...{ revision: seq + 1, changed: seq + 1 },
    mark: `1.inst01.claim1.k3yI.${`c${seq}`.padEnd(60, 'x')}`,
    qr: 0,
    ...(status !== 'NewVersionCreated' && { frozen: config }),
  };
}

function bigConfig(seq: number): Config {
  return {
    merchantId: `M-${seq % 977}`,
    serverDomains: [`https://api${seq % 13}.example.com`, 'https://cdn.example.com'],
    testers: numbered(3, (index) => `2088${String(seq * 7 + index).padStart(12, '0')}`),
    ...(seq % 4 === 0 && {
      environmentVariables: [{ name: 'HOST', value: `https://pay${seq}.example` }],
    }),
  };
}

/** 16 digits, as on the real platform. */
function programName(index: number): string {
  return `35000202${String(index).padStart(8, '0')}`;
}

function numbered<T>(count: number, make: (index: number) => T): T[] {
  return Array.from({ length: count }, (_, index) => make(index));
}
