import { stat } from 'node:fs/promises';
import { originText } from '../../core/words/places.ts';
import { plural } from '../../core/render/sentence.ts';
import { ReconcileError } from '../../core/words/errors.ts';
import { readValue, type ValueFrom, type ValueSources } from '../../secrets/value.ts';
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
async function checkKeyFiles({
  connections,
  settings,
  path,
}: Administration): Promise<readonly Finding[]> {
  const identities = (settings.ageIdentities ?? []).map(({ file }) => ({
    of: 'encrypted documents',
    file,
  }));
  const keys = connections.flatMap(({ name, spec }) =>
    [spec.privateKey?.file, spec.fingerprintKey?.file].map((file) => ({
      of: `connection ${name}`,
      file,
    })),
  );
  const files = [...keys, ...identities].flatMap(({ of, file }) =>
    file === undefined ? [] : [{ of, file: path(file) }],
  );
  const open = await Promise.all(
    files.map(async (each) => ({ ...each, isOpen: await isOpenToOthers(each.file) })),
  );
  return open
    .filter(({ isOpen }) => isOpen)
    .map(({ of, file }) =>
      find(
        'key-mode',
        'warn',
        `key ${file} of ${of} may be read by other users`,
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
  const { secrets = [], ageIdentities = [] } = administration.settings;
  const wanted = secrets.flatMap(({ name, keys }) =>
    Object.entries(keys).map(([key, { encrypted, ...from }]) => ({
      what: `secret ${name}/${key}`,
      from: encrypted ? undefined : from,
    })),
  );
  const identities = ageIdentities.map(({ for: _, ...from }, index) => ({
    what: `age key ${index + 1}`,
    from,
  }));
  return Promise.all(
    [...wanted, ...identities].map(({ what, from }) => checkSecret(what, from, values)),
  );
}

async function checkSecret(
  what: string,
  from: ValueFrom | undefined,
  values: ValueSources,
): Promise<Finding> {
  if (!from) return find('secret', 'ok', `${what} is looked for in its encrypted document`);
  try {
    await readValue(from, values);
    return find('secret', 'ok', `${what} can be opened`);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return find('secret', 'warn', `${what}: ${error.message}`, error.nextStep);
  }
}
