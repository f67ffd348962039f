import { error, note, warning, type Rules } from './rule.ts';

/** What shows only when declarations meet a platform, a snapshot or a question. */
export const platformRules = {
  'source-unavailable': error(
    'Source could not be read',
    'The repository could not be reached or read. Nothing follows from what is missing; the last state goes on.',
  ),
  'foreign-fingerprint-key': warning(
    'Mark of another fingerprint key',
    'The record was marked under a key that is not configured here, so its secrets cannot be compared. Configure that key, or name it in previousFingerprintKeys.',
  ),
  'variable-drift-unseen': note(
    'Variables that cannot be seen',
    'The platform hides the values of variables, so that a change made by hand cannot be noticed.',
  ),
  'snapshot-kind': error(
    'Not a document of a snapshot',
    'A snapshot file holds only what fairlead snapshot writes.',
  ),
  'snapshot-platform': error(
    'Snapshot without one platform',
    'Every program of a snapshot belongs to one platform document of the same file.',
  ),
  'snapshot-release': error(
    'Release twice in a snapshot',
    'A release has one record. Keep the entry that is true.',
  ),
  'import-differs': error(
    'Import would not be true',
    'What would be written does not plan to nothing, so nothing was written. This is a mistake of Fairlead: please report it.',
  ),
  'release-not-found': error(
    'No such release',
    'The question names a release or a target that nobody declares.',
  ),
  'world-file': error(
    'World file invalid',
    "The emulator's world could not be read; every mistake is told.",
  ),
  'schedule-invalid': error(
    'Schedule that cannot be read',
    'sweepSchedule is a cron expression of five fields, and timeZone a zone that this machine knows.',
  ),
  'schedule-twice': error(
    'Two schedules',
    'A sweep comes every sweepSeconds, or at the moments of sweepSchedule; not both.',
  ),
  'encrypted-path': error(
    'Path of an encrypted document',
    'An encrypted document is named by its path below the root of the source.',
  ),
  'age-identity': error(
    'Age key is missing, or whose it is',
    'An encrypted document is opened with an age key of the settings; with several sources each key says for whom it is.',
  ),
  'merge-conflict': error(
    'Merge conflict',
    'The two branches change the same lines: what merging them would declare is not known.',
  ),
  'lint-settings-changed': warning(
    'Lint settings changed',
    'The pull request changes how its own declarations are linted: see what it waives or lowers. What fails a review is taken from the base branch all the same.',
  ),
  'review-payee': warning(
    'Who gets paid changes',
    'A merchant or client id in Production is another one after merging.',
  ),
  'snapshot-in-checkout': warning(
    'Snapshot inside the checkout',
    'The pull request could have written what it is judged by. Take the snapshot from the base branch.',
  ),
} as const satisfies Rules;
