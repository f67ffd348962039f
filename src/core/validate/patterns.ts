/** What a value must look like, in words, by the pattern of the schema. A test keeps it complete. */
export const patternWords: Readonly<Record<string, string>> = {
  '^[a-z0-9][a-z0-9._-]{0,63}$': 'small letters, digits and . _ -',
  '^[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*$':
    'lower-case letters, digits, dashes and dots, beginning and ending with a letter or digit',
  '^[0-9A-Za-z][0-9A-Za-z._-]*$':
    'letters, digits, dots, dashes and underscores, beginning with a letter or digit',
  '^[0-9A-Za-z]{1,32}$': '1 to 32 letters and digits',
  '^[0-9A-Za-z][0-9A-Za-z.+_-]*$':
    'letters, digits, dots, plus signs, dashes and underscores, beginning with a letter or digit',
  '^[0-9A-Za-z._-]+$': 'letters, digits, dots, dashes and underscores',
  '^[A-Za-z_][0-9A-Za-z_.-]*$':
    'letters, digits, underscores, dots and dashes, beginning with a letter or underscore',
  '^(clientId|merchantId|serverDomains|wapUrls|testers|environmentVariables/[A-Za-z_][0-9A-Za-z_.-]*)$':
    'a field (clientId, merchantId, serverDomains, wapUrls, testers) or environmentVariables/NAME',
  '^\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}(:\\d{2}(\\.\\d+)?)?(Z|[+-]\\d{2}:\\d{2})$':
    'a moment with its offset, such as "2026-12-24T18:00:00Z"',
  '^\\d{4}-\\d{2}-\\d{2}$': 'a day such as "2026-12-31"',
  '^[A-Za-z0-9._~/-]+$': 'a path of letters, digits and . _ ~ / -',
  '^https?://': 'a URL that begins with https:// or http://',
  '^/([A-Za-z0-9._~-]+/)*$': 'a path that begins and ends with a slash, such as /api/',
  '^([0-9a-f]{40}|[0-9a-f]{64})$': 'a whole commit id: 40 or 64 hexadecimal digits',
  '^(\\[[0-9a-fA-F:]+\\]|[A-Za-z0-9.-]+):[0-9]{1,5}$': 'HOST:PORT, such as 127.0.0.1:8080',
};
