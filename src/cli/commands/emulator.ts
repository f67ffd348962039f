import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { plural } from '../../core/render/sentence.ts';
import { painter } from '../../core/render/style.ts';
import { padded, wrapText } from '../../core/render/table.ts';
import { writeConnection } from '../../emulator/connection.ts';
import { keepHeapSmall } from '../../emulator/heap.ts';
import { readWorld } from '../../emulator/lock.ts';
import { startEmulator, type Emulator } from '../../emulator/server.ts';
import { consoleActions } from '../../emulator/world/console-messages.ts';
import { textOption, type Given, type Run } from '../command.ts';
import { explainEmulator } from '../composition/emulator.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';

/** `fairlead emulator`: serves until it is asked to stop, and that is its success. */
export const run: Run = async (session, given) => {
  const options = readOptions(given);
  keepHeapSmall();
  const kept = await isWorldKept(options.dataDir);
  const emulator = await explainEmulator(async () => start(options));
  try {
    const written = await explainEmulator(async () => connect(emulator, options));
    printText(session, banner(session, emulator, { ...options, kept, written }));
    await untilStopped(session.signal);
  } finally {
    await emulator.close();
  }
  session.stderr.write('fairlead: the emulator has stopped\n');
  return exitCodes.done;
};

interface Options {
  readonly listen: { readonly host: string; readonly port: number };
  readonly dataDir: string | undefined;
  readonly worldFile: string | undefined;
  readonly connectionOut: string | undefined;
  readonly connectionKind: 'file' | 'kubernetes';
}

function readOptions(given: Given): Options {
  return {
    listen: parseListen(textOption(given, 'listen') ?? '127.0.0.1:0'),
    dataDir: textOption(given, 'data'),
    worldFile: textOption(given, 'world'),
    connectionOut: textOption(given, 'connectionOut'),
    connectionKind: textOption(given, 'connectionKind') === 'kubernetes' ? 'kubernetes' : 'file',
  };
}

/** `HOST:PORT`, `[::1]:PORT`. That HOST is this machine is the emulator's own rule. */
export function parseListen(text: string): Options['listen'] {
  const [, bracketed, plain, digits = ''] =
    /^(?:\[([^\]]+)\]|([^:[\]]+)):(\d{1,5})$/.exec(text) ?? [];
  const host = bracketed ?? plain;
  const port = Number(digits);
  if (host === undefined || port > 65_535) {
    throw new CliError('Usage', `${text} is not HOST:PORT`, {
      nextStep: 'for example 127.0.0.1:8080; port 0 takes any free one',
    });
  }
  return { host, port };
}

async function start({ listen, dataDir, worldFile }: Options): Promise<Emulator> {
  const world = worldFile === undefined ? undefined : await readWorld(worldFile);
  return startEmulator({
    listen,
    ...(world ? { world } : {}),
    ...(dataDir === undefined ? {} : { dataDir }),
  });
}

async function connect(
  emulator: Emulator,
  { connectionOut, connectionKind }: Options,
): Promise<readonly string[]> {
  if (connectionOut === undefined) return [];
  return writeConnection(emulator, { path: connectionOut, kind: connectionKind });
}

/** A data directory that has a world keeps it, whatever file is named. */
async function isWorldKept(dataDir: string | undefined): Promise<boolean> {
  if (dataDir === undefined) return false;
  const found = await stat(join(dataDir, 'world.sqlite')).catch(() => undefined);
  return found !== undefined;
}

interface Shown extends Options {
  readonly kept: boolean;
  readonly written: readonly string[];
}

const nameWidth = 12;

function banner(session: Session, emulator: Emulator, shown: Shown): string {
  const style = styleOf(session);
  const paint = painter(style);
  const { url } = emulator;
  const row = (name: string, ...texts: readonly string[]): string[] =>
    texts.map(
      (text, index) => `  ${paint('dim', padded(index === 0 ? name : '', nameWidth))}${text}`,
    );
  const actions = wrapText(consoleActions.join(', '), Math.max(40, style.width - nameWidth - 4));
  return [
    `${paint('bold', 'A local Mini Program Platform')}: no real app is touched.`,
    '',
    ...row('listening', url),
    ...row('serves', served(emulator)),
    ...row('state', stateText(shown)),
    ...(shown.kept && shown.worldFile !== undefined
      ? row('', `it has a world already; ${shown.worldFile} was not used`)
      : []),
    ...(shown.written.length > 0 ? row('connection', ...shown.written) : []),
    ...row('console', `GET  ${url}/console/  calls, world, approvals, health`),
    ...row('', `POST ${url}/console/  faults, rate-limit, reset-calls, and what people do:`),
    ...actions.flatMap((line) => row('', line)),
    '',
    nextStep(shown),
  ].join('\n');
}

function served({ host }: Emulator): string {
  const { platformId, workspaces, programs, apps, releases } = host.world();
  const counts = [
    plural(workspaces.size, 'workspace'),
    plural(programs.size, 'mini program'),
    plural(apps.size, 'app'),
    plural(releases.size, 'release'),
  ];
  return `platform ${platformId}: ${counts.join(', ')}`;
}

function stateText({ dataDir }: Shown): string {
  return dataDir === undefined
    ? 'in memory: forgotten when it stops (--data DIR keeps it)'
    : `${dataDir}: survives a crash at any moment`;
}

function nextStep({ connectionOut, connectionKind }: Shown): string {
  if (connectionOut === undefined) {
    return 'Ctrl-C stops it. --connection-out FILE writes a connection to it.';
  }
  const next =
    connectionKind === 'kubernetes'
      ? `kubectl apply -f ${connectionOut}`
      : `fairlead doctor --connections ${connectionOut}`;
  return `Ctrl-C stops it. Next, in another terminal: ${next}`;
}

async function untilStopped(signal: AbortSignal): Promise<void> {
  if (signal.aborted) return;
  await new Promise<void>((resolve) => {
    signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
