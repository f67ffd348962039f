import { defineConfig } from 'vitest/config';

const seconds = 1000;

/** Nothing of the person running the tests reaches them: not their Git settings, not their zone. */
const env = {
  GIT_CONFIG_GLOBAL: '/dev/null',
  GIT_CONFIG_NOSYSTEM: '1',
  GIT_TERMINAL_PROMPT: '0',
  GIT_AUTHOR_NAME: 'Test Author',
  GIT_AUTHOR_EMAIL: 'author@example.test',
  GIT_COMMITTER_NAME: 'Test Committer',
  GIT_COMMITTER_EMAIL: 'committer@example.test',
  TZ: 'UTC',
};

function project(name: string, timeoutMs: number, globalSetup: readonly string[] = []) {
  return {
    extends: true as const,
    test: {
      name,
      include: [`test/${name}/**/*.test.ts`],
      testTimeout: timeoutMs,
      hookTimeout: timeoutMs,
      globalSetup: [...globalSetup],
    },
  };
}

export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    env,
    allowOnly: false,
    passWithNoTests: false,
    restoreMocks: true,
    projects: [
      project('unit', 120 * seconds),
      project('contract', 120 * seconds),
      project('simulation', 300 * seconds),
      project('integration', 180 * seconds, ['test/support/build.setup.ts']),
      project('endurance', 300 * seconds, ['test/support/build.setup.ts']),
      project('servers', 600 * seconds, ['test/support/build.setup.ts']),
    ],
  },
});
