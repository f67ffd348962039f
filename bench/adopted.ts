import { createHost } from '../src/emulator/host.ts';
import { worldPlatform } from '../src/emulator/in-process.ts';
import { fillReleases } from '../src/emulator/world/create.ts';
import type { World } from '../src/emulator/world/state.ts';
import { systemClock, systemRandom } from '../src/cli/system.ts';
import type { AnyDocument } from '../src/core/model/documents.ts';
import { makePlan } from '../src/core/plan/make-plan.ts';
import { markAfter } from '../src/core/plan/next-mark.ts';
import { resolve } from '../src/core/resolve/resolve.ts';
import { FingerprintKey } from '../src/core/words/digests.ts';
import { programId, releaseId } from '../src/core/words/keys.ts';
import { createLocate } from '../src/core/yaml/locate.ts';
import { createMemory, observe } from '../src/engine/read.ts';

export const fingerprintKey = 'bench fingerprint key';

/** What one source declares. */
interface DeclaredTown {
  readonly source: string;
  readonly documents: readonly AnyDocument[];
}

/** The world as it stands after a first apply: every declared record carries the mark that apply would have written. */
export async function adopted(town: World, { source, documents }: DeclaredTown): Promise<World> {
  const sources = [{ source, documents, invalid: [], problems: [], complete: true }];
  const trust = { connections: { default: { platformId: 'emulator' } }, order: [] };
  const { programs } = resolve(sources, trust, createLocate(documents));
  const reader = worldPlatform(createHost(town), { client: 'fairlead-ci', clock: systemClock });
  const fingerprints = {
    key: new FingerprintKey(new TextEncoder().encode(fingerprintKey)),
    previous: [],
    secrets: {},
  };
  const ports = {
    reader,
    secrets: {
      fingerprints: () => Promise.resolve(fingerprints),
      open: () => Promise.reject(new Error('no secrets here')),
    },
    ledger: {
      seen: () => Promise.resolve(),
      bases: () => Promise.resolve({}),
      append: () => Promise.resolve(),
      keep: () => Promise.resolve(),
    },
    clock: systemClock,
    random: systemRandom,
    telemetry: { emit: () => undefined },
  };
  const options = { mode: 'sweep', memory: createMemory() } as const;
  const observed = await observe(programs, ports, options, new AbortController().signal);
  const marks = new Map<string, string>();
  for (const desired of programs) {
    const seen = observed.get(programId(desired.key));
    if (!seen) continue;
    const plan = makePlan({
      desired,
      observed: seen,
      fingerprints,
      installation: 'default',
      takeOver: [],
      emulator: true,
      now: systemClock.wall(),
    });
    for (const change of plan.changes) {
      marks.set(
        releaseId(change.key),
        markAfter({ change, applied: [], installation: 'default', fingerprints }),
      );
    }
  }
  const releases = town.releases.toArray().map((release) => {
    const mark = marks.get(releaseId({ platform: 'emulator', ...release }));
    return mark === undefined ? release : { ...release, mark };
  });
  return fillReleases(town, releases);
}
