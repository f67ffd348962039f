import { error, note, warning, type Rules } from './rule.ts';

/** What is probably not meant, though the platform may accept it: undocumented there, so a repository may judge otherwise. */
export const adviceRules = {
  'domain-ip': warning(
    'Address instead of a host name',
    'Super apps commonly refuse addresses, and certificates rarely name them. Use a host name.',
  ),
  'domain-private': warning(
    'Private address',
    "A private address cannot be reached from users' phones, and tells how the network is laid out.",
  ),
  'domain-metadata': warning(
    'Metadata address',
    'A metadata address hands out credentials of the machine that asks. It is never a server of a mini program.',
  ),
  'domain-localhost': warning('localhost', 'localhost is the phone itself.'),
  'domain-insecure': warning(
    'Not encrypted',
    'Super apps commonly refuse http: and ws:, and anybody on the way can read and change what is sent.',
  ),
  'domain-path': warning(
    'Path in a server domain',
    'Server domains are hosts; what stands behind the host is ignored or makes the entry match nothing.',
  ),
  'domain-port': warning(
    'Port in a domain',
    'Some super apps match the port exactly, others drop it.',
  ),
  'domain-wildcard': warning(
    'Wildcard',
    'A wildcard lets the program call hosts that nobody has looked at, and is not documented everywhere.',
  ),
  'domain-form': warning(
    'Not a host or URL',
    'The entry is neither a host nor a URL, so it will match nothing.',
  ),
  'too-many-domains': warning(
    'More than 30 domains',
    'Platforms of this family commonly allow 30 entries.',
  ),
  'too-many-testers': warning(
    'More than 100 testers',
    'The documented limit is 100 tester accounts.',
  ),
  'sandbox-host-in-production': warning(
    'Test host in Production',
    'The host looks like one for testing. In Production, users would depend on it.',
  ),
  'merchant-in-both': warning(
    'One merchant id in Sandbox and Production',
    'Payments made in tests would be paid to, and counted for, the real merchant.',
  ),
  'equal-to-global': warning(
    'Override equal to the global value',
    'The value is what the release inherits anyway. Written here it stays behind when the global value changes.',
  ),
  'secret-literal': warning(
    'Literal that looks like a secret',
    'A literal value is public: it stands in Git, plans and reviews. Use valueFrom.secretKeyRef, and replace the secret: it was written down.',
  ),
  'surrounding-space': warning(
    'Space around a value',
    'Values are compared exactly; a space at the beginning or end is hardly ever meant.',
  ),
  'settled-only': warning(
    'Changed line without effect',
    'The line reaches only releases that can no longer be changed. It takes effect with the next version.',
  ),
  'waiver-expired': warning(
    'Waiver expired',
    'A waiver counts until its last day. Correct what it covers, or decide again and write a new day.',
  ),
  'waiver-unused': note(
    'Waiver without finding',
    'Nothing is left for the waiver to cover. Remove it, so that it covers nothing new by chance.',
  ),
  'unknown-rule': error('Unknown rule', 'Severities and waivers name rules of this reference.'),
  'error-not-waivable': error(
    'Errors cannot be waived',
    'Errors stay errors; only warnings and notes may be made milder or waived.',
  ),
  'waiver-day': error('No such day', 'expires is a day of the calendar.'),
} as const satisfies Rules;
