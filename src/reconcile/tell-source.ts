import { plural } from '../core/render/sentence.ts';
import { undeclaredText } from '../core/render/undeclared.ts';
import { programId, type ProgramId } from '../core/words/keys.ts';
import { setSource } from './conditions.ts';
import type { LoopState, SourceEntry } from './state.ts';

/** Problems that one line of the log names. */
const problemsTold = 3;

/** What of a source was told last, and what it ever declared while we ran. */
export interface SourceTold {
  problems: string;
  undeclared: string;
  readonly programs: Set<ProgramId>;
  /** `PROGRAM APP/ENVIRONMENT`: a new version in an old one's place leaves nothing behind. */
  readonly targets: Set<string>;
}

export function nothingTold(): SourceTold {
  return { problems: '', undeclared: '', programs: new Set(), targets: new Set() };
}

/** Tells of errors in a source's documents when they become others, and when they are gone. */
export function tellProblems({ ports }: LoopState, { status, told }: SourceEntry): void {
  const { name, problems, problemCount } = status;
  const now = problemCount === 0 ? '' : `${String(problemCount)} ${problems.join('\n')}`;
  if (told.problems === now) return;
  told.problems = now;
  const about = { kind: 'condition', about: 'source', name } as const;
  if (now === '') {
    ports.telemetry.emit({ ...about, state: 'Ready', message: 'no problem is left' });
    return;
  }
  const first = problems.slice(0, problemsTold);
  const more = problemCount > first.length ? '; and more' : '';
  const message = `${plural(problemCount, 'problem')}: ${first.join('; ')}${more}`;
  ports.telemetry.emit({ ...about, state: 'Invalid', message });
}

/**
 * Counts what a source declared while we ran and declares no more: it stays on the platform as it is, and nobody would
 * notice. A source with broken documents says nothing of what it declares no more.
 */
export function noteUndeclared(state: LoopState, entry: SourceEntry): void {
  const { told, status, documents } = entry;
  if (!documents?.complete || status.problemCount > 0) return;
  const { programs, targets } = declaredBy(state, status.name);
  const gone = {
    programs: [...told.programs].filter((id) => !programs.has(id)).length,
    releases: [...told.targets].filter((target) => !targets.has(target)).length,
  };
  for (const id of programs) told.programs.add(id);
  for (const target of targets) told.targets.add(target);
  const isNone = gone.programs + gone.releases === 0;
  setSource(state, entry, { undeclared: isNone ? undefined : gone });
  const now = isNone ? '' : undeclaredText(gone);
  if (told.undeclared === now) return;
  told.undeclared = now;
  state.ports.telemetry.emit({
    ...{ kind: 'condition', about: 'source', name: status.name },
    ...(isNone
      ? { state: 'Ready', message: 'everything is declared again' }
      : { state: 'Undeclared', message: now }),
  });
}

function declaredBy({ declared }: LoopState, source: string) {
  const own = [...declared.programs.values()].filter(({ sources }) => sources.includes(source));
  return {
    programs: new Set(own.map(({ desired }) => programId(desired.key))),
    targets: new Set(
      own.flatMap(({ desired }) =>
        desired.releases
          .filter((release) => release.source === source)
          .map(({ key }) => `${programId(desired.key)} ${key.app}/${key.environment}`),
      ),
    ),
  };
}
