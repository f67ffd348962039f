import type { DesiredProgram } from '../../core/model/desired.ts';
import type { SourceDocuments } from '../../core/model/documents.ts';
import { secretsOf } from '../../engine/read.ts';
import { textOption, type Given } from '../command.ts';
import { CliError } from '../exit.ts';
import type { Session } from '../session.ts';
import type { Administration } from '../settings.ts';
import { filesAt } from './command-declarations.ts';

/** What a plan file wants to be written, under the settings of today. */
interface Wanted {
  readonly administration: Administration;
  readonly programs: readonly DesiredProgram[];
}

/**
 * PATH beside a plan file, for its encrypted documents alone. The file holds what it was made from: declarations beside
 * it could only contradict it, so PATH is taken where a secret needs it and nowhere else.
 *
 * @throws CliError `Usage` where PATH is needed and missing, or given for nothing
 */
export async function encryptedSources(
  session: Session,
  given: Given,
  wanted: Wanted,
): Promise<readonly SourceDocuments[]> {
  const [secret] = encryptedSecrets(wanted);
  if (secret === undefined) return refusePaths(given);
  if (given.args.length === 0) {
    throw new CliError('Usage', `secret ${secret} lies in an encrypted document`, {
      nextStep: 'give PATH of the files that hold it beside --plan FILE',
    });
  }
  const actAs = textOption(given, 'as');
  const { sources } = await filesAt(session, { paths: given.args, actAs }).load(session.signal);
  return sources;
}

function encryptedSecrets({ administration, programs }: Wanted): readonly string[] {
  const mappings = administration.settings.secrets ?? [];
  return programs.flatMap(secretsOf).flatMap(({ source, ref: { name, key } }) => {
    const isEncrypted = mappings.some(
      (mapping) =>
        mapping.name === name &&
        mapping.for?.includes(source) !== false &&
        Object.hasOwn(mapping.keys, key) &&
        mapping.keys[key]?.encrypted !== undefined,
    );
    return isEncrypted ? [`${name}/${key}`] : [];
  });
}

function refusePaths({ args }: Given): readonly SourceDocuments[] {
  if (args.length === 0) return [];
  throw new CliError('Usage', '--plan already says what is wanted, and PATH says it again', {
    nextStep: 'give --plan FILE alone to apply what was shown, or PATH alone to plan anew',
  });
}
