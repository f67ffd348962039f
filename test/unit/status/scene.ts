import {
  programReport,
  type PassResult,
  type ProgramReport,
} from '../../../src/core/status/index.ts';
import type { Carried } from '../../../src/core/status/report.ts';
import { recordFacts } from '../../../src/core/status/records.ts';
import { miniProgramStatus } from '../../../src/core/status/mini-program-status.ts';
import { releaseStatus } from '../../../src/core/status/release-status.ts';
import { noApprovals, type StatusObject } from '../../../src/core/status/subject.ts';
import type {
  AnyDocument,
  InvalidDocument,
  SourceDocuments,
} from '../../../src/core/model/documents.ts';
import type { DesiredProgram } from '../../../src/core/model/desired.ts';
import type { ObservedProgram, ObservedRelease } from '../../../src/core/model/observed.ts';
import type { ChangeId, Decision, Plan } from '../../../src/core/model/plan.ts';
import { resolve, type Trust } from '../../../src/core/resolve/resolve.ts';
import type { ReconcileError } from '../../../src/core/words/errors.ts';
import type { DocumentId, Locate } from '../../../src/core/words/places.ts';
import type { Problem } from '../../../src/core/words/problems.ts';
import { epochMs, type EpochMs } from '../../../src/core/words/time.ts';
import { createLocate } from '../../../src/core/yaml/locate.ts';
import {
  decideOn,
  fingerprints,
  now,
  observedProgram,
  plan,
  type DecideOptions,
  type ObservedOptions,
} from '../plan/fixtures.ts';
import { load } from '../resolve/world.ts';

/** Objects by namespace, as YAML streams. */
export type Objects = Readonly<Record<string, string>>;

export interface SceneOptions {
  readonly objects: Objects;
  readonly records?: readonly ObservedRelease[];
  readonly observed?: ObservedOptions;
  readonly decide?: DecideOptions;
  /** What became of each decided change; absent: nothing was tried. */
  readonly carry?: 'applied' | 'skipped' | ReconcileError;
  readonly rests?: boolean;
  /** Takes the place of a pass that was planned. */
  readonly result?: PassResult;
  readonly trust?: Trust;
  /** When each object was first seen in this generation. */
  readonly since?: EpochMs;
  readonly at?: EpochMs;
  readonly secretsRefused?: boolean;
}

/** Declarations of some namespaces once through all the steps, and what they say of themselves afterwards. */
export interface Scene {
  readonly report: ProgramReport;
  readonly desired: DesiredProgram;
  readonly plan: Plan;
  readonly decision: Decision;
  readonly problemsOf: (document: DocumentId) => readonly Problem[];
  readonly locate: Locate;
  readonly at: EpochMs;
}

const trust: Trust = {
  connections: {
    default: { platformId: 'mp', grants: [{ namespaces: ['team-a', 'team-b'] }] },
  },
  order: [],
  namespaces: { 'team-a': {}, 'team-b': {}, 'team-c': {} },
};

export function documentOf(kind: string, namespace: string, name: string): DocumentId {
  return `${namespace}|${kind}/${namespace}/${name}` as DocumentId;
}

/** Of every object as the pass saw it; none that is asked about is newer unless it says so. */
export const judgedGeneration = 9;

/** The YAML of a namespace as the API server would hand it over. */
function objectsOf(namespace: string, text: string, since: EpochMs | undefined): SourceDocuments {
  const read = load({ 'objects.yaml': text }, namespace);
  const asObject = <D extends AnyDocument | InvalidDocument>(document: D): D => ({
    ...document,
    id: documentOf(document.kind, namespace, document.name),
    namespace,
    origin: { kind: 'object', generation: judgedGeneration },
    createdAt: epochMs(namespace === 'team-a' ? 1_000 : 2_000),
    ...(since === undefined ? {} : { since }),
  });
  return {
    ...read,
    documents: read.documents.map(asObject),
    invalid: read.invalid.map(asObject),
    // Mistakes of a file are told at its lines; those of an object, at the object.
    problems: read.problems.map((problem) => ({
      ...problem,
      origin: {
        object: { kind: read.invalid[0]?.kind ?? '', namespace, name: read.invalid[0]?.name ?? '' },
        path: '/spec',
      },
    })),
  };
}

