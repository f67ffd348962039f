import { error, type Rules } from './rule.ts';

/** Mistakes inside one document. */
export const documentRules = {
  'not-a-document': error(
    'Not a document',
    'A document is a mapping with apiVersion, kind, metadata and spec.',
  ),
  'unknown-api-version': error(
    'Unknown apiVersion',
    'Declarations are of fairlead.dev/v1alpha1. Other objects do not belong into the folders that Fairlead reads.',
  ),
  'unknown-kind': error(
    'Unknown kind',
    'Teams write MiniProgram, ConfigProfile and MiniProgramRelease; administrators PlatformConnection, GitSource and Settings.',
  ),
  'settings-in-path': error(
    "Administrator's settings among declarations",
    'Who may reach which platform, and with which key, is never taken from what a team can change. Give settings with --connections or --config.',
  ),
  'declaration-in-settings': error(
    'Declaration among settings',
    'The file of connections holds settings only. Name declarations as PATH.',
  ),
  unreadable: error(
    'Unreadable part',
    'Something in the document could not be read; the other problems say what.',
  ),
  'unknown-field': error(
    'Unknown field',
    'A misspelt field would silently do nothing, so every unknown one is an error.',
  ),
  'missing-field': error('Missing field', 'The field is required.'),
  'wrong-type': error(
    'Wrong type of value',
    'Text, a list, a mapping or a number was expected, and something else is written.',
  ),
  'unquoted-text': error(
    'Text without quotes',
    'Unquoted digits are a number: 1.10 becomes 1.1, and a long id may lose its last digits. Quote them.',
  ),
  'wrong-format': error(
    'Form not allowed',
    'The value has characters or a shape that the field does not allow.',
  ),
  'unknown-value': error('Unknown value', 'The field takes one of a few words, spelt exactly.'),
  'null-value': error(
    'No value',
    'An empty value is not "inherit" and not "clear": leave the line out to inherit, name the field in unset to drop what lower layers give.',
  ),
  'empty-value': error(
    'Empty value',
    'Empty and blank text is never meant: leave the line out instead.',
  ),
  'empty-list': error(
    'Empty list',
    'An empty list does not clear a field: leave the line out to inherit, or name the field in unset.',
  ),
  'too-long': error('Too long', 'The text is longer than the field may be.'),
  'too-many': error('Too many entries', 'The list is longer than it may be.'),
  'out-of-range': error('Out of range', 'The number is smaller or larger than the field may be.'),
  'duplicate-entry': error('Entry written twice', 'Lists are sets: an entry stands once.'),
  'global-variables': error(
    'Variables in globalConfig',
    'The platform has environment variables per release only. Put them in config, a target or a ConfigProfile.',
  ),
  'variable-value': error(
    'Variable without one value',
    'A variable has either a public literal (value) or a secret by reference (valueFrom), not both and not none.',
  ),
  'duplicate-variable': error('Variable written twice', 'A variable stands once in a layer.'),
  'field-twice': error(
    'Field said twice in one layer',
    'In one layer a field is given a value, extended or unset; two of these contradict each other.',
  ),
  'duplicate-target': error(
    'Target written twice',
    'A list of targets names each app and environment once.',
  ),
  'release-without-target': error(
    'Release without target',
    'A release that goes nowhere is a mistake: select standing targets with environments, or list targets.',
  ),
  'program-home': error(
    'Program without one home',
    'A program lives in one workspace (workspace and id), or in several consoles (instances).',
  ),
  'app-in-two-instances': error(
    'App in two instances',
    'Every app belongs to exactly one console; else a release would go to one of two programs.',
  ),
  'suspend-until': error('No such moment', 'until is a moment of the calendar, with its offset.'),
  'exactly-one': error(
    'Not exactly one source',
    'A value is kept in one place. Name one of the ways, not several and not none.',
  ),
  'driver-needs': error(
    'Driver lacks settings',
    'The http driver needs endpoint, clientId, privateKey and platformPublicKey; the emulator needs dataDir.',
  ),
  'endpoint-form': error(
    'Endpoint is more than an origin',
    'An endpoint is scheme, host and port. The path goes into pathPrefix.',
  ),
  'endpoint-https': error(
    'Endpoint not encrypted',
    'Requests hold configuration and signatures. Only a platform on this machine may be spoken to in clear.',
  ),
  'endpoint-refused': error(
    'Endpoint inside the network',
    'Link-local and metadata addresses are never a platform; asking them could give away credentials.',
  ),
  'grant-for-nobody': error(
    'Grant for nobody',
    'A grant names namespaces, sources or the command line.',
  ),
  'duplicate-secret': error(
    'Secret mapped twice',
    'A name means one secret for each of its users.',
  ),
  'git-url': error(
    'Address Git is not asked for',
    'Sources are https or ssh addresses without credentials; file only where settings allow it.',
  ),
  'git-ref': error(
    'No name of a branch or tag',
    'A ref is a plain name; nothing that Git could take for an option.',
  ),
  'git-path': error(
    'Path outside the repository',
    'The folder lies below the root of the repository.',
  ),
  'signature-policy': error(
    'Signature policy that nothing satisfies',
    'It names who may sign; tags are verified where a tag is followed, and since is for commits.',
  ),
} as const satisfies Rules;
