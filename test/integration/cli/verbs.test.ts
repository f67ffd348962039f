import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, it } from 'vitest';

import { createPlace, type EmulatorProcess, type Place } from '../../support/cli.ts';
import { coffee, program, release, world } from '../../support/cli-world.ts';

const exec = promisify(execFile);
const settings = ['--connections', 'connections.yaml'];

/** A place with a platform beside it and the declarations of coffee. */
async function ready(): Promise<{ place: Place; platform: EmulatorProcess }> {
  const place = await createPlace();
  await place.write('coffee.yaml', coffee);
  return { place, platform: await place.emulator(world) };
}

function json(text: string): Record<string, unknown> {
  return JSON.parse(text) as Record<string, unknown>;
}

describe('each verb, as the program that people run', () => {
  it('validate: all is well without any platform', async () => {
    const place = await createPlace();
    await place.write('coffee.yaml', coffee);

    const { code, stdout } = await place.run(['validate', 'coffee.yaml', '-o', 'json']);

    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({
      kind: 'ValidateResult',
      summary: { documents: 2, programs: 1, releases: 2, errors: 0 },
    });
  });

  it('plan: says what would happen and writes nothing', async () => {
    const { place, platform } = await ready();

    const { code, stdout } = await place.run(['plan', 'coffee.yaml', ...settings]);

    expect(code, stdout).toBe(0);
    expect(stdout).toContain('PRODUCTION');
    expect(stdout).toContain('M-77-T');
    expect(stdout).toContain('emulator');
    expect(
      (await platform.calls()).filter(({ operation }) => operation === 'createRelease'),
    ).toEqual([]);
  });

  it('plan --detailed-exitcode: 2 while something is pending', async () => {
    const { place } = await ready();

    expect(
      (await place.run(['plan', 'coffee.yaml', '--detailed-exitcode', ...settings])).code,
    ).toBe(2);
  });

  it('apply: writes what it showed, once, and then there is nothing to do', async () => {
    const { place, platform } = await ready();

    const first = await place.run(['apply', 'coffee.yaml', '--yes', '-o', 'json', ...settings]);
    const second = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);

    expect(first.code, first.stderr).toBe(0);
    expect(json(first.stdout)).toMatchObject({
      kind: 'ApplyResult',
      outcomes: [
        { action: 'create', result: 'applied' },
        { action: 'create', result: 'applied' },
      ],
    });
    expect(second.code, second.stderr).toBe(0);
    const creates = (await platform.calls()).filter(
      ({ operation }) => operation === 'createRelease',
    );
    expect(creates.map(({ resultStatus }) => resultStatus)).toEqual(['S', 'S']);
  });

  it('plan --out, apply --plan: exactly what was shown', async () => {
    const { place } = await ready();

    const planned = await place.run(['plan', 'coffee.yaml', '--out', 'plan.json', ...settings]);
    const applied = await place.run(['apply', '--plan', 'plan.json', '--yes', ...settings]);
    const stale = await place.run(['apply', '--plan', 'plan.json', '--yes', ...settings]);

    expect(planned.code, planned.stderr).toBe(0);
    expect(applied.code, applied.stderr).toBe(0);
    expect(stale.code, stale.stderr).toBe(6);
  });

  it('apply --plan: goes through beside a program that has nothing to change', async () => {
    const { place } = await ready();
    const other = coffee.replaceAll('coffee', 'tea').replaceAll(program, '3500020299999999');
    const [teaProgram = ''] = other.split('---');
    await place.write('tea.yaml', teaProgram);

    const paths = ['coffee.yaml', 'tea.yaml'];
    const planned = await place.run(['plan', ...paths, '--out', 'plan.json', ...settings]);
    const applied = await place.run(['apply', '--plan', 'plan.json', '--yes', ...settings]);

    expect(planned.code, planned.stderr).toBe(0);
    expect(applied.code, applied.stderr).toBe(0);
  });

  it('apply: leaves a console edit alone and says so', async () => {
    const { place, platform } = await ready();
    await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    await platform.act('editReleaseConfig', {
      ...release,
      environment: 'Sandbox',
      patch: { merchantId: 'M-BY-HAND' },
    });

    const { stdout } = await place.run(['plan', 'coffee.yaml', '-o', 'json', ...settings]);

    expect(json(stdout)).toMatchObject({ summary: { update: 1, held: 1 } });
    expect(await platform.world()).toContain('M-BY-HAND');
  });

  it('apply: a gate holds who gets paid in Production, and --allow lets exactly that pass, once', async () => {
    const { place, platform } = await ready();
    await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    await place.write(
      'coffee.yaml',
      coffee.replace('M-77 }', 'M-88 }').replace('M-77-T', 'M-99-T'),
    );

    const held = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    const [, id = ''] = /--allow (c-[0-9a-f]{12})/.exec(held.stdout) ?? [];
    const wrong = await place.run([
      'apply',
      'coffee.yaml',
      '--yes',
      '--allow',
      'c-000000000000',
      ...settings,
    ]);
    const before = await platform.world();
    const allowed = await place.run(['apply', 'coffee.yaml', '--yes', '--allow', id, ...settings]);

    expect(held.code, held.stdout).toBe(3);
    expect(wrong.code).toBe(3);
    expect(before, 'the rest was applied').toContain('M-99-T');
    expect(before).not.toContain('M-88');
    expect(allowed.code, allowed.stdout).toBe(0);
    expect(await platform.world()).toContain('M-88');
  });

  it('apply: somebody applied for release; the record is locked, and the next step is named', async () => {
    const { place, platform } = await ready();
    await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);
    await platform.act('apply', { ...release, environment: 'Production' });
    await place.write(
      'coffee.yaml',
      coffee
        .replace('"2088002"', '"2088003"')
        .replace(
          '  config: { testers',
          '  targets: [{ app: megapay, environment: Production, config: { clientId: C } }]\n  config: { testers',
        ),
    );

    const { code, stdout } = await place.run(['apply', 'coffee.yaml', '--yes', ...settings]);

    expect(code, stdout).toBe(4);
    expect(stdout).toContain('blocked');
    expect(stdout).toContain('next: Withdraw the request');
  });

  it('explain: which line a value comes from', async () => {
    const place = await createPlace();
    await place.write('coffee.yaml', coffee);

    const { code, stdout } = await place.run([
      'explain',
      'coffee-2.4.0/megapay/Sandbox/merchantId',
      'coffee.yaml',
    ]);

    expect(code).toBe(0);
    expect(stdout).toContain('M-77-T');
    expect(stdout).toContain('coffee.yaml:8');
    expect(stdout).toContain('standing target');
  });

  it('diff: what a commit means, without any platform', async () => {
    const place = await createPlace();
    const git = async (...args: string[]) => exec('git', args, { cwd: place.dir, env: place.env });
    await place.write('releases/coffee.yaml', coffee);
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('commit', '-qm', 'First');
    await place.write('releases/coffee.yaml', coffee.replace('M-77 }', 'M-88 }'));

    const files = await place.run(['diff', 'main..', 'releases']);
    await git('commit', '-qam', 'Second');
    const commits = await place.run(['diff', 'main~1..main', 'releases', '-o', 'json']);

    expect(files.code, files.stderr).toBe(0);
    expect(files.stdout).toContain('Who gets paid changes in PRODUCTION of megapay');
    expect(files.stdout).toContain('M-77 -> M-88');
    expect(json(commits.stdout)).toMatchObject({
      kind: 'DeclarationDiff',
      summary: { added: 0, removed: 0, changed: 1 },
    });
  });

  it('diff: a broken base does not keep anybody from seeing what mends it', async () => {
    const place = await createPlace();
    const git = async (...args: string[]) => exec('git', args, { cwd: place.dir, env: place.env });
    await place.write('coffee.yaml', coffee.replace('version: 2.4.0', 'versoin: 2.4.0'));
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('commit', '-qm', 'Broken');
    await place.write('coffee.yaml', coffee);

    const { code, stdout, stderr } = await place.run(['diff', 'main..', 'coffee.yaml']);

    expect(code, stderr).toBe(0);
    expect(stdout).toContain('New targets');
    expect(stderr).toContain('BASE');
  });

  it('get: lists what the platform holds, everywhere or of one program', async () => {
    const { place } = await ready();
    const counts = { programs: 2, versions: 4, targets: 4, releases: 1 };

    for (const [what, expected] of Object.entries(counts)) {
      const { code, stdout } = await place.run(['get', what, '-o', 'json', ...settings]);
      const text = await place.run(['get', what, `acme/${program}`, ...settings]);

      expect({ what, code, items: json(stdout)['items'] }).toMatchObject({ code: 0 });
      expect(json(stdout)['items'], what).toHaveLength(expected);
      expect(text.code, text.stderr).toBe(0);
      expect(text.stdout).toContain(`acme/${program}`);
      expect(text.stdout, 'the other program was not asked for').not.toContain('3500020208396399');
    }
  });

  it('get releases --qr: draws what a phone can scan', async () => {
    const { place } = await ready();

    const { code, stdout } = await place.run(['get', 'releases', '--qr', ...settings]);

    expect(code).toBe(0);
    expect(stdout).toContain('▄▄▄▄▄');
    expect(stdout).toContain('https://');
  });

  it('get -o yaml: is YAML', async () => {
    const { place } = await ready();

    const { stdout } = await place.run(['get', 'programs', '-o', 'yaml', ...settings]);

    expect(stdout).toContain('kind: ProgramList');
    expect(stdout).toContain(`miniProgram: "${program}"`);
  });

  it('snapshot, plan --snapshot: the same plan without platform, settings or key', async () => {
    const { place, platform } = await ready();

    const taken = await place.run(['snapshot', 'coffee.yaml', '--out', 'snap.yaml', ...settings]);
    await platform.stop();
    const { code, stdout } = await place.run([
      'plan',
      'coffee.yaml',
      '--snapshot',
      'snap.yaml',
      '-o',
      'json',
    ]);

    expect(taken.code, taken.stderr).toBe(0);
    expect(code).toBe(0);
    expect(json(stdout)).toMatchObject({
      platforms: [{ platform: 'emulator', driver: 'snapshot' }],
      summary: { create: 2 },
    });
  });

  it('plan --snapshot --out: cannot be applied later, and says so', async () => {
    const { place } = await ready();
    await place.run(['snapshot', '--out', 'snap.yaml', ...settings]);

    const { code, stderr } = await place.run([
      'plan',
      'coffee.yaml',
      '--snapshot',
      'snap.yaml',
      '--out',
      'plan.json',
    ]);

    expect(code).toBe(6);
    expect(stderr).toContain('cannot be applied');
  });

  it('import: declarations that plan to nothing but adopt, and never over a file', async () => {
    const { place, platform } = await ready();
    const subject = ['import', `acme/${program}`, '--out', 'releases', ...settings];
    await platform.act('selectTarget', {
      ...release,
      environment: 'Test',
      config: { merchantId: 'M-1', environmentVariables: [{ name: 'API_KEY', value: 'by-hand' }] },
    });

    const imported = await place.run(subject);
    const again = await place.run(subject);
    const planned = await place.run(['plan', 'releases', '-o', 'json', ...settings]);

    expect(imported.code, imported.stderr).toBe(0);
    expect(imported.stdout).toContain('releases/coffee/program.yaml');
    expect(imported.stdout).toContain('API_KEY');
    expect(imported.stdout).toContain('fairlead plan releases');
    expect(again.code).toBe(1);
    expect(again.stderr).toContain('exists already');
    expect(json(planned.stdout)).toMatchObject({
      summary: { create: 0, update: 0, blocked: 0, adopt: 1, unchanged: 1, undeclared: 1 },
    });
    expect(await place.read('releases/coffee/releases/coffee-2.4.0.yaml')).not.toContain('by-hand');
  });

  it('run --once: one pass over a Git repository', async () => {
    const { place, platform } = await ready();
    const repository = place.path('origin');
    const git = async (...args: string[]) => exec('git', args, { cwd: repository, env: place.env });
    await place.write('origin/releases/coffee.yaml', coffee);
    await git('init', '-q', '-b', 'main');
    await git('add', '.');
    await git('commit', '-qm', 'First');
    await place.write(
      'fairlead.yaml',
      `${await place.read('connections.yaml')}---
apiVersion: fairlead.dev/v1alpha1
kind: GitSource
metadata: { name: shop }
spec: { url: "file://${repository}", ref: { branch: main }, path: releases }
---
apiVersion: fairlead.dev/v1alpha1
kind: Settings
metadata: { name: settings }
spec: { allowFileUrls: true }
`,
    );

    const first = await place.run([
      'run',
      '--config',
      'fairlead.yaml',
      '--once',
      '--state',
      'state',
    ]);
    const second = await place.run([
      'run',
      '--config',
      'fairlead.yaml',
      '--once',
      '--state',
      'state',
    ]);

    expect(first.code, first.stderr).toBe(0);
    expect(second.code, second.stderr).toBe(0);
    const creates = (await platform.calls()).filter(
      ({ operation }) => operation === 'createRelease',
    );
    expect(creates).toHaveLength(2);
  });

  it('schema: for an editor, by any kind or one', async () => {
    const place = await createPlace();

    const one = await place.run(['schema', 'MiniProgramRelease']);
    const all = await place.run(['schema']);
    const plan = await place.run(['schema', 'Plan']);

    expect(json(one.stdout)).toMatchObject({ title: 'MiniProgramRelease', type: 'object' });
    expect(json(all.stdout)).toHaveProperty('oneOf');
    expect(json(plan.stdout)).toMatchObject({ title: 'Plan' });
  });

  it('version: one line, or JSON', async () => {
    const place = await createPlace();

    const text = await place.run(['version']);
    const document = await place.run(['version', '-o', 'json']);

    expect(text.stdout).toMatch(/^fairlead \d+\.\d+\.\d+ \(node \d+\.\d+\.\d+\)\n$/);
    expect(json(document.stdout)).toMatchObject({ formatVersion: 1, kind: 'Version' });
  });

  it('help: every command says what it does and how it ends', async () => {
    const place = await createPlace();

    const { code, stdout } = await place.run(['help', 'apply']);

    expect(code).toBe(0);
    expect(stdout).toContain('--allow');
    expect(stdout).toContain('Exit codes');
  });
});