export function scene(options: SceneOptions): Scene {
  const { at = now, since } = options;
  const sources = Object.entries(options.objects).map(([namespace, text]) =>
    objectsOf(namespace, text, since),
  );
  const all = sources.flatMap(({ documents, invalid }) => [...documents, ...invalid]);
  const locate = createLocate(all);
  const resolution = resolve(sources, options.trust ?? trust, locate);
  const [desired] = resolution.programs;
  if (!desired) throw new Error('the scene declares no program');
  const observed = observedProgram(options.records ?? [], options.observed);
  const prints = fingerprints({
    secrets: Object.fromEntries(
      ['team-a', 'team-b'].map((source) => [
        `${source}|store/first`,
        options.secretsRefused
          ? { state: 'unavailable', message: 'Secret store has no key first' }
          : fingerprints().secrets['cli|store/first']!,
      ]),
    ),
  });
  const made = plan(desired, observed, { now: at, fingerprints: prints });
  const decision = decideOn(made, { at, ...options.decide });
  const result: PassResult = options.result ?? {
    state: 'planned',
    plan: made,
    decision,
    outcomes: carriedOut(decision, options),
    rests: options.rests ?? false,
  };
  const problems = [...sources.flatMap((source) => source.problems), ...resolution.problems];
  return {
    ...{ desired, plan: made, decision, locate, at },
    report: programReport({ desired, result, records: recordsOf(options, { desired, observed }) }),
    problemsOf: (document) => problems.filter((problem) => isAbout(problem, document)),
  };
}

function recordsOf(
  { carry }: SceneOptions,
  { desired, observed }: { readonly desired: DesiredProgram; readonly observed: ObservedProgram },
) {
  return carry === 'applied'
    ? {}
    : recordFacts({ desired, observed, fingerprints: fingerprints() });
}

function isAbout({ origin, related = [] }: Problem, document: DocumentId): boolean {
  const [, id = ''] = document.split('|');
  return [origin, ...related].some((one) => {
    if (one === undefined || !('object' in one)) return false;
    const { kind, namespace = '', name } = one.object;
    return id === `${kind}/${namespace}/${name}`;
  });
}

function carriedOut(decision: Decision, { carry }: SceneOptions): readonly Carried[] {
  if (carry === undefined) return [];
  return decision.apply.map(({ change }): Carried => {
    if (carry === 'skipped')
      return { result: 'skipped', change, why: 'the lease ends before the write could arrive' };
    if (carry !== 'applied') return { result: 'failed', change, error: carry };
    if (change.scope === 'global')
      return { result: 'applied', change, left: [], written: globalWritten };
    const release: ObservedRelease = {
      key: change.key,
      id: `r-${change.key.version}-${change.key.app}`,
      status: change.status ?? 'NewVersionCreated',
      revision: 'r2' as ObservedRelease['revision'],
      config: {},
      testQrCode: `https://qr.example/${change.key.app}`,
    };
    return { result: 'applied', change, left: [], written: { kind: 'release', release } };
  });
}

const globalWritten = {
  kind: 'global',
  global: { revision: 'g2' as ObservedRelease['revision'], config: {} },
} as const;

export interface Asked {
  readonly namespace?: string;
  readonly name?: string;
  readonly object?: Partial<StatusObject>;
  readonly approvalsIgnored?: boolean;
  /** The objects of the program's releases. */
  readonly releases?: Partial<StatusObject>;
  readonly used?: readonly ChangeId[];
  readonly now?: EpochMs;
}

/** As whoever looks for the policy says it. */
const ignored =
  'Approvals by annotation are ignored: ValidatingAdmissionPolicy fairlead-approvals: it is missing; ask the administrator to install policy and binding as the chart of this release has them.';

const object: StatusObject = { generation: 1, annotations: {}, status: undefined };

function inputOf(made: Scene, kind: string, asked: Asked, standardName: string) {
  const { namespace = 'team-a', name = standardName } = asked;
  const document = documentOf(kind, namespace, name);
  return {
    object: { ...object, ...asked.object },
    document,
    programs: [made.report],
    problems: made.problemsOf(document),
    locate: made.locate,
    approvalsIgnored: asked.approvalsIgnored ? ignored : undefined,
    approvals: { ...noApprovals, used: asked.used ?? [] },
    now: asked.now ?? made.at,
  };
}

/** The status of a MiniProgramRelease, `team-a/coffee-1.0.0` unless said otherwise. */
export function releaseIn(made: Scene, asked: Asked = {}) {
  return releaseStatus(inputOf(made, 'MiniProgramRelease', asked, 'coffee-1.0.0'));
}

/** The status of the MiniProgram coffee. */
export function programIn(made: Scene, asked: Asked = {}) {
  return miniProgramStatus({
    ...inputOf(made, 'MiniProgram', asked, 'coffee'),
    source: asked.namespace ?? 'team-a',
    objectOf: () => ({ ...object, ...asked.releases }),
  });
}

/** Reason, verdict and message of Ready; what stands beside it. */
export function told(status: ReturnType<typeof releaseIn> | ReturnType<typeof programIn>) {
  const [ready, beside] = status.conditions ?? [];
  return {
    ready: ready?.status,
    reason: ready?.reason,
    beside: beside?.type,
    message: ready?.message,
  };
}
