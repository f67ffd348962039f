import type { DesiredProgram } from '../../core/model/desired.ts';
import { type Given, textOption, type Run } from '../command.ts';
import { declareForCommand, refuseInvalid } from '../composition/command-declarations.ts';
import { chosenConnections, openConnections } from '../composition/connections.ts';
import { writeWhole } from '../composition/plan-out.ts';
import { snapshotOf } from '../composition/snapshot.ts';
import { exitCodes } from '../exit.ts';
import { keepHeapSmall } from '../heap.ts';
import { printText } from '../output.ts';
import type { Session } from '../session.ts';
import { loadAdministration, type Administration, type NamedConnection } from '../settings.ts';

/** `fairlead snapshot [PATH...]` */
export const run: Run = async (session, given) => {
  keepHeapSmall();
  // First: who cannot sign need not ask the platform.
  const sign = await signer(session, given);
  const administration = await loadAdministration(session);
  const programs = given.args.length === 0 ? undefined : await declare(session, given.args);
  const connections = wantedConnections(session, administration, programs);
  const { platforms, telemetry, close } = await openConnections(
    session,
    administration,
    connections,
  );
  const texts: string[] = [];
  try {
    for (const opened of platforms) {
      const own = programs?.filter(({ connection }) => connection === opened.connection.name);
      texts.push(await snapshotOf(opened, own, { telemetry, signal: session.signal }));
    }
  } finally {
    await close();
  }
  const text = sign(texts.join('---\n'));
  const out = textOption(given, 'out');
  if (out === undefined) {
    printText(session, text);
    return exitCodes.done;
  }
  await writeWhole(out, text);
  session.stderr.write(
    `fairlead: wrote ${out}; plan against it with: fairlead plan PATH --snapshot ${out}\n`,
  );
  return exitCodes.done;
};

async function signer(session: Session, given: Given): Promise<(text: string) => string> {
  const file = textOption(given, 'sign');
  if (file === undefined) return (text) => text;
  const { signerOf } = await import('../composition/snapshot-sign.ts');
  return signerOf(session, file);
}

async function declare(
  session: Session,
  paths: readonly string[],
): Promise<readonly DesiredProgram[]> {
  const declared = await declareForCommand(session, { paths, actAs: undefined });
  refuseInvalid(declared);
  return declared.programs;
}

/** With declarations, only the connections they go through. */
function wantedConnections(
  session: Session,
  administration: Administration,
  programs: readonly DesiredProgram[] | undefined,
): readonly NamedConnection[] {
  const chosen = chosenConnections(session, administration);
  if (!programs) return chosen;
  return chosen.filter(({ name }) => programs.some(({ connection }) => connection === name));
}
