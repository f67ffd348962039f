import type { CallerWorkspace, Capabilities, PlatformInfo } from '../../core/model/observed.ts';
import type { Finding, inArea } from './finding.ts';

type Find = ReturnType<typeof inArea>;

/** What a credential may do, workspace by workspace; too little and too much are both told. */
export function checkRights(caller: PlatformInfo['caller'], find: Find): readonly Finding[] {
  if (caller.workspaces.length === 0) {
    return [
      find(
        'role',
        'fail',
        `client ${caller.client} has no right in any workspace`,
        'make it Admin of the mini programs it declares',
      ),
    ];
  }
  return caller.workspaces.map((workspace) => workspaceFinding(caller.client, workspace, find));
}

const programRight = /^miniPrograms\/([^:]+):(\w+)$/;

function workspaceFinding(client: string, { id, rights }: CallerWorkspace, find: Find): Finding {
  if (rights.includes('workspaceAdmin')) {
    return find(
      'role',
      'warn',
      `client ${client} is admin of the whole workspace ${id}: that is more than is needed, as it may also manage members and approve`,
      'Admin of the mini programs it declares would be enough',
    );
  }
  const roles = rights.flatMap((right) => {
    const [, program = '', role = ''] = programRight.exec(right) ?? [];
    return program === '' ? [] : [{ program, role }];
  });
  const weak = roles.filter(({ role }) => role !== 'admin').map(({ program }) => program);
  if (weak.length > 0) {
    return find(
      'role',
      'warn',
      `client ${client} is only Developer of ${weak.join(', ')} in ${id}: it may upload there, but neither select targets nor configure`,
      `make it Admin of ${weak.join(', ')}`,
    );
  }
  const what =
    roles.length > 0
      ? `Admin of ${roles.map(({ program }) => program).join(', ')}`
      : rights.join(', ');
  return find('role', 'ok', `client ${client} in workspace ${id}: ${what}`);
}

/** What each lack costs; none costs safety. */
const costs = {
  conditionalWrites:
    'every write costs two more reads, and who writes in the same moment is noticed only afterwards',
  requestIds: 'an answer that got lost is settled by reading the record again',
  marks:
    'what was last written is known to this state directory alone: elsewhere drift and adoption look the same',
  increments: 'every sweep reads whole lists',
  frozen: 'the configuration of releases that were applied for is unknown',
} as const satisfies Partial<Record<keyof Capabilities, string>>;

export function checkCapabilities(capabilities: Capabilities, find: Find): readonly Finding[] {
  const adapter = 'nothing to do; docs/platform-api.md says how an adapter may add it';
  const lacking = Object.entries(costs).flatMap(([name, cost]) =>
    isThere(capabilities, name) ? [] : [find('capability', 'warn', `no ${name}: ${cost}`, adapter)],
  );
  const hidden =
    capabilities.variables === 'hidden'
      ? [
          find(
            'capability',
            'warn',
            'values of environment variables are hidden: their drift cannot be seen',
            adapter,
          ),
        ]
      : [];
  const all = [...lacking, ...hidden];
  return all.length > 0
    ? all
    : [find('capability', 'ok', 'the platform can do all of the contract')];
}

function isThere(capabilities: Capabilities, name: string): boolean {
  return Object.entries(capabilities).some(([key, value]) => key === name && value !== false);
}
