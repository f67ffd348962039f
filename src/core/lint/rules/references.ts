import { error, warning, type Rules } from './rule.ts';

/** Mistakes between documents and files. */
export const referenceRules = {
  'duplicate-document': error(
    'Document declared twice',
    'Two documents with one kind and name contradict each other; neither is used.',
  ),
  'duplicate-program': error(
    'Program declared twice',
    'Two MiniPrograms name the same program of a workspace; neither is applied.',
  ),
  'duplicate-claim': error(
    'Target claimed twice',
    'Two releases claim one version on one target; neither is applied.',
  ),
  'reference-not-found': error(
    'Reference to nothing',
    'The program or profile named does not exist in this source. The whole release is left out: it is never applied with fewer layers than it names.',
  ),
  'reference-invalid': error(
    'Reference to an invalid document',
    'What the release refers to has errors, so the release is left out.',
  ),
  'connection-not-found': error(
    'Unknown connection',
    "Connections stand in the administrator's settings; declarations name one of them.",
  ),
  'environment-without-target': error(
    'Environment without standing target',
    'environments selects standing targets of the program; it has none there.',
  ),
  'app-without-instance': error(
    'App in no instance',
    'A program with instances releases each app through the instance that lists it.',
  ),
  'too-many-targets': error('Too many targets', 'A release may reach 256 targets.'),
  'too-many-variables': error(
    'Too many variables',
    'The platform keeps at most five environment variables per release; all layers together count.',
  ),
  'extend-nothing': error(
    'Nothing to extend',
    'extend adds to what lower layers or the declared global configuration give. Where they give nothing, set the list.',
  ),
  'unset-nothing': warning(
    'Nothing to unset',
    'No lower layer gives the field, so unset does nothing.',
  ),
  'file-unreadable': error(
    'File cannot be read',
    'The process may not read the file, or the disk failed.',
  ),
  'file-symlink': error(
    'Symbolic link',
    'Links are not followed: they could lead out of the source.',
  ),
  'file-submodule': error(
    'Submodule',
    'A submodule is another repository: make it a GitSource of its own.',
  ),
  'file-lfs': error(
    'Git LFS pointer',
    'The content of the file is not in the repository. Declarations are small: take the file out of LFS.',
  ),
  'file-name': error(
    'File name that is not UTF-8',
    'Rename the file; nobody could be told where a mistake is.',
  ),
  'file-irregular': error('Not a regular file', 'Only regular files are read.'),
  'one-settings': error('Second Settings document', 'An installation has one Settings document.'),
  'duplicate-identity': error(
    'Settings declared twice',
    'Each connection and source has a name of its own.',
  ),
  'platform-twice': error(
    'Platform reached twice',
    'Two ways to one platform would have two rate budgets and two opinions of who may declare what.',
  ),
  'grants-required': error(
    'Connection without grants',
    'As soon as several sources exist, a connection says which of them may declare what.',
  ),
  'secret-owner-required': error(
    'Secret without owner',
    'As soon as a GitSource exists, a secret says who may use it.',
  ),
  'review-incomplete': error(
    'Review that cannot be made',
    'A GitSource that reviews pull requests follows a branch, and names its repository at the forge and one credential for it: a token or an App.',
  ),
  'review-twin': error(
    'Two reviews of one name',
    'Comments and statuses on a pull request are told apart by the name of the review alone: two of one name at one repository would overwrite the verdicts of each other.',
  ),
} as const satisfies Rules;
