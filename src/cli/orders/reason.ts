import { textOption, type Given } from '../command.ts';
import { CliError } from '../exit.ts';

/** As in declarations. */
const maxLength = 256;

/** What `--reason` says. @throws CliError `Usage` for an empty one, and one that is a story */
export function reasonOf(given: Given): string | undefined {
  const reason = textOption(given, 'reason')?.trim();
  if (reason === undefined) return undefined;
  if (reason !== '' && reason.length <= maxLength) return reason;
  throw new CliError(
    'Usage',
    reason === ''
      ? 'the reason is empty'
      : `the reason is longer than ${String(maxLength)} characters`,
    { nextStep: 'say in one line why: it stands wherever somebody asks why nothing happens' },
  );
}
