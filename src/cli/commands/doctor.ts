import { textOption, type Run } from '../command.ts';
import { chosenConnections } from '../composition/connections.ts';
import { createTelemetry } from '../composition/telemetry.ts';
import { checkConnection } from '../doctor/connection.ts';
import { inArea, type Finding } from '../doctor/finding.ts';
import { checkMachine } from '../doctor/machine.ts';
import { doctorDocument, doctorText } from '../doctor/report.ts';
import { checkSources } from '../doctor/sources.ts';
import { checkSettings } from '../doctor/settings.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printJson, printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';
import type { Administration, NamedConnection } from '../settings.ts';

/** `fairlead doctor` */
export const run: Run = async (session, given) => {
  const stateDir = textOption(given, 'state') ?? session.environment.defaultStateDir;
  const { administration, findings } = await checkSettings(session);
  const all = [
    ...(await checkMachine(session, stateDir)),
    ...findings,
    ...(administration ? await checkConnections(session, administration) : []),
    ...(administration ? await checkSources(session, administration, stateDir) : []),
  ];
  if (textOption(given, 'output') === 'json') printJson(session, doctorDocument(all));
  else printText(session, doctorText(all, styleOf(session)));
  return all.some(({ state }) => state === 'fail') ? exitCodes.error : exitCodes.done;
};

async function checkConnections(
  session: Session,
  administration: Administration,
): Promise<readonly Finding[]> {
  const chosen = choose(session, administration);
  if ('message' in chosen) return [chosen];
  const { telemetry, done } = await createTelemetry(session);
  try {
    const findings: Finding[] = [];
    for (const connection of chosen) {
      findings.push(...(await checkConnection(session, administration, connection, telemetry)));
    }
    return findings;
  } finally {
    done();
  }
}

function choose(
  session: Session,
  administration: Administration,
): readonly NamedConnection[] | Finding {
  try {
    return chosenConnections(session, administration);
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return inArea('settings')('connection', 'fail', error.message, error.nextStep);
  }
}
