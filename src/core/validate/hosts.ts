import ipaddr from 'ipaddr.js';

/** What is known of a host by its name alone; nothing is looked up. */
export type HostKind =
  | 'loopback'
  | 'link-local'
  | 'metadata'
  | 'private'
  | 'unspecified'
  /** An IPv4 address behind a translator: it may be any of the others. */
  | 'translated'
  | 'public-address'
  | 'name';

/** Addresses and names under which clouds hand credentials to whoever asks from inside. */
const metadataHosts = new Set([
  '169.254.169.254',
  '169.254.170.2',
  '100.100.100.200',
  '192.0.0.192',
  '168.63.129.16',
  'fd00:ec2::254',
  'fd20:ce::254',
  'metadata',
  'metadata.google.internal',
  'instance-data',
  'instance-data.ec2.internal',
]);

const kinds: Readonly<Record<string, HostKind>> = {
  loopback: 'loopback',
  linkLocal: 'link-local',
  private: 'private',
  uniqueLocal: 'private',
  carrierGradeNat: 'private',
  unspecified: 'unspecified',
  rfc6052: 'translated',
  rfc6145: 'translated',
  '6to4': 'translated',
  teredo: 'translated',
};

/**
 * Judges a host as a URL holds it, in brackets or not, with or without a final dot; IPv4 inside IPv6 is seen through.
 */
export function hostKind(host: string): HostKind {
  const bare = host
    .toLowerCase()
    .replace(/^\[(.*)\]$/, '$1')
    .replace(/\.$/, '');
  if (metadataHosts.has(bare)) return 'metadata';
  if (bare === 'localhost' || bare.endsWith('.localhost')) return 'loopback';
  if (!ipaddr.isValid(bare)) return 'name';
  const address = ipaddr.process(bare);
  if (metadataHosts.has(address.toString())) return 'metadata';
  return kinds[address.range()] ?? 'public-address';
}

const inside: ReadonlySet<HostKind> = new Set([
  'link-local',
  'metadata',
  'unspecified',
  'translated',
]);

/** Hosts of the machine's surroundings, from which credentials could be stolen; no server that anybody means. */
export function isNeverAServer(kind: HostKind): boolean {
  return inside.has(kind);
}
