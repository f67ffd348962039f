import type { CommandSpec } from '../command.ts';
import { optionalPaths, output, stateDir } from './spec-parts.ts';

/** Commands that start from a platform. */
export const platformCommands: readonly CommandSpec[] = [
  {
    name: 'run',
    summary: 'keep the platform equal to what Git or a cluster declares',
    description:
      'Follows the Git sources of the settings file, plans every program they declare, and writes what policy and gates allow: at once when a commit changes something, and by sweeps when somebody changes the platform. Runs until it is told to stop (SIGTERM, SIGINT): it then finishes the call under way and starts none. Reads the settings anew when they or a file they name change. With --once it makes one pass and ends.\n\nWith --kubernetes it follows custom resources in place of a settings file: connections, repositories and declarations are objects of the cluster, and their status says what became of them. Several processes share the work by Leases.\n\nOne controller per state directory. From another terminal, with the same --state: status, history, approve, suspend, resume.',
    args: [],
    options: [
      {
        flags: '--config <FILE>',
        description:
          'settings: PlatformConnections, GitSources, Settings; else the file of --connections or FAIRLEAD_CONNECTIONS, or fairlead/connections.yaml in the configuration folder of the user',
      },
      { flags: '--once', description: 'one pass over everything' },
      { flags: '--kubernetes', description: 'follow the custom resources of a cluster' },
      {
        flags: '--kubeconfig <FILE>',
        description:
          'with --kubernetes: how to reach the cluster; else KUBECONFIG, else the service account of the pod',
      },
      {
        flags: '--namespace <NAME>',
        description:
          'with --kubernetes: this namespace and no other; no right of the cluster is needed, and connections come from the file of --connections',
        many: true,
      },
      {
        flags: '--shards <N>',
        description:
          'with --kubernetes: share all programs among N Leases; as many as are free are taken',
      },
      {
        flags: '--shard <I/N>',
        description: 'with --kubernetes: stand for one of N shards, counted from 0, and no other',
      },
      {
        flags: '--leases <NAME>',
        description:
          'with --kubernetes: begins the names of Leases, which tells installations in one namespace apart; else fairlead, and with --namespace one of its own for these namespaces',
      },
      {
        flags: '--listen <HOST:PORT>',
        description: 'serve /healthz, /readyz, /metrics and webhooks there; port 0: a free one',
      },
      {
        flags: '--allow <CHANGEID>',
        description: 'with --once: let a held change pass, in this run',
        many: true,
      },
      output('text', 'json'),
      {
        flags: '--state <DIR>',
        description:
          'what outlives a restart (with --kubernetes: history and Git mirrors alone, and nothing if it is not given): history, orders, status, Git mirrors and bases, readable by their owner alone; one controller each; else fairlead in the state folder of the user',
      },
    ],
    examples: [
      {
        command:
          'fairlead run --config fairlead.yaml --state /var/lib/fairlead --listen 127.0.0.1:8080',
        does: 'keep the platform as Git says, until it is stopped',
      },
      {
        command: 'fairlead run --kubernetes --listen 0.0.0.0:8080',
        does: 'keep the platform as the objects of a cluster say',
      },
      {
        command: 'fairlead run --config fairlead.yaml --once',
        does: 'one pass, as a cron job would',
      },
    ],
    exits: {
      3: 'something is held: a gate, an approval, or something it waits for; not drift that is only reported',
      4: 'something is blocked',
      5: 'a declaration is invalid (the others were reconciled)',
    },
    load: () => import('./run.ts'),
  },
  {
    name: 'get',
    summary: 'list what the platform holds',
    description:
      'Lists programs, versions, targets or releases of a workspace or of one mini program.',
    args: [
      { syntax: '<programs|versions|targets|releases>', description: 'what to list' },
      {
        syntax: '[WORKSPACE[/MINIPROGRAM]]',
        description: 'where; all workspaces of the credential if omitted',
      },
    ],
    options: [
      output('text', 'json', 'yaml'),
      { flags: '--qr', description: 'draw the test QR codes' },
    ],
    examples: [
      {
        command: 'fairlead get releases acme/3500020208396321',
        does: 'the releases of one program',
      },
      { command: 'fairlead get programs acme -o json', does: 'for a script' },
    ],
    exits: {},
    load: () => import('./get.ts'),
  },
  {
    name: 'import',
    summary: 'write declarations from what the platform holds',
    description:
      'Writes files that plan to nothing but adopting what is there. Variables become comments with their names, never values.',
    args: [{ syntax: '<WORKSPACE/MINIPROGRAM>', description: 'the program' }],
    options: [
      { flags: '--out <DIR>', description: 'where to write; existing files are never overwritten' },
      {
        flags: '--literals <NAMES>',
        description: 'variables, comma-separated, whose values are public and may be written',
      },
      { flags: '--all', description: 'archived releases too' },
    ],
    examples: [
      {
        command: 'fairlead import acme/3500020208396321 --out releases/',
        does: 'start from what is there',
      },
    ],
    exits: {},
    load: () => import('./import.ts'),
  },
  {
    name: 'snapshot',
    summary: 'write down what a plan must know of the platform, without any secret',
    description:
      'Writes a YAML file made for Git. `plan --snapshot` plans against it where no credential may be. With PATH only the declared programs are written; a variable stands in clear only if PATH declares the same literal.',
    args: [optionalPaths],
    options: [
      { flags: '--out <FILE>', description: 'where to write; standard output if omitted' },
      {
        flags: '--sign <KEYFILE>',
        description:
          'sign it with this Ed25519 key (PEM), for reviews that hold no credential: time and commit are signed, too',
      },
    ],
    examples: [
      {
        command: 'fairlead snapshot releases/ --out platform.snapshot.yaml',
        does: 'for offline plans',
      },
      {
        command: 'fairlead snapshot releases/ --sign snapshot-signing-key.pem --out platform.yaml',
        does: 'for reviews of forks',
      },
    ],
    exits: { 5: 'a declaration is invalid' },
    load: () => import('./snapshot.ts'),
  },
  {
    name: 'doctor',
    summary: 'check Node, Git, clock, key, signature, role and reach, and say what to do',
    description:
      'Checks everything a plan needs, one line each, and what to do about each finding. Changes nothing.',
    args: [],
    options: [output('text', 'json'), stateDir],
    examples: [{ command: 'fairlead doctor', does: 'before asking a colleague' }],
    exits: {},
    load: () => import('./doctor.ts'),
  },
  {
    name: 'emulator',
    summary: 'run a local Mini Program Platform',
    description:
      'Serves the contract of docs/platform-api.md on a loopback socket, with every documented rule of the real platform, a console for what people do by hand, and fault injection. With --data it keeps its state on disk.',
    args: [],
    options: [
      {
        flags: '--listen <HOST:PORT>',
        description: 'where to listen; loopback only',
        default: '127.0.0.1:0',
      },
      { flags: '--data <DIR>', description: 'keep state here; survives a crash at any moment' },
      { flags: '--world <FILE>', description: 'programs, apps and releases to start with' },
      {
        flags: '--connection-out <FILE>',
        description: 'write a ready PlatformConnection (named default) and its key',
      },
      {
        flags: '--connection-kind <KIND>',
        description: 'form of that connection',
        choices: ['file', 'kubernetes'],
        default: 'file',
      },
    ],
    examples: [
      {
        command:
          'fairlead emulator --world world.yaml --data .emulator --connection-out connections.yaml',
        does: 'a platform to play with',
      },
    ],
    exits: {},
    load: () => import('./emulator.ts'),
  },
];
