import { describe, expect, it } from 'vitest';
import { domainRemarks, looksLikeTestHost } from '../../../src/core/lint/domains.ts';
import { hostKind } from '../../../src/core/validate/hosts.ts';

describe('domainRemarks', () => {
  it.each([
    { entry: 'https://api.acme.example', rules: [] },
    { entry: 'api.acme.example', rules: [] },
    { entry: 'wss://live.acme.example', rules: [] },
    { entry: 'API.acme.example', rules: [] },
    { entry: 'bücher.example', rules: [] },
    { entry: 'xn--bcher-kva.example', rules: [] },
    { entry: 'http://api.acme.example', rules: ['domain-insecure'] },
    { entry: 'ws://api.acme.example', rules: ['domain-insecure'] },
    { entry: 'https://api.acme.example/', rules: ['domain-path'] },
    { entry: 'https://api.acme.example/v1?x=1', rules: ['domain-path'] },
    { entry: 'https://api.acme.example:8443', rules: ['domain-port'] },
    { entry: '*.acme.example', rules: ['domain-wildcard'] },
    { entry: 'https://*.acme.example', rules: ['domain-wildcard'] },
    { entry: '*', rules: ['domain-wildcard'] },
    { entry: 'https://203.0.113.7', rules: ['domain-ip'] },
    { entry: '[2001:db8::1]', rules: ['domain-ip'] },
    { entry: 'https://10.0.0.1', rules: ['domain-private'] },
    { entry: '192.168.1.1', rules: ['domain-private'] },
    { entry: 'https://[fd00::1]', rules: ['domain-private'] },
    { entry: 'https://169.254.1.1', rules: ['domain-private'] },
    { entry: '100.64.0.1', rules: ['domain-private'] },
    { entry: 'https://169.254.169.254', rules: ['domain-metadata'] },
    { entry: 'metadata.google.internal', rules: ['domain-metadata'] },
    { entry: 'localhost', rules: ['domain-localhost'] },
    {
      entry: 'http://localhost:3000/x',
      rules: ['domain-localhost', 'domain-insecure', 'domain-path', 'domain-port'],
    },
    { entry: 'https://127.0.0.1', rules: ['domain-localhost'] },
    { entry: 'https://[::1]', rules: ['domain-localhost'] },
    { entry: 'https://localhost.acme.example', rules: [] },
    { entry: 'https://user:pass@acme.example', rules: ['domain-form'] },
    { entry: 'api acme', rules: ['domain-form'] },
    { entry: 'https://', rules: ['domain-form'] },
    { entry: 'https:\\\\acme.example', rules: ['domain-form'] },
    { entry: 'https://[::zz]', rules: ['domain-form'] },
    { entry: 'acme..example', rules: ['domain-form'] },
  ])('$entry', ({ entry, rules }) => {
    expect(domainRemarks(entry, 'serverDomains').map(({ rule }) => rule)).toEqual(rules);
  });

  it('lets a WAP URL have a path', () => {
    expect(domainRemarks('https://h5.acme.example/a/b?c', 'wapUrls')).toEqual([]);
  });
});

describe('looksLikeTestHost', () => {
  it.each([
    'sandbox.acme.example',
    'api-sandbox.acme.example',
    'api.test.acme.example',
    'uat2.acme.example',
    'pay-stg.acme.example',
    'dev.acme.example',
    'staging.acme.example',
    'QA.acme.example',
  ])('%s is for tests', (host) => {
    expect(looksLikeTestHost(host)).toBe(true);
  });

  it.each([
    'api.acme.example',
    'www.acme.dev',
    'acme.test',
    'latest.acme.example',
    'contest.acme.example',
    'attest-api.acme.example',
    'developer.acme.example',
    'sitemap.acme.example',
    'demonstration.acme.example',
  ])('%s is not', (host) => {
    expect(looksLikeTestHost(host)).toBe(false);
  });
});

describe('hostKind', () => {
  it.each([
    { host: 'api.acme.example', kind: 'name' },
    { host: 'localhost.', kind: 'loopback' },
    { host: 'a.localhost', kind: 'loopback' },
    { host: '127.1.2.3', kind: 'loopback' },
    { host: '8.8.8.8', kind: 'public-address' },
    { host: '172.16.0.1', kind: 'private' },
    { host: '172.32.0.1', kind: 'public-address' },
    { host: '[::ffff:10.0.0.1]', kind: 'private' },
    { host: '[::ffff:a9fe:a9fe]', kind: 'metadata' },
    { host: '100.100.100.200', kind: 'metadata' },
    { host: '0.0.0.0', kind: 'unspecified' },
    { host: '[::]', kind: 'unspecified' },
    { host: '[2002:a00:1::]', kind: 'translated' },
  ])('$host is $kind', ({ host, kind }) => {
    expect(hostKind(host)).toBe(kind);
  });
});
