import type { ConnectionStatus, SourceStatus, Trouble } from '../../core/model/controller.ts';
import {
  configProfileStatus,
  gitSourceStatus,
  platformConnectionStatus,
} from '../../core/status/index.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { PlatformInfo } from '../../core/model/observed.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { EpochMs } from '../../core/words/time.ts';
import type { ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import type { Clock } from '../../ports/index.ts';
import type { Declared } from '../../reconcile/loop.ts';
import type { Rewound } from './approvals.ts';
import type { ApprovalGuard } from './approval-guard.ts';
import type { ReadConnection } from './connections.ts';
import { sourceName } from './feed.ts';
import type { Hub } from './hub.ts';
import { documentId } from './objects.ts';
import type { StatusQueue } from './status-queue.ts';

export interface SettingsReportsOptions {
  readonly hub: Pick<Hub, 'get' | 'objects'>;
  readonly queue: Pick<StatusQueue, 'put'>;
  readonly clock: Clock;
  readonly declared: () => Declared | undefined;
  readonly problemsOf: (document: DocumentId) => readonly Problem[];
  readonly guard: Pick<ApprovalGuard, 'ignored'>;
  /** Of shared objects one process speaks alone. */
  readonly isSpeaker: () => boolean;
}

/** Statuses of what is no declaration of a program: profiles, repositories and connections. */
export interface SettingsReports {
  source(status: SourceStatus): void;
  connection(status: ConnectionStatus, info: PlatformInfo | undefined): void;
  /** A connection through which nothing can be done. */
  refused(connection: ReadConnection): void;
  /** Counts who names which profile and which connection, if that may have changed. */
  profiles(): void;
  /** It is this process that speaks now, or may be. */
  again(): void;
  /** Somebody asks something of this repository: it says again how it stands. */
  asked(source: ObjectRef): void;
  /** Repositories whose ref moved backwards. */
  rewound(): readonly Rewound[];
}

export function createSettingsReports(options: SettingsReportsOptions): SettingsReports {
  const { hub, queue, clock, declared, problemsOf, isSpeaker, guard } = options;
  const locate = (): never => {
    throw new ReconcileError('InternalError', 'a problem of a setting has no place of its own');
  };

  function users(document: DocumentId) {
    const documents = [...(declared()?.usersOf(document) ?? [])];
    const programs = documents.filter((id) => id.includes('|MiniProgram/')).length;
    return { programs, releases: documents.length - programs };
  }

  function profileStatus(object: ClusterObject): object {
    const document = documentId(object);
    return configProfileStatus({
      ...{ object, locate, users: users(document), now: clock.wall() },
      problems: [...problemsOf(document), ...(declared()?.errorsOf(document) ?? [])],
    });
  }

  const sources = new Map<string, SourceStatus>();
  const connections = new Map<string, () => void>();

  /** Whatever this process acts on: of shared objects it speaks for all. */
  function counted(status: ConnectionStatus): ConnectionStatus {
    const known = declared();
    if (!known) return status;
    const all = [...known.programs.values()];
    const programs = all.filter(({ desired }) => desired.connection === status.name).length;
    return { ...status, programs };
  }

  function profiles(): void {
    if (!isSpeaker()) return;
    for (const tell of connections.values()) tell();
    for (const object of hub.objects())
      if (object.kind === 'ConfigProfile') queue.put(object, profileStatus);
  }

  const own: SettingsReports = {
    profiles,
    rewound: () =>
      [...sources.values()].flatMap(({ name, state, changeId }) => {
        const object = state === 'Rewound' ? hub.get(gitSourceRef(name)) : undefined;
        return object && changeId !== undefined ? [{ object, changeId }] : [];
      }),
    again() {
      for (const status of sources.values()) own.source(status);
      profiles();
    },
    asked(ref) {
      const status = sources.get(sourceName(ref));
      if (status) own.source(status);
    },
    source(status) {
      sources.set(status.name, status);
      if (!isSpeaker()) return;
      const ref = gitSourceRef(status.name);
      queue.put(ref, (object) => {
        const known = declared();
        const own = known ? [...known.programs.values()] : [];
        return gitSourceStatus({
          ...{ object, source: status, now: clock.wall() },
          approvalsIgnored: guard.ignored(object),
          problems: known?.errorsIn(sourceName(ref)) ?? [],
          programs: own.filter(({ sources }) => sources.includes(status.name)).length,
        });
      });
    },
    connection(status, info) {
      connections.set(status.name, () => own.connection(status, info));
      if (!isSpeaker()) return;
      const ref = { kind: 'PlatformConnection', name: status.name } as const;
      queue.put(ref, (object) => {
        const suspended = status.state === 'Suspended' ? 'see spec.suspend' : undefined;
        return platformConnectionStatus({
          ...{ object, info, locate, suspended, connection: counted(status), now: clock.wall() },
          problems: [],
        });
      });
    },
    refused(refused) {
      const { name, problems, trouble } = refused;
      connections.set(name, () => own.refused(refused));
      if (!isSpeaker()) return;
      // What is wrong with the object is its author's; what keeps it from being opened may be anybody's.
      const isOwn = problems.length > 0 || trouble?.code === 'SettingsInvalid';
      const failing = trouble && !isOwn ? unopened(name, trouble, clock.wall()) : undefined;
      const told = problems.length > 0 || !isOwn || !trouble ? problems : [problemIn(trouble)];
      queue.put({ kind: 'PlatformConnection', name }, (object) =>
        platformConnectionStatus({
          ...{
            object,
            locate,
            problems: told,
            now: clock.wall(),
            connection: failing && counted(failing),
          },
          ...{ info: undefined, suspended: undefined },
        }),
      );
    },
  };
  return own;
}

function gitSourceRef(source: string) {
  const [namespace = '', name = ''] = source.split('/');
  return { kind: 'GitSource', namespace, name } as const;
}

function problemIn({ code, message, nextStep }: Trouble): Problem {
  const more = nextStep === undefined ? {} : { nextStep };
  return { rule: code, severity: 'error', message, ...more };
}

/** A connection through which nothing goes yet. */
function unopened(name: string, trouble: Trouble, since: EpochMs): ConnectionStatus {
  return {
    ...{ name, trouble, since, platform: '', state: 'Failing', programs: 0, releases: 0 },
    ...{ requestsPerSecond: 0, rateNow: 0, queued: { hot: 0, sweep: 0 } },
  };
}
