import type { TeamRepository } from '../support/controller.ts';

/** One program, and what its team declares of it: releases by file, targets by environment. */
export interface Declaration {
  readonly files: Map<string, Release>;
}

export interface Release {
  readonly version: string;
  readonly targets: Map<string, Target>;
}

export interface Target {
  readonly merchantId: string;
  readonly clientId: string | undefined;
}

export interface Team {
  readonly name: string;
  readonly program: string;
  readonly repository: TeamRepository;
  readonly declaration: Declaration;
  /** Commits what is declared now. */
  push(message: string): Promise<void>;
  /** Commits one file as text, whatever is declared. */
  pushText(file: string, text: string, message: string): Promise<void>;
  /** Commits that every declaration is gone. */
  pushNothing(message: string): Promise<void>;
  /** Replaces the last commits by one that says the same and what is declared now. */
  rewrite(count: number, message: string): Promise<void>;
  /** The branch names an older commit. */
  rewind(count: number): void;
  head(): string;
}

const programFile = 'program.yaml';

export function createTeam(name: string, program: string, repository: TeamRepository): Team {
  const declaration: Declaration = { files: new Map() };
  const { git } = repository;
  let pushed = 0;

  /** Before it is pushed, so that whatever is done because of it is done later. */
  function keep(): void {
    pushed += 1;
    const number = String(pushed).padStart(4, '0');
    git('update-ref', `refs/day/${number}-${String(Date.now())}`, 'HEAD');
  }

  async function commit(
    files: Readonly<Record<string, string | undefined>>,
    message: string,
  ): Promise<void> {
    await repository.stage(files);
    git('commit', '-q', '--allow-empty', '-m', message);
    keep();
    git('push', '-q', '--force', 'origin', 'HEAD:main');
  }

  function changed(): Record<string, string | undefined> {
    const wanted = new Map(
      [...declaration.files].map(([file, release]) => [file, releaseText(name, release)]),
    );
    wanted.set(programFile, programText(name, program));
    const gone = git('ls-files')
      .split('\n')
      .filter((file) => file !== '' && !wanted.has(file));
    return {
      ...Object.fromEntries(wanted),
      ...Object.fromEntries(gone.map((file) => [file, undefined])),
    };
  }

  return {
    ...{ name, program, repository, declaration },
    push: (message) => commit(changed(), message),
    pushText: (file, text, message) => commit({ [file]: text }, message),
    pushNothing: (message) =>
      commit(
        Object.fromEntries(
          git('ls-files')
            .split('\n')
            .map((file) => [file, undefined]),
        ),
        message,
      ),
    async rewrite(count, message) {
      git('reset', '-q', '--soft', `HEAD~${String(count)}`);
      await commit(changed(), message);
    },
    rewind(count) {
      git('push', '-q', '--force', 'origin', `HEAD~${String(count)}:main`);
    },
    head: () => git('rev-parse', 'HEAD'),
  };
}

function programText(name: string, id: string): string {
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgram
metadata: { name: ${name} }
spec:
  workspace: acme
  id: "${id}"
  policy: { onDrift: Apply }
`;
}

function releaseText(name: string, { version, targets }: Release): string {
  const lines = [...targets].map(([environment, { merchantId, clientId }]) => {
    const client = clientId === undefined ? '' : `, clientId: ${clientId}`;
    return `    - { app: megapay, environment: ${environment}, config: { merchantId: ${merchantId}${client} } }\n`;
  });
  return `apiVersion: fairlead.dev/v1alpha1
kind: MiniProgramRelease
metadata: { name: ${name}-${version} }
spec:
  miniProgram: ${name}
  version: ${version}
  targets:
${lines.join('')}`;
}
