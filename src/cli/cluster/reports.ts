import type { ConnectionStatus, SourceStatus, Trouble } from '../../core/model/controller.ts';
import type { DesiredProgram } from '../../core/model/desired.ts';
import { isHomeless } from '../../core/resolve/homes.ts';
import {
  miniProgramStatus,
  programReport,
  recordFacts,
  releaseStatus,
  type PassResult,
  type ProgramReport,
  type StatusInput,
} from '../../core/status/index.ts';
import { programId, type ProgramId } from '../../core/words/keys.ts';
import type { DocumentId } from '../../core/words/places.ts';
import type { Problem } from '../../core/words/problems.ts';
import type { ClusterObject, ObjectRef } from '../../ports/cluster.ts';
import type { Clock } from '../../ports/index.ts';
import type { Declared, ObjectReports, OwnShards, PassReport } from '../../reconcile/loop.ts';
import type { ClusterApprovals } from './approvals.ts';
import type { Hub } from './hub.ts';
import { documentId } from './objects.ts';
import type { StatusQueue } from './status-queue.ts';

export interface ReportsOptions {
  readonly hub: Pick<Hub, 'get' | 'objects'>;
  readonly queue: StatusQueue;
  readonly clock: Clock;
  readonly shards: OwnShards;
  readonly approvals: Pick<ClusterApprovals, 'of'>;
  /** Why approvals on it count for nothing, as a sentence. */
  readonly approvalsIgnored: (object: ClusterObject) => string | undefined;
  /** What is wrong with an object by itself. */
  readonly problemsOf: (document: DocumentId) => readonly Problem[];
  /** Why nothing can be done through a connection. */
  readonly connectionTrouble: (connection: string) => Trouble | undefined;
  readonly onSource: (status: SourceStatus) => void;
  readonly onConnection: (status: ConnectionStatus) => void;
  readonly onTaken: (declared: Declared) => void;
  /** Profiles may be named by others, or by nobody any more. */
  readonly onResolved: (declared: Declared) => void;
  /** What statuses keep for a platform that stores no marks. */
  readonly bases: (program: DesiredProgram) => Readonly<Record<string, string>>;
}

export interface ClusterReports extends ObjectReports {
  /** The status of an object is another one: of those of which several processes speak, ours has to stay in it. */
  onStatus(ref: ObjectRef): void;
}

/**
 * Puts what becomes of programs into the statuses of the objects that declare them.
 *
 * The report of a pass lives until the statuses it is for were made. Only of programs that share an object with others
 * it is kept: such an object speaks of all of them.
 */
