import { readEnvironment } from './environment.ts';
import { exitCodes, type ExitCode } from './exit.ts';

const environment = readEnvironment();

process.exitCode = await main(process.argv.slice(2));

/** `version` is asked by scripts at every turn: it is answered before anything else is loaded. */
async function main(argv: readonly string[]): Promise<ExitCode> {
  if (argv.length === 1 && (argv[0] === 'version' || argv[0] === '--version')) {
    const { versionText } = await import('./version.ts');
    // Whoever asks may have gone again.
    process.stdout.on('error', () => undefined);
    process.stdout.write(`${versionText()}\n`);
    return exitCodes.done;
  }
  const { runProgram } = await import('./program.ts');
  return runProgram(argv, environment);
}
