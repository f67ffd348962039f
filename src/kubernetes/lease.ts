import { ReconcileError } from '../core/words/errors.ts';
import { isoTime } from '../core/words/time.ts';
import type { Clock } from '../ports/index.ts';
import type { Api, ApiAnswer } from './api.ts';
import { type Asked, failureOf, isObjectMissing } from './failure.ts';
import { field, list, text, texts } from './raw.ts';
import { collectionPath, leases } from './resources.ts';

/** A Lease, as far as it decides anything. Its times are for people: clocks of other machines are not believed. */
export interface Lease {
  readonly name: string;
  readonly resourceVersion: string;
  /** Empty: nobody's. */
  readonly holder: string;
  /** What the holder said its lease lasts, milliseconds. */
  readonly durationMs: number;
  readonly transitions: number;
  readonly labels: Readonly<Record<string, string>>;
  /** What the holder tells the others. */
  readonly said: string;
}

/** What a Lease is to become. */
export interface LeaseWrite {
  readonly name: string;
  readonly holder: string;
  readonly durationMs: number;
  readonly transitions: number;
  readonly labels: Readonly<Record<string, string>>;
  /** Empty: nothing. */
  readonly said: string;
}

/** `Lost`: another version stands there, or none any more. */
export type LeaseAnswer = Lease | 'Lost';

/** Leases of one namespace. Methods throw ReconcileError `ClusterUnavailable` (it may have been done), `ClusterRefused`. */
export interface LeaseStore {
  list(selector: string, signal: AbortSignal): Promise<readonly Lease[]>;
  get(name: string, signal: AbortSignal): Promise<Lease | undefined>;
  create(write: LeaseWrite, signal: AbortSignal): Promise<LeaseAnswer>;
  /** Only if it still has the version that was seen. */
  update(write: LeaseWrite, seen: string, signal: AbortSignal): Promise<LeaseAnswer>;
  remove(lease: Pick<Lease, 'name' | 'resourceVersion'>, signal: AbortSignal): Promise<void>;
}

const saidAnnotation = 'fairlead.dev/said';

const maxBytes = 8 * 1024 * 1024;

/** @param timeoutMs  of each call */
export function createLeaseStore(
  { api, clock }: { readonly api: Api; readonly clock: Clock },
  { namespace, timeoutMs }: { readonly namespace: string; readonly timeoutMs: number },
): LeaseStore {
  const collection = collectionPath(leases, namespace);
  const limits = { timeoutMs, maxBytes };
  const pathOf = (name: string): string => `${collection}/${encodeURIComponent(name)}`;
  const asked = (verb: Asked['verb'], name?: string): Asked => ({
    ...{ verb, resource: leases, namespace },
    ...(name === undefined ? {} : { name }),
  });

  function body(write: LeaseWrite, seen: string | undefined): string {
    const now = isoTime(clock.wall()).replace('Z', '000Z');
    return JSON.stringify({
      apiVersion: leases.apiVersion,
      kind: 'Lease',
      metadata: {
        ...{ name: write.name, namespace, labels: write.labels },
        ...(write.said === '' ? {} : { annotations: { [saidAnnotation]: write.said } }),
        ...(seen === undefined ? {} : { resourceVersion: seen }),
      },
      spec: {
        holderIdentity: write.holder,
        // Whole seconds, at least one: rounded up, so that nobody believes it to be over too early.
        leaseDurationSeconds: Math.max(1, Math.ceil(write.durationMs / 1000)),
        leaseTransitions: write.transitions,
        renewTime: now,
      },
    });
  }

  return {
    async list(selector, signal) {
      const path = `${collection}?${new URLSearchParams({ labelSelector: selector }).toString()}`;
      const answer = await api.send({ method: 'GET', path, ...limits }, signal);
      if (answer.status !== 200) throw failureOf(answer, asked('list'));
      return list(field(answer.body, 'items')).map(readLease);
    },
    async get(name, signal) {
      const answer = await api.send({ method: 'GET', path: pathOf(name), ...limits }, signal);
      if (isObjectMissing(answer)) return undefined;
      if (answer.status !== 200) throw failureOf(answer, asked('get', name));
      return readLease(answer.body);
    },
    async create(write, signal) {
      const request = { method: 'POST', path: collection, body: body(write, undefined) } as const;
      const answer = await api.send({ ...request, ...limits }, signal);
      return written(answer, asked('create', write.name));
    },
    async update(write, seen, signal) {
      const path = pathOf(write.name);
      const request = { method: 'PUT', path, body: body(write, seen) } as const;
      return written(
        await api.send({ ...request, ...limits }, signal),
        asked('update', write.name),
      );
    },
    async remove({ name, resourceVersion }, signal) {
      const options = {
        apiVersion: 'v1',
        kind: 'DeleteOptions',
        preconditions: { resourceVersion },
      };
      const request = {
        method: 'DELETE',
        path: pathOf(name),
        body: JSON.stringify(options),
      } as const;
      const answer = await api.send({ ...request, ...limits }, signal);
      const isDone = answer.status < 300 || answer.status === 404 || answer.status === 409;
      if (!isDone) throw failureOf(answer, asked('delete', name));
    },
  };
}

function written(answer: ApiAnswer, asked: Asked): LeaseAnswer {
  if (answer.status === 200 || answer.status === 201) return readLease(answer.body);
  if (answer.status === 409 || isObjectMissing(answer)) return 'Lost';
  throw failureOf(answer, asked);
}

function readLease(raw: unknown): Lease {
  const metadata = field(raw, 'metadata');
  const spec = field(raw, 'spec');
  const name = text(field(metadata, 'name'));
  const resourceVersion = text(field(metadata, 'resourceVersion'));
  if (name === undefined || resourceVersion === undefined)
    throw new ReconcileError('ClusterUnavailable', 'the API server answered no lease');
  return {
    name,
    resourceVersion,
    holder: text(field(spec, 'holderIdentity')) ?? '',
    durationMs: count(field(spec, 'leaseDurationSeconds')) * 1000,
    transitions: count(field(spec, 'leaseTransitions')),
    labels: texts(field(metadata, 'labels')),
    said: text(field(field(metadata, 'annotations'), saidAnnotation)) ?? '',
  };
}

function count(value: unknown): number {
  return typeof value === 'number' && Number.isFinite(value) && value > 0 ? value : 0;
}
