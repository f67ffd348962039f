import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ControllerStatus as isStatus } from '../../core/generated/controller.js';
import type { ControllerStatus } from '../../core/model/controller.ts';
import { CliError } from '../exit.ts';
import { codeOf, failureText } from './state-files.ts';

/** Of every status this version can read. */
const formatVersion = 1;

export function statusFile(stateDir: string): string {
  return join(stateDir, 'status.json');
}

/**
 * What the controller of a state directory last said of itself.
 *
 * @throws CliError `StatusNotFound` where none ever ran there; `StatusUnreadable`; `StatusForeign` where another version
 *   of the program wrote it
 */
export async function readStatus(stateDir: string): Promise<ControllerStatus> {
  const file = statusFile(stateDir);
  const value = parsed(await textOf(stateDir), file);
  if (isStatus(value)) return value;
  const { kind, formatVersion: found } = Object(value) as Partial<Record<string, unknown>>;
  if (kind === 'ControllerStatus' && found !== formatVersion) {
    throw new CliError('StatusForeign', `${file} is of another version of fairlead`, {
      nextStep: 'use the version of the controller that runs there',
    });
  }
  throw unreadable(file, 'it is no status of a controller', undefined);
}

async function textOf(stateDir: string): Promise<string> {
  const file = statusFile(stateDir);
  try {
    return await readFile(file, 'utf8');
  } catch (error) {
    if (codeOf(error) !== 'ENOENT') throw unreadable(file, failureText(error), error);
    throw new CliError('StatusNotFound', `no controller has said anything in ${stateDir} yet`, {
      cause: error,
      nextStep: 'name the directory that `fairlead run` was started with, with --state DIR',
    });
  }
}

function parsed(text: string, file: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw unreadable(file, 'it is not whole', error);
  }
}

function unreadable(file: string, why: string, cause: unknown): CliError {
  return new CliError('StatusUnreadable', `${file} cannot be read: ${why}`, {
    cause,
    nextStep:
      'a running controller writes it anew within ten seconds; else see who may read it, and whether --state names the right directory',
  });
}
