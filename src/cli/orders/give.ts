import { access } from 'node:fs/promises';
import { join, resolve } from 'node:path';
import type { ControllerStatus } from '../../core/model/controller.ts';
import { standing, type Order, type Standing } from '../../core/model/orders.ts';
import { visible } from '../../core/render/visible.ts';
import { isoTime } from '../../core/words/time.ts';
import { flag, textOption, type Given } from '../command.ts';
import { giveOrder, ordersIn, type GivenOrder } from '../composition/orders.ts';
import { readStatus } from '../composition/status-file.ts';
import { CliError } from '../exit.ts';
import { formatVersion, printJson, printText } from '../output.ts';
import type { Session } from '../session.ts';
import { systemClock } from '../system.ts';
import { waitForEffect, type Effect } from './effect.ts';
import { userOf } from './user.ts';

/** The state directory a command speaks to. */
export function stateDirOf(session: Session, given: Given): string {
  return resolve(textOption(given, 'state') ?? session.environment.defaultStateDir);
}

/**
 * What the controller last said, for commands that also work without it.
 *
 * @returns undefined where a controller was started there and has said nothing yet
 * @throws CliError  as `readStatus`; a directory that no controller was ever started with is not written to
 */
export async function statusIfAny(stateDir: string): Promise<ControllerStatus | undefined> {
  try {
    return await readStatus(stateDir);
  } catch (error) {
    const isMissing = error instanceof CliError && error.code === 'StatusNotFound';
    if (isMissing && (await exists(join(stateDir, 'controller.lock')))) return undefined;
    throw error;
  }
}

/** What stands of everything people told the controller so far. */
export async function standingIn(session: Session, stateDir: string): Promise<Standing> {
  const orders = ordersIn(stateDir, {
    clock: systemClock,
    telemetry: {
      emit: (event) => {
        if (event.kind !== 'ignored') return;
        session.stderr.write(`fairlead: warning: ${visible(`${event.what}: ${event.why}`)}\n`);
      },
    },
    user: userOf(session),
  });
  return standing(await orders.read(), systemClock.wall());
}

/** Orders to give, and how they and their effect read. */
export interface Wish {
  readonly stateDir: string;
  readonly orders: readonly GivenOrder[];
  /** What is told once they are given, one line each; also where there was nothing to give. */
  readonly lines: readonly string[];
  /** More of it for programs. */
  readonly details?: Readonly<Record<string, unknown>>;
  readonly isSeen: (status: ControllerStatus) => boolean;
  /** How the controller shows it. */
  readonly seenLines: (status: ControllerStatus) => readonly string[];
}

/**
 * Gives the orders, waits for their effect where somebody wants to see it, and tells.
 *
 * @throws CliError `OrderNotGiven`
 */
export async function giveAndTell(session: Session, given: Given, wish: Wish): Promise<void> {
  const { stateDir, lines } = wish;
  const isJson = textOption(given, 'output') === 'json';
  const orders: Order[] = [];
  const since = systemClock.wall();
  for (const order of wish.orders) orders.push(await giveOrder(stateDir, order));
  if (!isJson) tellLines(session, lines);
  const isWaiting = orders.length > 0 && flag(given, 'wait');
  const effect = isWaiting
    ? await waitForEffect({ stateDir, since, isSeen: wish.isSeen }, systemClock, session.signal)
    : undefined;
  if (isJson) printJson(session, document(wish, orders, effect));
  else if (effect) tellLines(session, effectLines(wish, effect));
}

function tellLines(session: Session, lines: readonly string[]): void {
  if (lines.length > 0) printText(session, lines.map(visible).join('\n'));
}

function effectLines({ stateDir, seenLines }: Wish, effect: Effect): readonly string[] {
  switch (effect.kind) {
    case 'seen':
      return seenLines(effect.status);
    case 'pending':
      return ['the controller has not shown it yet: see fairlead status'];
    case 'stopped':
      return [`no controller runs on ${stateDir}: it counts from its next start`];
  }
}

function document({ lines, details }: Wish, orders: readonly Order[], effect: Effect | undefined) {
  return {
    formatVersion,
    kind: 'OrderResult',
    orders: orders.map(orderDocument),
    ...details,
    messages: lines,
    effect: effect?.kind ?? null,
  };
}

/** Times as every document has them. */
function orderDocument(order: Order): object {
  const { id, kind, at, by, ...rest } = order;
  const until =
    'until' in order && order.until !== undefined ? { until: isoTime(order.until) } : {};
  return { id, kind, at: isoTime(at), by, ...rest, ...until };
}

async function exists(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}
