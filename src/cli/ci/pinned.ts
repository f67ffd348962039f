/**
 * Actions of others that printed workflows and `action.yml` use, by the full hash of a released commit: a tag can be
 * moved, a commit cannot.
 */
export const pinned = {
  checkout: 'actions/checkout@08c6903cd8c0fde910a37f88322edcfb5dd907a8 # v5.0.0',
  setupNode: 'actions/setup-node@2028fbc5c25fe9cf00d9f06a71cc4710d4507903 # v6.0.0',
} as const;

/** Where the default branch publishes what it read of the platform. */
export const snapshotBranch = 'fairlead-snapshot';
