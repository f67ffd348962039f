import type { GitSource } from '../../../core/kinds/git-source.ts';
import { ReconcileError } from '../../../core/words/errors.ts';

/**
 * Refuses a signature policy that nothing could ever satisfy, at once instead of at the first commit.
 *
 * @throws ReconcileError `SettingsInvalid`
 */
export function refusePolicy({
  ref,
  signatures,
}: Pick<GitSource['spec'], 'ref' | 'signatures'>): void {
  if (!signatures) return;
  const { verify, gpgKeys, allowedSigners, since } = signatures;
  if (gpgKeys === undefined && allowedSigners === undefined) {
    throw invalid('name nobody who may sign', 'add gpgKeys or allowedSigners');
  }
  if (verify === 'tag') refuseForTags(ref, since);
}

function refuseForTags(ref: GitSource['spec']['ref'], since: string | undefined): void {
  if (ref?.tag === undefined && ref?.semver === undefined) {
    throw invalid(
      'verify tags, and ref names a branch',
      'set ref.tag or ref.semver, or verify commits',
    );
  }
  if (since !== undefined) {
    throw invalid('verify tags, and have since, which is for commits', 'leave since out');
  }
}

function invalid(what: string, nextStep: string): ReconcileError {
  return new ReconcileError('SettingsInvalid', `signatures of the GitSource ${what}`, { nextStep });
}
