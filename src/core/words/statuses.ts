/** The release statuses of the Mini Program Platform, in the order of a release's life. */
export const statuses = [
  'NewVersionCreated',
  'UnderReview',
  'ReleasePreparation',
  'PilotTesting',
  'GrayscaleRelease',
  'FullRelease',
  'Canceled',
  'Archived',
] as const;

export type Status = (typeof statuses)[number];

/** The words the console shows for each status. */
export const statusTitles = {
  NewVersionCreated: 'New Version Created',
  UnderReview: 'Under Review',
  ReleasePreparation: 'Release Preparation',
  PilotTesting: 'Pilot Testing',
  GrayscaleRelease: 'Grayscale Release',
  FullRelease: 'Full Release',
  Canceled: 'Canceled',
  Archived: 'Archived',
} as const satisfies Record<Status, string>;

/** Applied for, but not yet in users' hands: a human's decision is pending. */
export function isUnderWay(status: Status): boolean {
  return status === 'UnderReview' || status === 'ReleasePreparation' || status === 'PilotTesting';
}

/** In users' hands, wholly or partly. */
export function isLive(status: Status): boolean {
  return status === 'GrayscaleRelease' || status === 'FullRelease';
}
