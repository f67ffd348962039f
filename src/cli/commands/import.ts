import { importProgram, type Imported } from '../../core/import/import.ts';
import type { ObservedMiniProgram } from '../../core/model/observed.ts';
import { importText } from '../../core/render/import-text.ts';
import { flag, textOption, type Given, type Run } from '../command.ts';
import { chosenConnections, openConnections } from '../composition/connections.ts';
import {
  parseScope,
  readPrograms,
  readReleases,
  wantedOf,
  type Reading,
} from '../composition/holdings.ts';
import { writeNewFiles } from '../composition/new-files.ts';
import type { OpenPlatform } from '../composition/platform.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printText, styleOf } from '../output.ts';
import type { Session } from '../session.ts';
import { loadAdministration } from '../settings.ts';

/** `fairlead import WORKSPACE/MINIPROGRAM --out DIR` */
export const run: Run = async (session, given) => {
  const subject = subjectOf(given.args[0] ?? '');
  const out = textOption(given, 'out');
  if (out === undefined) {
    throw new CliError('Usage', 'where should the declarations go?', {
      nextStep: 'name a folder with --out DIR; existing files are never overwritten',
    });
  }
  const imported = await read(session, given, subject);
  if (imported.problems.length > 0) {
    throw new CliError('ImportFailed', 'what the platform holds cannot be declared faithfully', {
      problems: imported.problems,
      nextStep:
        'nothing was written; report this as a bug, with what `fairlead get releases` prints',
    });
  }
  const written = await writeNewFiles(out, imported.files);
  const { connections } = session.options;
  const where = connections === undefined ? '' : ` --connections ${connections}`;
  const next = `fairlead plan ${out}${where}`;
  printText(session, importText(imported, { written, next }, styleOf(session)));
  return exitCodes.done;
};

interface Subject {
  readonly workspace: string;
  readonly miniProgram: string;
}

function subjectOf(text: string): Subject {
  const { workspace, miniProgram } = parseScope(text);
  if (workspace !== undefined && miniProgram !== undefined) return { workspace, miniProgram };
  throw new CliError('Usage', `${text} names no mini program`, {
    nextStep: 'give WORKSPACE/MINIPROGRAM, for example acme/3500020208396321',
  });
}

interface Found {
  readonly opened: OpenPlatform;
  readonly program: ObservedMiniProgram;
}

async function read(session: Session, given: Given, subject: Subject): Promise<Imported> {
  const administration = await loadAdministration(session);
  const connections = chosenConnections(session, administration);
  const { platforms, telemetry, close } = await openConnections(
    session,
    administration,
    connections,
  );
  try {
    const reading: Reading = { telemetry, signal: session.signal };
    const found = await find(platforms, subject, reading);
    const wanted = [{ workspace: subject.workspace, ids: [subject.miniProgram] }];
    const releases = await readReleases(found.opened, wanted, reading);
    return importProgram({
      connection: found.opened.connection.name,
      program: found.program,
      releases,
      literals: new Set(namesOf(textOption(given, 'literals'))),
      all: flag(given, 'all'),
    });
  } finally {
    await close();
  }
}

function namesOf(text: string | undefined): readonly string[] {
  return (text ?? '')
    .split(',')
    .map((name) => name.trim())
    .filter((name) => name !== '');
}

/** The one connection through which the program can be seen. */
async function find(
  platforms: readonly OpenPlatform[],
  { workspace, miniProgram }: Subject,
  reading: Reading,
): Promise<Found> {
  const found: Found[] = [];
  for (const opened of platforms) {
    const wanted = await wantedOf(opened, { workspace, miniProgram }, reading);
    const programs = wanted.length === 0 ? [] : await readPrograms(opened, wanted, reading);
    found.push(...programs.map((program) => ({ opened, program })));
  }
  const [first, second] = found;
  if (first && !second) return first;
  if (second) {
    const names = found.map(({ opened }) => opened.connection.name).join(', ');
    throw new CliError('Ambiguous', `${workspace}/${miniProgram} is there on several connections`, {
      nextStep: `choose one of ${names} with --connection NAME`,
    });
  }
  throw new CliError('NotFound', `there is no mini program ${miniProgram} in ${workspace}`, {
    nextStep: '`fairlead get programs` lists those the credential sees',
  });
}
