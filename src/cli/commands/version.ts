import { textOption, type Run } from '../command.ts';
import { exitCodes } from '../exit.ts';
import { formatVersion, printJson, printText } from '../output.ts';
import { toolVersion, versionText } from '../version.ts';

/** `fairlead version` */
export const run: Run = async (session, given) => {
  if (textOption(given, 'output') === 'json') {
    printJson(session, {
      formatVersion,
      kind: 'Version',
      version: toolVersion,
      node: process.versions.node,
    });
  } else {
    printText(session, versionText());
  }
  return Promise.resolve(exitCodes.done);
};
