import { cp, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { root } from '../files.ts';
import { openConsole, type DemoConsole } from './console.ts';
import { openStage, run, type Ran, type Stage } from './stage.ts';

interface Scene {
  readonly stage: Stage;
  readonly console: DemoConsole;
}

/** Where the pieces of the story are. */
const coffee = {
  workspace: 'acme',
  miniProgram: '3500020208396321',
  version: '2.5.0',
  app: 'megapay',
};
const production = { ...coffee, environment: 'Production' };
const sandbox = { ...coffee, environment: 'Sandbox' };

/** @returns the exit code: 0 only if every step did what it says */
export async function runDemo({ keep }: { readonly keep: boolean }): Promise<number> {
  tell('Building', 'The program is bundled once into dist/.');
  const built = await run(process.execPath, [join(root, 'tools', 'build.ts')], { cwd: root });
  if (built.code !== 0) {
    process.stderr.write(built.stderr);
    return 1;
  }
  const stage = await openStage();
  try {
    const scene = { stage, console: openConsole(await startPlatform(stage)) };
    await declareInGit(scene);
    await firstPlan(scene);
    await firstPass(scene);
    await showQr(scene);
    await secondPass(scene);
    await handEdit(scene);
    await underReview(scene);
    epilogue(stage, keep);
    return 0;
  } catch (error) {
    process.stderr.write(
      `\nThe demo failed: ${error instanceof Error ? error.message : String(error)}\n`,
    );
    return 1;
  } finally {
    await stage.close(keep);
  }
}

async function startPlatform(stage: Stage): Promise<string> {
  tell(
    'A platform',
    'An emulator of the Mini Program Platform, on disk: three programs, three wallets, and what people did by hand so far.',
  );
  const connections = stage.path('connection', 'connections.yaml');
  const world = join(root, 'examples', 'demo', 'world.yaml');
  const child = stage.start(
    'emulator',
    '--data',
    stage.path('platform'),
    '--world',
    world,
    '--connection-out',
    connections,
  );
  await new Promise<void>((resolve, reject) => {
    child.stdout?.once('data', () => {
      resolve();
    });
    child.once('exit', () => {
      reject(new Error('the emulator did not start'));
    });
  });
  const text = await readFile(connections, 'utf8');
  const endpoint = /endpoint: ["']?(https?:[^"'\s]+)/.exec(text)?.[1];
  check(endpoint !== undefined, 'the connection names its endpoint');
  const settings = [
    text.replaceAll(/file: (["']?)(?!\/)/g, 'file: $1connection/').trimEnd(),
    '---',
    'apiVersion: fairlead.dev/v1alpha1',
    'kind: GitSource',
    'metadata: { name: team }',
    `spec: { url: "file://${stage.path('team.git')}" }`,
    '---',
    await demoSettings(),
  ].join('\n');
  await writeFile(stage.path('fairlead.yaml'), settings);
  return endpoint;
}

/** The folder's settings without its connection: the story has a platform of its own. */
async function demoSettings(): Promise<string> {
  const text = await readFile(join(root, 'examples', 'demo', 'settings.yaml'), 'utf8');
  const documents = text.split(/^---\n/m);
  return documents.filter((document) => !document.includes('kind: PlatformConnection')).join('');
}

async function declareInGit({ stage }: Scene): Promise<void> {
  tell('Declarations', 'The team keeps its release YAML in a Git repository.');
  await cp(join(root, 'examples', 'demo', 'declarations'), stage.path('team'), { recursive: true });
  await git(stage, 'init', '--quiet', '--bare', '--initial-branch=main', 'team.git');
  await git(stage, 'init', '--quiet', '--initial-branch=main', 'team');
  await git(stage, '-C', 'team', 'remote', 'add', 'origin', stage.path('team.git'));
  await commit(stage, 'Declare the releases of all three programs');
}

async function firstPlan({ stage }: Scene): Promise<void> {
  tell('The plan', 'What would change, first in words, then field by field. Nothing is written.');
  const plan = await show(stage, 'plan', 'team');
  check(plan.code === 0, 'planning succeeds');
  check(plan.stdout.includes('create'), 'records will be created');
  check(plan.stdout.includes('adopt'), 'the record that was made by hand is adopted');
  check(!plan.stdout.includes('demo-key'), 'the plan holds no secret');
}

async function firstPass({ stage, console }: Scene): Promise<void> {
  tell('Applying from Git', 'One pass: what is on the main branch becomes true on the platform.');
  const pass = await show(stage, ...onePass);
  check(pass.code === 0, 'the pass succeeds');
  const writes = (await console.calls()).filter(({ operation }) => operation === 'createRelease');
  check(writes.length === 5, `five records were created (the log says ${String(writes.length)})`);
}

async function showQr({ stage }: Scene): Promise<void> {
  tell('The test QR code', 'Every record has one; testers scan it with the wallet.');
  const list = await show(stage, 'get', 'releases', 'acme/3500020208396323', '--qr');
  check(list.code === 0 && list.stdout.includes('█'), 'a QR code is drawn');
}

async function secondPass({ stage, console }: Scene): Promise<void> {
  tell(
    'Again',
    'Nothing has changed, so nothing is written; the call log of the platform proves it.',
  );
  await console.forgetCalls();
  const pass = await show(stage, ...onePass);
  check(pass.code === 0, 'the pass succeeds');
  const calls = await console.calls();
  const counted = countBy(calls.map(({ operation }) => operation));
  process.stdout.write(`\nCalls the platform saw: ${counted}\n`);
  check(
    calls.every(({ operation }) => operation.startsWith('get') || operation.startsWith('list')),
    'only reads',
  );
  check(
    calls.length === 3,
    'getPlatform once, one list of releases, one of programs, however many targets there are',
  );
}

async function handEdit({ stage, console }: Scene): Promise<void> {
  tell(
    'Somebody uses the console',
    'A colleague changes the merchant id of 2.5.0 by hand, in Production and in Sandbox. Policy: Production is reported, Sandbox is kept as declared.',
  );
  await console.act('editReleaseConfig', { ...production, patch: { merchantId: 'M-99' } });
  await console.act('editReleaseConfig', { ...sandbox, patch: { merchantId: 'M-99-T' } });
  const pass = await show(stage, ...onePass);
  check(pass.stdout.includes('M-99'), 'the drift is shown');
  const list = await stage.fairlead('get', 'releases', 'acme/3500020208396321', '-o', 'json');
  check(merchantOf(list, 'Production') === 'M-99', 'Production was left alone');
  check(merchantOf(list, 'Sandbox') === 'M-77-T', 'Sandbox was put back');
  await console.act('editReleaseConfig', { ...production, patch: { merchantId: 'M-77' } });
}

async function underReview({ stage, console }: Scene): Promise<void> {
  tell(
    'Applied for release',
    'A person applies for 2.5.0 in Production. From now on the platform locks its configuration. A change of the standing target takes effect with the next version; a change of the release itself is blocked, and the plan says what a person can do.',
  );
  await console.act('apply', production);
  await edit(stage, (text) => text.replace('merchantId: M-77 }', 'merchantId: M-88 }'));
  await commit(stage, 'Pay the new company from the next version on');
  const shared = await show(stage, ...onePass);
  check(shared.stdout.includes('settled'), 'the shared change is settled');
  await edit(
    stage,
    (text) =>
      `${text.trimEnd()}\n  targets:\n    - { app: megapay, environment: Production, config: { clientId: "202006" } }\n`,
  );
  await commit(stage, 'Give 2.5.0 a client id in Production');
  const own = await show(stage, ...onePass);
  check(own.code === 4, 'the exit code says blocked');
  check(
    own.stdout.includes('blocked') && own.stdout.includes('next: Withdraw the request'),
    'it is blocked, with the next step',
  );
}

function epilogue(stage: Stage, keep: boolean): void {
  tell('What next', '');
  const lines = keep
    ? [
        `Everything is still there, in ${stage.folder}; the emulator is running.`,
        `  export FAIRLEAD_CONNECTIONS=${stage.path('fairlead.yaml')} BOOKS_API_KEY=any-text`,
        `  node dist/fairlead.js explain coffee-2.5.0/megapay/Sandbox ${stage.path('team')}`,
        `  node dist/fairlead.js import acme/3500020208396321 --out ${stage.path('imported')}`,
      ]
    : [
        'npm run demo -- --keep     leaves the platform running, for playing',
        'docs/quick-start.md        the same by hand, in ten minutes',
        'examples/                  declarations to start from',
      ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

const onePass = ['run', '--config', 'fairlead.yaml', '--once', '--state', 'state'];

async function show(stage: Stage, ...args: string[]): Promise<Ran> {
  process.stdout.write(`\n$ fairlead ${args.join(' ')}\n\n`);
  const ran = await stage.fairlead(...args);
  process.stdout.write(ran.stdout);
  process.stderr.write(ran.stderr);
  return ran;
}

async function git(stage: Stage, ...args: string[]): Promise<void> {
  const { code, stderr } = await stage.git(...args);
  check(code === 0, `git ${args[0] ?? ''}: ${stderr}`);
}

async function commit(stage: Stage, message: string): Promise<void> {
  const author = ['-c', 'user.name=Release team', '-c', 'user.email=team@acme.example'];
  await git(stage, '-C', 'team', 'add', '--all');
  await git(stage, '-C', 'team', ...author, 'commit', '--quiet', '--message', message);
  await git(stage, '-C', 'team', 'push', '--quiet', 'origin', 'main');
  process.stdout.write(`\n$ git commit -m "${message}" && git push\n`);
}

async function edit(stage: Stage, change: (text: string) => string): Promise<void> {
  const file = stage.path('team', 'coffee.yaml');
  const before = await readFile(file, 'utf8');
  const after = change(before);
  check(after !== before, 'the edit changes the file');
  await writeFile(file, after);
}

interface ListedRelease {
  readonly key: { readonly app: string; readonly environment: string; readonly version: string };
  readonly config: Readonly<Record<string, unknown>>;
}

function merchantOf({ stdout }: Ran, environment: string): unknown {
  const { items } = JSON.parse(stdout) as { readonly items: readonly ListedRelease[] };
  const found = items.find(
    ({ key }) =>
      key.version === coffee.version && key.app === coffee.app && key.environment === environment,
  );
  return found?.config['merchantId'];
}

function countBy(words: readonly string[]): string {
  const counts = new Map<string, number>();
  for (const word of words) counts.set(word, (counts.get(word) ?? 0) + 1);
  return [...counts].map(([word, count]) => `${word} ${String(count)}`).join(', ');
}

const state = { chapter: 0 };

function tell(title: string, text: string): void {
  state.chapter += 1;
  process.stdout.write(
    `\n━━ ${String(state.chapter)}. ${title}\n${text === '' ? '' : `   ${text}\n`}`,
  );
}

function check(holds: boolean, what: string): asserts holds {
  if (!holds) throw new Error(`expected: ${what}`);
}
