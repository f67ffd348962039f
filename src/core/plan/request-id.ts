import { createHash } from 'node:crypto';
import { canonicalJson, type FingerprintKey } from '../words/digests.ts';
import { reveal, SecretText } from '../words/secret-text.ts';
import type {
  MarkCondition,
  PlatformWrite,
  RequestId,
  WriteConfig,
  WritePatch,
  WriteValue,
} from '../model/write.ts';

/**
 * The id of one write: HMAC-SHA-256 of operation, key, observed revision or `absent`, observed mark and the canonical
 * body, secrets included. Derived, so that it survives a crash; another for A to B, B to A and A to B again, since the
 * revision never comes back.
 *
 * @returns 43 characters of base64url
 */
export function requestIdOf(write: PlatformWrite, key: FingerprintKey): RequestId {
  const message = canonicalJson({
    operation: write.operation,
    key: write.key,
    ...preconditionOf(write),
    body: bodyOf(write),
    mark: write.mark ?? null,
  });
  return key.authenticate(message) as RequestId;
}

/** What a write says about the mark it has seen: SHA-256 of its text (base64url, 43 characters), or `absent`. */
export function markCondition(mark: string | undefined): MarkCondition {
  if (mark === undefined) return 'absent' as MarkCondition;
  return createHash('sha256').update(mark).digest('base64url') as MarkCondition;
}

function preconditionOf(write: PlatformWrite) {
  if (write.operation === 'createRelease') return { ifRevision: 'absent', ifMark: 'absent' };
  const { ifRevision, ifMark } = write.condition;
  return { ifRevision, ifMark };
}

function bodyOf(write: PlatformWrite) {
  const values: WriteConfig | WritePatch =
    write.operation === 'createRelease' ? write.config : write.patch;
  return Object.fromEntries(Object.entries(values).map(([path, value]) => [path, opened(value)]));
}

function opened(value: WriteValue | null | undefined) {
  return value instanceof SecretText ? { secret: reveal(value) } : (value ?? null);
}
