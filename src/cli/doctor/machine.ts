import { access, constants, stat } from 'node:fs/promises';
import { dirname } from 'node:path';
import { ReconcileError } from '../../core/words/errors.ts';
import { gitFor } from '../composition/git.ts';
import type { Session } from '../session.ts';
import { inArea, type Finding } from './finding.ts';

const find = inArea('machine');
const neededNode = [22, 19] as const;
const gitDeadlineMs = 10_000;

/** Node, Git, and the place where state is kept. */
export async function checkMachine(
  session: Session,
  stateDir: string,
): Promise<readonly Finding[]> {
  return [
    checkNode(process.versions.node),
    await checkGit(session),
    await checkStateDirectory(stateDir),
  ];
}

/** @param version  as `process.versions.node` */
export function checkNode(version: string): Finding {
  const [major = 0, minor = 0] = version.split('.').map(Number);
  const [wantedMajor, wantedMinor] = neededNode;
  const isEnough = major > wantedMajor || (major === wantedMajor && minor >= wantedMinor);
  return isEnough
    ? find('node', 'ok', `Node ${version}`)
    : find(
        'node',
        'fail',
        `Node ${version} is older than ${neededNode.join('.')}`,
        'install a newer Node, or run `npm ci` in the checkout, which brings one',
      );
}

async function checkGit(session: Session): Promise<Finding> {
  try {
    const call = { directory: process.cwd(), args: ['--version'], deadlineMs: gitDeadlineMs };
    const text = await gitFor(session, false).text(call, session.signal);
    return find('git', 'ok', `Git ${text.trim().replace(/^git version /, '')}`);
  } catch (error) {
    if (!(error instanceof ReconcileError)) throw error;
    return find(
      'git',
      'warn',
      'Git does not run: `diff` and `run` need it, nothing else does',
      'install Git, or put it on PATH',
    );
  }
}

/** A directory that is missing is made when it is first needed: then the nearest existing parent counts. */
async function checkStateDirectory(stateDir: string): Promise<Finding> {
  try {
    const existing = await nearestExisting(stateDir);
    await access(existing, constants.W_OK);
    return find('state', 'ok', `state is kept in ${stateDir}`);
  } catch {
    return find(
      'state',
      'warn',
      `the state directory ${stateDir} cannot be written: no history is kept, and \`run\` has no place for its mirrors`,
      'name another with --state DIR, or set XDG_STATE_HOME',
    );
  }
}

async function nearestExisting(path: string): Promise<string> {
  try {
    await stat(path);
    return path;
  } catch (error) {
    const parent = dirname(path);
    const isMissing = error instanceof Error && 'code' in error && error.code === 'ENOENT';
    if (!isMissing || parent === path) throw error;
    return nearestExisting(parent);
  }
}
