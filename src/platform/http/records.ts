import type { ReconcileError } from '../../core/words/errors.ts';
import type { Telemetry } from '../../ports/index.ts';
import * as responses from '../../protocol/generated/responses.js';
import type { ResponseOf, WireMiniProgram, WireRelease } from '../../protocol/wire.ts';
import { failureError, malformed } from './classify.ts';

/** Whether a record of this program must be readable; undefined: the record does not even name one. */
type Required = (miniProgram: string | undefined) => boolean;

/**
 * A page of releases. One answer of a thousand records is validated at once, and record by record only if that fails.
 *
 * @throws ReconcileError `ResponseUntrusted` for a bad page, or a bad record that is required
 */
export function releasesOf(
  body: unknown,
  required: Required,
  telemetry: Telemetry,
): ResponseOf<'listReleases'> {
  if (responses.listReleases(body)) return body;
  const { items, rest } = takeApart('listReleases', 'releases', body);
  const whole = { ...rest, releases: [] };
  if (!responses.listReleases(whole)) throw broken('listReleases');
  const releases = items.flatMap((item): readonly WireRelease[] => {
    const one: unknown = { ...whole, releases: [item] };
    if (responses.listReleases(one)) return one.releases;
    leaveOut('listReleases', item, required, telemetry);
    return [];
  });
  return { ...whole, releases };
}

/** A page of mini programs, as `releasesOf`. */
export function miniProgramsOf(
  body: unknown,
  required: Required,
  telemetry: Telemetry,
): ResponseOf<'listMiniPrograms'> {
  if (responses.listMiniPrograms(body)) return body;
  const { items, rest } = takeApart('listMiniPrograms', 'miniPrograms', body);
  const whole = { ...rest, miniPrograms: [] };
  if (!responses.listMiniPrograms(whole)) throw broken('listMiniPrograms');
  const miniPrograms = items.flatMap((item): readonly WireMiniProgram[] => {
    const one: unknown = { ...whole, miniPrograms: [item] };
    if (responses.listMiniPrograms(one)) return one.miniPrograms;
    leaveOut('listMiniPrograms', item, required, telemetry);
    return [];
  });
  return { ...whole, miniPrograms };
}

function takeApart(operation: string, member: string, body: unknown) {
  if (!isObject(body)) throw broken(operation);
  const { [member]: items, ...rest } = body;
  if (!Array.isArray(items)) throw broken(operation);
  return { items: items.map((item: unknown) => item), rest };
}

function leaveOut(
  operation: string,
  item: unknown,
  required: Required,
  telemetry: Telemetry,
): void {
  const named = isObject(item) ? item['miniProgram'] : undefined;
  const miniProgram = typeof named === 'string' ? named : undefined;
  if (required(miniProgram)) throw broken(operation);
  telemetry.emit({
    kind: 'ignored',
    what: `a record of ${operation}`,
    why: 'it is not what the contract says, and no declared program is concerned',
  });
}

function broken(operation: string): ReconcileError {
  return failureError(operation, malformed('its records', 'read'));
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
