import { describe, expect, it } from 'vitest';
import { judgedAddresses } from '../../../src/source/git/addresses.ts';
import { remoteUrl } from '../../../src/source/git/strings.ts';

const names: Readonly<Record<string, readonly string[]>> = {
  'git.example': ['198.51.100.7', '2001:db8::7'],
  'inside.example': ['10.0.0.7'],
  'rebound.example': ['198.51.100.7', '169.254.169.254'],
  'here.example': ['127.0.0.1'],
  'translated.example': ['64:ff9b::a9fe:a9fe'],
};

async function lookup(name: string) {
  const found = names[name];
  if (!found) throw new Error('ENOTFOUND');
  return found.map((address) => ({ address }));
}

describe('the server of a repository that an object names', () => {
  it.each([
    { url: 'https://git.example/a', addresses: ['198.51.100.7', '2001:db8::7'] },
    { url: 'ssh://git@inside.example/a', addresses: ['10.0.0.7'] },
    { url: 'git@git.example:a', addresses: ['198.51.100.7', '2001:db8::7'] },
    { url: 'https://198.51.100.7/a', addresses: undefined },
    { url: 'https://unknown.example/a', addresses: undefined },
  ])('may be $url', async ({ url, addresses }) => {
    expect(await judgedAddresses(remoteUrl(url, false), false, lookup)).toEqual(addresses);
  });

  it.each([
    'https://127.0.0.1:8443/a',
    'https://[::1]/a',
    'https://localhost/a',
    'ssh://git@127.1/a',
    'https://2130706433/a',
    'https://0.0.0.0/a',
    'https://169.254.169.254/latest',
    'ssh://git@169.254.169.254/a',
    'git@169.254.169.254:a',
    'https://[::ffff:169.254.169.254]/a',
    'https://metadata.google.internal/a',
    'https://rebound.example/a',
    'https://here.example/a',
    'https://translated.example/a',
  ])('is never %s', async (url) => {
    await expect(judgedAddresses(remoteUrl(url, false), false, lookup)).rejects.toMatchObject({
      code: 'SettingsInvalid',
    });
  });

  it('may be on this machine in a test, and nowhere else that is refused', async () => {
    const judged = (url: string) => judgedAddresses(remoteUrl(url, true), true, lookup);

    expect(await judged('http://127.0.0.1:3000/a')).toBeUndefined();
    await expect(judged('https://169.254.169.254/a')).rejects.toMatchObject({
      code: 'SettingsInvalid',
    });
  });
});
