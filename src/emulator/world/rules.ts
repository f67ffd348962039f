/**
 * The documented rules (`[D]`) this platform enforces, with the page that says so (keys of docs/emulator.md).
 *
 * A test build can switch each off by its id; switching one off turns exactly its own scenario red.
 */
interface Rule {
  readonly source: string;
  readonly text: string;
}

export const rules = {
  'one-shot-target': {
    source: 'S1',
    text: 'A version is released to a target (app, environment) only once, for ever.',
  },
  'spent-after-cancel': {
    source: 'S3',
    text: 'After a cancel the version can never be deployed to that target again.',
  },
  'starts-as-new-version-created': {
    source: 'S1',
    text: 'Selecting a target creates a record in New Version Created.',
  },
  'initial-configuration': {
    source: 'S7c',
    text: 'Configuration may be entered while the target is selected.',
  },
  'version-exists': { source: 'S9', text: 'A target is selected for a version that was uploaded.' },
  'environment-provided': {
    source: 'S3',
    text: 'Only environments that the target app provides can be selected.',
  },
  'production-always': { source: 'S3', text: 'Every target app has Production.' },
  'four-environments': {
    source: 'S3',
    text: 'Environments are Production, Sandbox, Test and Development; there is no other.',
  },
  'workspace-of-creation': {
    source: 'S12',
    text: 'A mini program is reached through the workspace in which it was created.',
  },
  'type-fixed': { source: 'S9', text: 'The type of a mini program cannot be changed.' },
  'info-reaches-unstarted': {
    source: 'S10',
    text: 'Information changes apply directly only while every release of the latest version is New Version Created; otherwise a new version is needed.',
  },

  'editable-in-new-version-created': {
    source: 'S4',
    text: 'Release-specific configuration is editable in New Version Created only.',
  },
  'testers-in-pilot': {
    source: 'S2',
    text: 'The test group can also be updated during Pilot Testing.',
  },
  'only-testers-in-pilot': {
    source: 'S7c',
    text: 'During Pilot Testing nothing but the test group can be updated.',
  },
  'testers-per-target': {
    source: 'S5b',
    text: 'Testers belong to one target app and environment.',
  },
  'release-wins': { source: 'S6b', text: 'A release-specific value wins over the global one.' },
  'global-is-default': {
    source: 'S6',
    text: 'The global configuration is the default of all new versions.',
  },
  'variables-release-only': {
    source: 'S7d',
    text: 'Environment variables exist in release-specific configuration only.',
  },
  'variables-dsl-only': { source: 'S7d', text: 'Environment variables are for DSL programs.' },
  'variables-limit': { source: 'S7d', text: 'At most five environment variables per environment.' },
  'variables-enabled': {
    source: 'S7d',
    text: 'Environment variables exist only where the super app has enabled them.',
  },
  'variables-feature': {
    source: 'S7d',
    text: 'The program needs the feature that unlocks reading environment variables.',
  },
  'domains-granted': {
    source: 'S33',
    text: 'Server domains and WAP URLs are editable only after a tenant admin has granted it to the program.',
  },

  'qr-with-release': { source: 'S1', text: 'A release is created with a test QR code.' },
  'qr-on-configuration': {
    source: 'S1',
    text: 'The test QR code changes with every change of the release’s configuration.',
  },
  'qr-on-global-configuration': {
    source: 'S1',
    text: 'The test QR code changes when a change of the global configuration changes the release’s effective one.',
  },
  'qr-on-information': {
    source: 'S1',
    text: 'The test QR code changes when the program’s information changes.',
  },

  'role-view': { source: 'S13', text: 'Members see the program; nobody else does.' },
  'role-developer-views': { source: 'S13', text: 'A program Developer may view.' },
  'role-developer-uploads': { source: 'S13', text: 'A program Developer may upload versions.' },
  'role-create-program': {
    source: 'S13',
    text: 'Only a workspace admin creates a mini program and becomes its first Admin.',
  },
  'role-select-target': {
    source: 'S1',
    text: 'Selecting a target needs workspace admin or program Admin.',
  },
  'role-release-configuration': {
    source: 'S7c',
    text: 'Editing release-specific configuration needs workspace admin or program Admin.',
  },
  'role-global-configuration': {
    source: 'S6',
    text: 'Editing the global configuration needs workspace admin or program Admin.',
  },
  'role-apply': { source: 'S4', text: 'Applying needs workspace admin or program Admin.' },
  'role-pilot': { source: 'S5b', text: 'Pilot testing needs workspace admin or program Admin.' },
  'role-go-live': { source: 'S5', text: 'Going live needs workspace admin or program Admin.' },
  'role-offline': {
    source: 'S13',
    text: 'Taking offline needs workspace admin or program Admin.',
  },
  'role-information': { source: 'S13', text: 'Editing information needs an Admin.' },

  'apply-development-test': {
    source: 'S8',
    text: 'Development and Test need no approval: the release goes through automatically.',
  },
  'apply-sandbox-review': {
    source: 'S5',
    text: 'Sandbox needs approval where the super app’s setting says so.',
  },
  'apply-production-review': { source: 'S4', text: 'Production always needs approval.' },
  'apply-once': { source: 'S4', text: 'Applying requires New Version Created.' },
  'withdraw-under-review': { source: 'S2', text: 'A request under review can be withdrawn.' },
  'reject-under-review': { source: 'S16', text: 'A request under review can be rejected.' },
  'approved-with-pilot': {
    source: 'S2',
    text: 'Approved, where the target app has pilot testing: Pilot Testing.',
  },
  'approved-without-pilot': {
    source: 'S2',
    text: 'Approved in Production without pilot testing: Release Preparation.',
  },
  'pilot-cancel': { source: 'S5b', text: 'Cancelling pilot testing cancels the release.' },
  'pilot-complete': {
    source: 'S2',
    text: 'Completing pilot testing in Production leads to Grayscale Release.',
  },
  'preparation-grayscale': {
    source: 'S2',
    text: 'From Release Preparation to Grayscale Release with a percentage.',
  },
  'preparation-full': { source: 'S5', text: 'From Release Preparation to Full Release.' },
  'preparation-cancel': { source: 'S2', text: 'Release Preparation can be cancelled.' },
  'grayscale-up': { source: 'S2', text: 'The percentage of a grayscale release can be raised.' },
  'grayscale-complete': { source: 'S2', text: 'A grayscale release is completed to Full Release.' },
  'grayscale-cancel': { source: 'S2', text: 'A grayscale release can be cancelled.' },
  'go-live-late': {
    source: 'S5',
    text: 'Going live requires Release Preparation or Grayscale Release.',
  },
  'no-early-cancel': {
    source: 'S2',
    text: 'Neither New Version Created nor Under Review can be cancelled.',
  },
  'full-is-not-cancelled': { source: 'S2', text: 'In Full Release there is nothing to cancel.' },
  'canceled-is-final': { source: 'S2', text: 'Canceled is final.' },
  'archived-is-final': { source: 'S2', text: 'Archived is final.' },
  'full-archives-previous': {
    source: 'S2',
    text: 'A new Full Release archives the one before it on the same target.',
  },

  'offline-needs-full': {
    source: 'S8',
    text: 'Only a target with a Full Release can be taken offline.',
  },
  'offline-none-under-way': {
    source: 'S8',
    text: 'Nothing may be taken offline while another version is Under Review, in Pilot Testing or in Grayscale Release on the target.',
  },
  'offline-reason': { source: 'S8', text: 'Taking offline needs a reason.' },
  'offline-production-approval': {
    source: 'S8',
    text: 'Taking offline in Production always needs approval.',
  },
  'offline-sandbox-approval': {
    source: 'S8',
    text: 'Taking offline in Sandbox needs approval where the super app’s setting says so.',
  },
  'offline-development-test': {
    source: 'S8',
    text: 'Taking offline in Development and Test needs no approval.',
  },
  'approval-requests': {
    source: 'S16',
    text: 'Requests are listed with who asked, when, and how they ended.',
  },
} as const satisfies Record<string, Rule>;

export type RuleId = keyof typeof rules;

export const ruleIds = Object.keys(rules) as readonly RuleId[];
