import type { Environment } from '../../core/words/environments.ts';
import type { Status } from '../../core/words/statuses.ts';
import type { RuleId } from './rules.ts';
import { holds, type App, type World } from './state.ts';
import type { Switches } from './switches.ts';

/** What people do to a release in the console. */
export const lifecycleEvents = [
  'apply',
  'withdraw',
  'approve',
  'reject',
  'completePilot',
  'gray',
  'goLive',
  'cancel',
  'takeOffline',
] as const;

export type LifecycleEvent = (typeof lifecycleEvents)[number];

/**
 * One way from status to status.
 *
 *     NewVersionCreated --apply--> UnderReview --approve--> PilotTesting --completePilot--> GrayscaleRelease
 *          ^  |                       |   |                     |                              ^  |    |
 *          |  |  (no review)          |   '--approve--> ReleasePreparation ------gray----------'  |  cancel
 *          |  '------------------->   |                         |    |                            |    v
 *          '-----withdraw, reject-----'                      cancel  '--goLive--> FullRelease <---' Canceled
 *                                                               v                   |  takeOffline, superseded
 *                                                            Canceled               '--> Archived
 */
interface Transition {
  readonly from: Status;
  readonly event: LifecycleEvent;
  /** A fixed status, or the switch that names it. */
  readonly to: Status | ((switches: Switches, app: App) => Status);
  /** Omitted: every environment in which the status occurs. */
  readonly environments?: readonly Environment[];
  /** Omitted: whatever the target app supports. */
  readonly pilot?: boolean;
  readonly review?: boolean;
  /** The documented rule behind the row; the row is gone when the rule is off. Omitted: inferred. */
  readonly rule?: RuleId;
  /** The row exists only while this rule, which forbids it, is off. */
  readonly forbiddenBy?: RuleId;
}

const automatic: readonly Environment[] = ['Development', 'Test'];
const production: readonly Environment[] = ['Production'];
const sandbox: readonly Environment[] = ['Sandbox'];

export const transitions: readonly Transition[] = [
  {
    from: 'NewVersionCreated',
    event: 'apply',
    environments: automatic,
    to: (switches) => switches.developmentAndTest,
    rule: 'apply-development-test',
  },
  {
    from: 'NewVersionCreated',
    event: 'apply',
    environments: production,
    to: 'UnderReview',
    rule: 'apply-production-review',
  },
  {
    from: 'NewVersionCreated',
    event: 'apply',
    environments: sandbox,
    review: true,
    to: 'UnderReview',
    rule: 'apply-sandbox-review',
  },
  {
    from: 'NewVersionCreated',
    event: 'apply',
    environments: sandbox,
    review: false,
    to: (switches, app) =>
      app.pilotTesting && switches.sandboxWithoutReview === 'pilotIfSupported'
        ? 'PilotTesting'
        : 'FullRelease',
  },
  {
    from: 'UnderReview',
    event: 'withdraw',
    to: (switches) => switches.afterWithdraw,
    rule: 'withdraw-under-review',
  },
  {
    from: 'UnderReview',
    event: 'reject',
    to: (switches) => switches.afterReject,
    rule: 'reject-under-review',
  },
  {
    from: 'UnderReview',
    event: 'approve',
    pilot: true,
    to: 'PilotTesting',
    rule: 'approved-with-pilot',
  },
  {
    from: 'UnderReview',
    event: 'approve',
    environments: production,
    pilot: false,
    to: 'ReleasePreparation',
    rule: 'approved-without-pilot',
  },
  {
    from: 'UnderReview',
    event: 'approve',
    environments: sandbox,
    pilot: false,
    to: (switches) => switches.sandboxApproved,
  },
  { from: 'PilotTesting', event: 'cancel', to: 'Canceled', rule: 'pilot-cancel' },
  {
    from: 'PilotTesting',
    event: 'completePilot',
    environments: production,
    to: 'GrayscaleRelease',
    rule: 'pilot-complete',
  },
  {
    from: 'PilotTesting',
    event: 'completePilot',
    environments: sandbox,
    to: (switches) => switches.sandboxPilotComplete,
  },
  {
    from: 'ReleasePreparation',
    event: 'gray',
    to: 'GrayscaleRelease',
    rule: 'preparation-grayscale',
  },
  { from: 'ReleasePreparation', event: 'goLive', to: 'FullRelease', rule: 'preparation-full' },
  { from: 'ReleasePreparation', event: 'cancel', to: 'Canceled', rule: 'preparation-cancel' },
  { from: 'GrayscaleRelease', event: 'gray', to: 'GrayscaleRelease', rule: 'grayscale-up' },
  { from: 'GrayscaleRelease', event: 'goLive', to: 'FullRelease', rule: 'grayscale-complete' },
  { from: 'GrayscaleRelease', event: 'cancel', to: 'Canceled', rule: 'grayscale-cancel' },
  { from: 'FullRelease', event: 'takeOffline', to: (switches) => switches.afterOffline },

  { from: 'UnderReview', event: 'apply', to: 'UnderReview', forbiddenBy: 'apply-once' },
  {
    from: 'ReleasePreparation',
    event: 'takeOffline',
    to: 'Archived',
    forbiddenBy: 'offline-needs-full',
  },
  { from: 'PilotTesting', event: 'goLive', to: 'FullRelease', forbiddenBy: 'go-live-late' },
  { from: 'NewVersionCreated', event: 'cancel', to: 'Canceled', forbiddenBy: 'no-early-cancel' },
  { from: 'UnderReview', event: 'cancel', to: 'Canceled', forbiddenBy: 'no-early-cancel' },
  { from: 'FullRelease', event: 'cancel', to: 'Canceled', forbiddenBy: 'full-is-not-cancelled' },
  { from: 'Canceled', event: 'apply', to: 'UnderReview', forbiddenBy: 'canceled-is-final' },
  { from: 'Archived', event: 'goLive', to: 'FullRelease', forbiddenBy: 'archived-is-final' },
];

/** Where an event leads; undefined when the status does not allow it. */
export function nextStatus(
  world: World,
  event: LifecycleEvent,
  at: { readonly status: Status; readonly environment: Environment; readonly app: App },
): Status | undefined {
  const found = transitions.find(
    (row) =>
      row.event === event && row.from === at.status && isPresent(world, row) && fits(row, at),
  );
  if (!found) return undefined;
  return typeof found.to === 'string' ? found.to : found.to(world.switches, at.app);
}

function isPresent(world: World, { rule, forbiddenBy }: Transition): boolean {
  if (forbiddenBy) return !holds(world, forbiddenBy);
  return rule === undefined || holds(world, rule);
}

function fits(
  row: Transition,
  { environment, app }: { readonly environment: Environment; readonly app: App },
): boolean {
  const environmentFits = row.environments?.includes(environment) ?? true;
  const pilotFits = row.pilot === undefined || row.pilot === app.pilotTesting;
  const reviewFits = row.review === undefined || row.review === app.sandboxReview;
  return environmentFits && pilotFits && reviewFits;
}
