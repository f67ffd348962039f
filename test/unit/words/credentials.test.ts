import { describe, expect, it } from 'vitest';

import { withoutCredentials } from '../../../src/core/words/credentials.ts';

describe('a text without credentials', () => {
  it.each([
    {
      name: 'user name and password',
      why: 'the common form of a Git URL with a token',
      text: 'cannot read https://bot:s3cret@git.example.com/shop.git: refused',
      expected: 'cannot read https://git.example.com/shop.git: refused',
    },
    {
      name: 'a token alone',
      why: 'forges take a token as user name',
      text: 'https://ghp_s3cret@git.example.com/shop.git',
      expected: 'https://git.example.com/shop.git',
    },
    {
      name: 'a password that holds an at sign',
      why: 'the host begins after the last one',
      text: 'https://bot:s3@cret@git.example.com/shop.git',
      expected: 'https://git.example.com/shop.git',
    },
    {
      name: 'a password that holds a slash or a quote',
      why: 'people forget to escape, and no port is made of letters',
      text: "https://bot:s3/cr'et@git.example.com/shop.git",
      expected: 'https://git.example.com/shop.git',
    },
    {
      name: 'two URLs in one text',
      why: 'a message may name the repository and its mirror',
      text: 'https://a:s3@x.example.com/1 and ssh://b:cret@y.example.com/2',
      expected: 'https://x.example.com/1 and ssh://y.example.com/2',
    },
    {
      name: 'an at sign in the path',
      why: 'what is no credential stays readable',
      text: 'https://git.example.com:8443/shop@2.git and http://[::1]:80/a@b',
      expected: 'https://git.example.com:8443/shop@2.git and http://[::1]:80/a@b',
    },
    {
      name: 'an address without a scheme',
      why: 'authors of commits are told by name and address',
      text: 'Ana <ana@example.com>, git@git.example.com:shop.git',
      expected: 'Ana <ana@example.com>, git@git.example.com:shop.git',
    },
  ])('$name', ({ text, expected, why }) => {
    expect(withoutCredentials(text), why).toBe(expected);
  });

  it.each([
    { name: 'a scheme without end', text: `@${'a'.repeat(300_000)}` },
    { name: 'many beginnings', text: `@${'a://b:c'.repeat(50_000)}` },
  ])('costs no square of the length: $name', ({ text }) => {
    const before = process.cpuUsage().user;

    expect(withoutCredentials(text)).toBe(text);

    // Of the process, in microseconds: a square would be minutes.
    expect(process.cpuUsage().user - before).toBeLessThan(5_000_000);
  });
});
