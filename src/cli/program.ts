import { Argument, Command, CommanderError, Option } from 'commander';
import { visible } from '../core/render/visible.ts';
import type { ArgumentSpec, CommandSpec, OptionSpec } from './command.ts';
import { commands } from './commands/index.ts';
import type { Environment } from './environment.ts';
import { exitCodes, type ExitCode } from './exit.ts';
import { globalOptions, readGlobalOptions } from './global-options.ts';
import type { Session } from './session.ts';
import { formatVersion } from './output.ts';
import { listenForStop } from './signals.ts';
import { watchStreams } from './streams.ts';
import { versionText } from './version.ts';

/** Parses the command line and runs one command. Never throws; never ends the process. */
export async function runProgram(
  argv: readonly string[],
  environment: Environment,
): Promise<ExitCode> {
  const stop = listenForStop();
  const written = watchStreams(process);
  let exit: ExitCode = exitCodes.done;
  const program = buildProgram((spec, args, options) => async () => {
    const session: Session = {
      environment,
      options: readGlobalOptions(options, environment, process.stdout),
      stdout: process.stdout,
      stderr: process.stderr,
      stdin: process.stdin,
      signal: stop.signal,
    };
    try {
      const { run } = await spec.load();
      exit = await run(session, { args, options });
    } catch (error) {
      // Loaded when something fails: it draws problems with their lines.
      const { reportFailure } = await import('./failure.ts');
      exit = reportFailure(error, session, options);
    }
  });
  try {
    await program.parseAsync(['node', 'fairlead', ...argv]);
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    exit = error.exitCode === 0 ? exitCodes.done : exitCodes.error;
    if (exit !== exitCodes.done && wantsJson(argv)) printUsageError(error);
  }
  stop.done();
  const failure = await written();
  if (failure === undefined) return exit;
  process.stderr.write(`fairlead: standard output could not be written (${failure})\n`);
  return exitCodes.error;
}

/** Whether the caller is a script that reads one JSON document, as far as a command line that is wrong can tell. */
function wantsJson(argv: readonly string[]): boolean {
  const text = argv.join(' ');
  return /(^| )(-o ?|--output[ =])(json|sarif)( |$)/.test(text);
}

/** Commander has told the person already, on stderr. */
function printUsageError({ message }: CommanderError): void {
  const [first = ''] = message.replace(/^error: /, '').split('\n');
  const error = { code: 'Usage', message: first, nextStep: 'see `fairlead help COMMAND`' };
  const document = { formatVersion, kind: 'Error', error, problems: [] };
  process.stdout.write(`${JSON.stringify(document, null, 2)}\n`);
}

/** Usage errors repeat what was typed. */
const inertErrors = {
  writeErr: (text: string): void => {
    process.stderr.write(text.split('\n').map(visible).join('\n'));
  },
};

type Action = (
  spec: CommandSpec,
  args: readonly string[],
  options: Readonly<Record<string, unknown>>,
) => () => Promise<void>;

/** The commander program of all commands; also read by completion and the reference generator. */
function buildProgram(action: Action): Command {
  const program = new Command('fairlead')
    .description(
      'GitOps for mini-program releases: declare release targets and configuration, see what would change, make it so.',
    )
    .version(versionText(), '--version', 'print the version')
    .helpCommand('help [COMMAND]', 'explain a command')
    .showSuggestionAfterError()
    .showHelpAfterError('(fairlead help COMMAND explains it)')
    .configureOutput(inertErrors)
    .exitOverride();
  for (const spec of commands) program.addCommand(buildCommand(spec, action));
  return program;
}

function buildCommand(spec: CommandSpec, action: Action): Command {
  const command = new Command(spec.name)
    .summary(spec.summary)
    .description(spec.description)
    .showSuggestionAfterError()
    .showHelpAfterError(`(fairlead help ${spec.name} explains it)`)
    .configureOutput(inertErrors)
    .exitOverride();
  for (const argument of spec.args) command.addArgument(buildArgument(argument));
  for (const option of spec.options) command.addOption(buildOption(option));
  for (const option of globalOptions)
    command.addOption(buildOption(option).helpGroup('Everywhere:'));
  command.addHelpText('after', helpTail(spec));
  return command.action(async (...given: unknown[]) => {
    const args = given
      .slice(0, spec.args.length)
      .flat()
      .filter((arg): arg is string => typeof arg === 'string');
    await action(spec, args, command.opts())();
  });
}

function buildArgument({ syntax, description }: ArgumentSpec): Argument {
  return new Argument(syntax, description);
}

function buildOption(spec: OptionSpec): Option {
  const option = new Option(spec.flags, spec.description);
  if (spec.choices) option.choices(spec.choices);
  if (spec.default !== undefined) option.default(spec.default);
  if (spec.many === true) {
    option.argParser((value: string, previous: string[] | undefined) => [
      ...(previous ?? []),
      value,
    ]);
  }
  return option;
}

/** What stands below the options of a command's help: examples, and each exit code once. */
export function helpTail({ examples, exits }: CommandSpec): string {
  const lines: string[] = [];
  if (examples.length > 0) {
    lines.push(
      '',
      'Examples:',
      ...examples.flatMap(({ command, does }) => [`  ${command}`, `      ${does}`]),
    );
  }
  if (Object.keys(exits).length > 0) {
    const all = { 0: 'done, or nothing to do', 1: 'error or wrong usage', ...exits };
    lines.push('', 'Exit codes:');
    lines.push(...Object.entries(all).map(([code, when]) => `  ${code}  ${when}`));
  }
  return lines.join('\n');
}
