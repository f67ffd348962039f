import { stat } from 'node:fs/promises';
import { originText } from '../../core/words/places.ts';
import { plural } from '../../core/render/sentence.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { readValue } from '../../secrets/value.ts';
import { surroundingsOf } from '../composition/connections.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import { connectionsFile, loadAdministration, type Administration } from '../settings.ts';
import { inArea, type Finding } from './finding.ts';

const find = inArea('settings');

/** The settings, or why there are none. */
export async function checkSettings(session: Session): Promise<{
  readonly administration?: Administration;
  readonly findings: readonly Finding[];
}> {
  try {
    const administration = await loadAdministration(session);
    const { connections, sources } = administration;
    const counts = [plural(connections.length, 'connection')].concat(
      sources.length > 0 ? [plural(sources.length, 'GitSource')] : [],
    );
    const findings = [
      find('file', 'ok', `${administration.file}: ${counts.join(', ')}`),
      ...(await checkKeyFiles(administration)),
      ...(await checkSecrets(session, administration)),
    ];
    return { administration, findings };
  } catch (error) {
    if (!(error instanceof CliError)) throw error;
    return { findings: settingsFailure(error, connectionsFile(session).file) };
  }
}

function settingsFailure(error: CliError, file: string): readonly Finding[] {
  const { message, nextStep, problems } = error;
  if (problems.length === 0) return [find('file', 'fail', message, nextStep)];
  return problems.map((problem) => {
    const where = problem.origin ? originText(problem.origin) : file;
    return find('file', 'fail', `${where}: ${problem.message}`, problem.nextStep ?? nextStep);
  });
}

const othersMayRead = 0o077;

/** A private key that other users of the machine may read is everybody's key. */
async function checkKeyFiles({ connections, path }: Administration): Promise<readonly Finding[]> {
  const files = connections.flatMap(({ name, spec }) =>
    [spec.privateKey?.file, spec.fingerprintKey?.file].flatMap((file) =>
      file === undefined ? [] : [{ name, file: path(file) }],
    ),
  );
  const open = await Promise.all(
    files.map(async (each) => ({ ...each, isOpen: await isOpenToOthers(each.file) })),
  );
  return open
    .filter(({ isOpen }) => isOpen)
    .map(({ name, file }) =>
      find(
        'key-mode',
        'warn',
        `key ${file} of connection ${name} may be read by other users`,
        `chmod 600 ${file}`,
      ),
    );
}

async function isOpenToOthers(file: string): Promise<boolean> {
  const found = await stat(file).catch(() => undefined);
  return found !== undefined && (found.mode & othersMayRead) !== 0;
}

/** Every secret that is mapped can be opened; what it holds is nobody's business here. */
async function checkSecrets(
  session: Session,
  administration: Administration,
): Promise<readonly Finding[]> {
  const { values } = surroundingsOf(session, administration, { emit: () => undefined });
  const wanted = (administration.settings.secrets ?? []).flatMap(({ name, keys }) =>
    Object.entries(keys).map(([key, from]) => ({ id: `${name}/${key}`, from })),
  );
  return Promise.all(
    wanted.map(async ({ id, from: { env, file } }) => {
      try {
        await readValue(
          { ...(env === undefined ? {} : { env }), ...(file === undefined ? {} : { file }) },
          values,
        );
        return find('secret', 'ok', `secret ${id} can be opened`);
      } catch (error) {
        if (!(error instanceof ReconcileError)) throw error;
        return find('secret', 'warn', `secret ${id}: ${error.message}`, error.nextStep);
      }
    }),
  );
}
