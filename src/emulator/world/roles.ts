import type { RuleId } from './rules.ts';
import { holds, type Program, type World } from './state.ts';

/** What a caller is to a program. */
type Role = 'workspaceAdmin' | 'admin' | 'developer';

/** Somebody at the console whom no role was asked of. */
export const anybody = undefined;

/** @param caller a client or person; undefined: somebody who may do everything */
export type Caller = string | typeof anybody;

function roleOf(world: World, caller: string, program: Program): Role | undefined {
  if (isWorkspaceAdmin(world, caller, program.workspace)) return 'workspaceAdmin';
  if (program.admins.includes(caller)) return 'admin';
  if (program.developers.includes(caller)) return 'developer';
  return undefined;
}

export function isWorkspaceAdmin(world: World, caller: Caller, workspace: string): boolean {
  if (caller === anybody) return true;
  return world.workspaces.get(workspace)?.admins.includes(caller) ?? false;
}

/** Whether the caller may see the program at all. */
export function maySee(world: World, caller: Caller, program: Program): boolean {
  if (caller === anybody) return true;
  const role = roleOf(world, caller, program);
  if (role === undefined) return !holds(world, 'role-view');
  return role === 'developer' ? holds(world, 'role-developer-views') : true;
}

export function mayUpload(world: World, caller: Caller, program: Program): boolean {
  if (caller === anybody) return true;
  const role = roleOf(world, caller, program);
  if (role === 'developer') return holds(world, 'role-developer-uploads');
  return role !== undefined;
}

/** Whether the caller is workspace admin or Admin of the program, which the named rule asks for. */
export function mayRelease(world: World, caller: Caller, program: Program, rule: RuleId): boolean {
  if (caller === anybody || !holds(world, rule)) return true;
  const role = roleOf(world, caller, program);
  return role === 'workspaceAdmin' || role === 'admin';
}

/** Workspaces in which the caller has any right, with its rights. */
export function rightsOf(world: World, caller: string): { id: string; rights: string[] }[] {
  const found = [...world.workspaces.values()].map(({ id }) => ({
    id,
    rights: rightsIn(world, caller, id),
  }));
  return found.filter(({ rights }) => rights.length > 0);
}

function rightsIn(world: World, caller: string, workspace: string): string[] {
  if (isWorkspaceAdmin(world, caller, workspace)) return ['workspaceAdmin'];
  return [...world.programs.values()]
    .filter((program) => program.workspace === workspace)
    .flatMap((program) => {
      const role = roleOf(world, caller, program);
      return role === undefined ? [] : [`miniPrograms/${program.id}:${role}`];
    });
}
