import type { PlatformInfo } from '../../core/model/observed.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import type { Telemetry, Transport, WireResponse } from '../../ports/index.ts';
import { clockWindowMs, parseMessageTime } from '../../protocol/message-time.ts';
import { surroundingsOf } from '../composition/connections.ts';
import { openPlatform } from '../composition/platform.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration, NamedConnection } from '../settings.ts';
import { systemClock } from '../system.ts';
import { inArea, type Finding, type State } from './finding.ts';
import { checkCapabilities, checkRights } from './platform-info.ts';

/** What one exchange showed beneath the driver. */
interface Seen {
  response?: WireResponse;
  /** Milliseconds. */
  tookMs?: number;
  /** Platform minus machine, milliseconds; halfway through the exchange. */
  skewMs?: number;
}

/** One signed question to a platform, judged from the outside in. */
export async function checkConnection(
  session: Session,
  administration: Administration,
  connection: NamedConnection,
  telemetry: Telemetry,
): Promise<readonly Finding[]> {
  const find = inArea(connection.name);
  const seen: Seen = {};
  const watch = (transport: Transport) => watched(transport, seen);
  try {
    const surroundings = { ...surroundingsOf(session, administration, telemetry), watch };
    const opened = await openPlatform(connection, surroundings);
    try {
      const keys = find('key', 'ok', 'the keys can be read');
      const asked = await ask(async () => opened.platform.platform(session.signal), find);
      return [
        keys,
        ...reachFindings(seen, opened.endpoint, find),
        ...clockFindings(seen, find),
        ...asked.findings,
        ...(asked.info ? infoFindings(asked.info, connection, find) : []),
      ];
    } finally {
      await opened.close();
    }
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return [find('key', 'fail', error.message, error.nextStep)];
  }
}

type Find = ReturnType<typeof inArea>;

function watched(transport: Transport, seen: Seen): Transport {
  return {
    send: async (request, signal) => {
      const started = systemClock.mono();
      const response = await transport.send(request, signal);
      const tookMs = systemClock.mono() - started;
      const time = platformTime(response);
      Object.assign(seen, {
        response,
        tookMs,
        ...(time === undefined ? {} : { skewMs: time - (systemClock.wall() - tookMs / 2) }),
      });
      return response;
    },
  };
}

/** `Response-Time`, else what the web server in front of it says. */
function platformTime({ headers }: WireResponse): number | undefined {
  const own = parseMessageTime(headers['response-time'] ?? '');
  if (own !== undefined) return own;
  const date = Date.parse(headers['date'] ?? '');
  return Number.isNaN(date) ? undefined : date;
}

function reachFindings({ response, tookMs = 0 }: Seen, endpoint: string, find: Find): Finding[] {
  if (!response) return [];
  const how = endpoint.startsWith('https:') ? 'over TLS, certificate trusted' : 'on this machine';
  return [find('reach', 'ok', `${endpoint} answers in ${String(Math.round(tookMs))} ms, ${how}`)];
}

/** A clock that is off by more than this will be off by more than the window one day. */
const warnSkewMs = 60_000;

function clockFindings({ skewMs }: Seen, find: Find): Finding[] {
  if (skewMs === undefined) return [];
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  const off = `this machine's clock is ${String(seconds)} s ${skewMs > 0 ? 'behind' : 'ahead of'} the platform's`;
  const limit = 'requests farther than five minutes from the platform are refused';
  if (Math.abs(skewMs) > clockWindowMs) {
    return [find('clock', 'fail', `${off}; ${limit}`, 'set the clock of this machine')];
  }
  if (Math.abs(skewMs) > warnSkewMs) {
    return [find('clock', 'warn', `${off}; ${limit}`, 'set the clock of this machine')];
  }
  return [find('clock', 'ok', `clocks agree within ${String(Math.max(1, seconds))} s`)];
}

async function ask(
  question: () => Promise<PlatformInfo>,
  find: Find,
): Promise<{ readonly info?: PlatformInfo; readonly findings: readonly Finding[] }> {
  try {
    const info = await question();
    return { info, findings: [] };
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    const { check, state } = checkOf(error);
    return { findings: [find(check, state, error.message, error.nextStep)] };
  }
}

/** Which check an answer failed, from the outside in. */
function checkOf({ code, resultCode }: ReconcileError): { check: string; state: State } {
  switch (code) {
    case 'PlatformUnavailable':
    case 'OutcomeUnknown':
    case 'SettingsInvalid':
      return { check: 'reach', state: 'fail' };
    case 'RateLimited':
      return { check: 'reach', state: 'warn' };
    case 'SignatureRefused':
      return { check: resultCode === 'TIMESTAMP_INVALID' ? 'clock' : 'signature', state: 'fail' };
    case 'ResponseUntrusted':
      return { check: 'answer', state: 'fail' };
    case 'PlatformMismatch':
      return { check: 'platform', state: 'fail' };
    case 'AccessDenied':
      return { check: 'role', state: 'fail' };
    default:
      return { check: 'contract', state: 'fail' };
  }
}

function infoFindings(
  info: PlatformInfo,
  { spec }: NamedConnection,
  find: Find,
): readonly Finding[] {
  return [
    find('signature', 'ok', `our signature is accepted, and the platform's is right`),
    platformFinding(info, spec.platformId, find),
    ...checkRights(info.caller, find),
    ...checkCapabilities(info.capabilities, find),
  ];
}

function platformFinding(info: PlatformInfo, expected: string, find: Find): Finding {
  if (info.id !== expected)
    return find(
      'platform',
      'fail',
      `the connection expects platform ${expected}, and ${info.id} answers`,
      'see endpoint and platformId of the connection; until then nothing is read or written',
    );
  const kind = info.emulator ? ' (an emulator: no real app is touched)' : '';
  return find('platform', 'ok', `it is platform ${info.id}${kind}`);
}
