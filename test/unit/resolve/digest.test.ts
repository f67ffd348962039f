import { describe, expect, it } from 'vitest';
import { program, release, resolveFiles, stream } from './world.ts';

const coffee = program(`  globalConfig: { serverDomains: [api.example] }
  targets: [{ app: a, environment: Test, config: { merchantId: M, testers: [t], environmentVariables: [{ name: V, value: v }] } }]`);
const one = release('1.0.0', '  environments: [Test]');
const base = stream(coffee, one);

function digestOf(text: string): string {
  return resolveFiles({ 'a.yaml': text }).programs[0]!.digest;
}

describe('the digest of a program', () => {
  it.each([
    { name: 'documents change places', text: stream(one, coffee) },
    { name: 'a release is renamed', text: base.replace('coffee-1.0.0', 'other') },
    {
      name: 'a list is written in another order',
      text: base
        .replace('[t]', '[t]')
        .replace('app: a, environment: Test', 'environment: Test, app: a'),
    },
    { name: 'a comment is added', text: `# why\n${base}` },
    {
      name: 'a label is added',
      text: base.replace(
        'metadata: { name: coffee }',
        'metadata: { name: coffee, labels: { team: x } }',
      ),
    },
  ])('stays when $name', ({ text }) => {
    expect(digestOf(text)).toBe(digestOf(base));
  });

  it.each([
    { name: 'a value', text: base.replace('merchantId: M', 'merchantId: N') },
    {
      name: 'a literal becomes a secret',
      text: base.replace('value: v', 'valueFrom: { secretKeyRef: { name: v, key: v } }'),
    },
    { name: 'a tester', text: base.replace('[t]', '[t, u]') },
    { name: 'a global value', text: base.replace('api.example', 'cdn.example') },
    {
      name: 'a global value is cleared',
      text: base.replace('serverDomains: [api.example]', 'unset: [serverDomains]'),
    },
    {
      name: 'a policy',
      text: base.replace('  targets', '  policy: { onDrift: Apply }\n  targets'),
    },
    { name: 'a suspension', text: `${base}  suspend: { reason: x }\n` },
    {
      name: 'a target',
      text: base.replace(
        'environments: [Test]',
        'environments: [Test]\n  targets: [{ app: b, environment: Test }]',
      ),
    },
    {
      name: 'a target becomes the release’s own',
      text: base.replace('environments: [Test]', 'targets: [{ app: a, environment: Test }]'),
    },
    {
      name: 'a release falls out',
      text: base.replace('environments: [Test]', 'environments: [Test]\n  profiles: [gone]'),
    },
    { name: 'a newer version', text: stream(base, release('2.0.0', '  environments: [Test]')) },
  ])('changes with $name', ({ text }) => {
    expect(digestOf(text)).not.toBe(digestOf(base));
  });
});
