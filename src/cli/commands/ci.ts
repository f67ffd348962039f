import { actionsWorkflow } from '../ci/actions.ts';
import { gitlabPipeline } from '../ci/gitlab.ts';
import { branchOf, type CiForge, type CiWanted, forgeOf, pathsOf, pinOf } from '../ci/wanted.ts';
import { flag, type Given, textOption, textOptions, type Run } from '../command.ts';
import { CliError, exitCodes } from '../exit.ts';
import { printText } from '../output.ts';

/** `fairlead ci github|gitlab|gitea` */
export const run: Run = async (session, given) => {
  const forge = forgeOf(given.args[0]);
  printText(session, workflow(forge, wantedOf(forge, given)));
  return Promise.resolve(exitCodes.done);
};

function workflow(forge: CiForge, wanted: CiWanted): string {
  return forge === 'gitlab' ? gitlabPipeline(wanted) : actionsWorkflow(forge, wanted);
}

function wantedOf(forge: CiForge, given: Given): CiWanted {
  const sarif = flag(given, 'sarif');
  if (sarif && forge !== 'github')
    throw new CliError('Usage', `${forge} has no code scanning that reads SARIF`, {
      nextStep: 'leave --sarif out: remarks at lines are made without it',
    });
  return {
    paths: pathsOf(textOptions(given, 'path')),
    branch: branchOf(textOption(given, 'branch')),
    snapshot: flag(given, 'snapshot'),
    forks: flag(given, 'forks'),
    sarif,
    pin: pinOf(textOption(given, 'fairlead'), forge),
  };
}