export function createReports(options: ReportsOptions): ClusterReports {
  const { hub, queue, clock, shards } = options;
  const kept = new Map<ProgramId, ProgramReport>();
  let declared: Declared | undefined;

  function report(desired: DesiredProgram, result: PassResult, pass?: PassReport): void {
    if (!declared || !isInForce(desired)) return;
    const id = programId(desired.key);
    const made = programReport({
      ...{ desired, result },
      ...(pass ? { records: recordFacts(pass), ...basesIn(pass) } : {}),
    });
    let isShared = false;
    for (const document of declared.documentsOf(id)) {
      const ref = refOf(document);
      if (!ref) continue;
      isShared ||= declared.programsOf(document).size > 1;
      put(document, ref, made);
    }
    if (isShared) kept.set(id, made);
    else kept.delete(id);
  }

  /** What was declared anew meanwhile has a pass of its own to come: nothing that was found before speaks of it. */
  function isInForce({ key, digest }: DesiredProgram): boolean {
    return declared?.programs.get(programId(key))?.desired.digest === digest;
  }

  function basesIn({ desired, observed }: PassReport) {
    return observed.capabilities.marks ? {} : { bases: options.bases(desired) };
  }

  function put(document: DocumentId, ref: ObjectRef, news: ProgramReport | undefined): void {
    queue.put(ref, (object) => statusOf(document, object, news));
  }

  function statusOf(
    document: DocumentId,
    object: ClusterObject,
    news: ProgramReport | undefined,
  ): object | undefined {
    if (!declared || (news && !isInForce(news.desired))) return undefined;
    const programs = [...declared.programsOf(document)].flatMap((id) => reportOf(id, news) ?? []);
    const input: StatusInput = {
      ...{ object, document, programs },
      problems: [...options.problemsOf(document), ...declared.errorsOf(document)],
      locate: declared.locate(),
      approvalsIgnored: options.approvalsIgnored(object),
      approvals: options.approvals.of(document),
      now: clock.wall(),
    };
    if (object.kind === 'MiniProgramRelease') return releaseStatus(input);
    if (object.kind !== 'MiniProgram') return undefined;
    const objectOf = (id: DocumentId): ClusterObject | undefined => {
      const ref = refOf(id);
      return ref && hub.get(ref);
    };
    return miniProgramStatus({ ...input, source: object.namespace ?? '', objectOf });
  }

  function reportOf(id: ProgramId, news: ProgramReport | undefined): ProgramReport | undefined {
    const desired = declared?.programs.get(id)?.desired;
    if (news && programId(news.desired.key) === id) return news;
    const known = kept.get(id);
    if (known && isInForce(known.desired)) return known;
    if (!desired) return undefined;
    const result: PassResult = { state: shards.holder(id) ? 'unseen' : 'elsewhere' };
    return programReport({ desired, result });
  }

  /** Of what no pass will ever speak somebody has to: nothing declares its program, its platform is out of reach, or nobody has declared its connection. */
  function speakFor(document: DocumentId): void {
    const ref = refOf(document);
    if (!ref || !declared) return;
    const programs = [...declared.programsOf(document)];
    const known = programs.flatMap((id) => declared?.programs.get(id)?.desired ?? []);
    if (known.length === 0) {
      if (shards.holder(document as string as ProgramId)) put(document, ref, undefined);
      return;
    }
    for (const desired of known) speakOf(desired);
  }

  function speakOf(desired: DesiredProgram): void {
    if (!shards.holder(programId(desired.key))) return;
    const trouble = options.connectionTrouble(desired.connection);
    if (isHomeless(desired.key)) report(desired, { state: 'barred' });
    else if (trouble) report(desired, { state: 'failed', trouble });
  }

  function speakForAll(): void {
    for (const object of hub.objects()) {
      const document = documentId(object);
      if (refOf(document)) speakFor(document);
    }
  }

  return {
    taken() {
      if (!declared) return;
      speakForAll();
      options.onTaken(declared);
    },
    onStatus(ref) {
      const document = documentId(ref);
      const programs = [...(declared?.programsOf(document) ?? [])];
      if (programs.length > 1 && programs.some((id) => kept.has(id))) put(document, ref, undefined);
    },
    begin(of) {
      declared = of;
    },
    resolved({ programs, documents }) {
      if (!declared) return;
      for (const document of documents) speakFor(document);
      for (const id of programs) {
        const desired = declared.programs.get(id)?.desired;
        if (desired) speakOf(desired);
        else kept.delete(id);
      }
      options.onResolved(declared);
    },
    passed(pass) {
      const { desired, plan, decision, outcomes, rests } = pass;
      report(desired, { state: 'planned', plan, decision, outcomes, rests }, pass);
    },
    room: (signal) => queue.room(signal),
    failed(desired, trouble) {
      report(desired, { state: 'failed', trouble });
    },
    source: options.onSource,
    connection: options.onConnection,
  };
}

const documentForm = /^[^|/]*\|(MiniProgram|MiniProgramRelease|ConfigProfile)\/([^/]*)\/([^/]+)$/;

/** The object that a document is; undefined for one of a repository. */
export function refOf(document: DocumentId): ObjectRef | undefined {
  const [, kind, namespace, name] = documentForm.exec(document) ?? [];
  if (kind === undefined || namespace === undefined || name === undefined) return undefined;
  return { kind: kind as ObjectRef['kind'], namespace, name };
}
