import { describe, expect, it } from 'vitest';

import {
  revision,
  type ObservedMiniProgram,
  type ObservedRelease,
} from '../../../src/core/model/observed.ts';
import {
  joinListings,
  listingDocument,
  type Listing,
  type ListingSet,
} from '../../../src/core/render/listing.ts';
import { listingText } from '../../../src/core/render/listing-text.ts';
import { plainStyle } from '../../../src/core/render/style.ts';
import { SecretText } from '../../../src/core/words/secret-text.ts';
import { epochMs } from '../../../src/core/words/time.ts';

const key = { platform: 'megapay', workspace: 'acme', miniProgram: '35' };

function releaseAt(version: string, more: Partial<ObservedRelease> = {}): ObservedRelease {
  return {
    key: { ...key, version, app: 'megapay', environment: 'Sandbox' },
    id: `rel-${version}`,
    status: 'NewVersionCreated',
    revision: revision('7'),
    config: {},
    ...more,
  };
}

const program: ObservedMiniProgram = {
  key,
  name: 'Cof\u001b[31mfee',
  type: 'DSL',
  domainsGranted: false,
  global: {
    revision: revision('3'),
    mark: 'm',
    config: { serverDomains: { kind: 'list', items: ['https://a.example'] } },
  },
};

const releases: Listing = {
  what: 'releases',
  programs: [
    {
      key,
      items: [
        releaseAt('10.0.0'),
        releaseAt('2.4.0', {
          mark: 'm',
          testQrCode: 'https://qr.example/1',
          config: {
            merchantId: { kind: 'text', text: 'M-77' },
            testers: { kind: 'list', items: ['1', '2'] },
            'environmentVariables/API_KEY': { kind: 'sealed', secret: new SecretText('canary') },
            'environmentVariables/HIDDEN': { kind: 'hidden' },
          },
        }),
      ],
    },
  ],
};

function setOf(listing: Listing): ListingSet {
  return {
    listing,
    platforms: [{ connection: 'default', platform: 'megapay', driver: 'http', emulator: true }],
    observedAt: epochMs(Date.UTC(2026, 0, 31, 9)),
  };
}

describe('what a platform holds, as JSON', () => {
  it('names variables and never says what they hold', () => {
    const document = listingDocument(setOf(releases));

    expect(JSON.stringify(document)).not.toContain('canary');
    expect(document).toMatchObject({
      formatVersion: 1,
      kind: 'ReleaseList',
      observedAt: '2026-01-31T09:00:00.000Z',
      items: [
        {
          key: { version: '2.4.0' },
          marked: true,
          frozen: null,
          testQrCode: 'https://qr.example/1',
          config: {
            merchantId: 'M-77',
            testers: ['1', '2'],
            environmentVariables: [
              { name: 'API_KEY', state: 'set' },
              { name: 'HIDDEN', state: 'hidden' },
            ],
          },
        },
        { key: { version: '10.0.0' }, marked: false, testQrCode: null, config: {} },
      ],
    });
  });

  it('is in the same order whatever the order of the platform', () => {
    const turned: Listing = {
      ...releases,
      programs: releases.programs.map((each) => ({ ...each, items: each.items.toReversed() })),
    };

    expect(listingDocument(setOf(turned))).toEqual(listingDocument(setOf(releases)));
  });

  it('says what a platform does not tell as null, not as false', () => {
    const bare = { ...program, name: undefined, type: undefined, domainsGranted: undefined };
    const listing = { what: 'programs', programs: [bare] } as unknown as Listing;

    expect(listingDocument(setOf(listing)).items).toEqual([
      {
        key,
        name: null,
        type: null,
        domainsGranted: null,
        globalConfig: { serverDomains: ['https://a.example'] },
        globalRevision: '3',
        marked: true,
      },
    ]);
  });

  it('joins the listings of several platforms', () => {
    const joined = joinListings('versions', [
      { what: 'versions', programs: [{ key, items: ['1.0.0'] }] },
      { what: 'versions', programs: [{ key: { ...key, platform: 'other' }, items: ['2.0.0'] }] },
    ]);

    expect(joined.programs).toHaveLength(2);
  });
});

describe('what a platform holds, as text', () => {
  it('is one aligned table; names are inert, values of variables absent', () => {
    expect(listingText(setOf(releases), { style: plainStyle })).toBe(
      [
        'default: megapay (an emulator)',
        '',
        'PROGRAM  VERSION  TARGET           STATUS                  CONFIGURATION OF ITS OWN',
        'acme/35  2.4.0    megapay/Sandbox  New Version Created  ≈  merchantId M-77, testers 2, variables API_KEY HIDDEN',
        'acme/35  10.0.0   megapay/Sandbox  New Version Created',
        '',
        '2 releases   ≈ carries a mark: an installation of Fairlead keeps it',
        '',
      ].join('\n'),
    );
  });

  it('shows escape sequences instead of obeying them', () => {
    const text = listingText(setOf({ what: 'programs', programs: [program] }), {
      style: plainStyle,
    });

    expect(text).not.toContain('\u001b');
    expect(text).toContain('Cof\\u{001b}[31mfee');
    expect(text).toContain('not granted');
  });

  it('draws the test QR codes below, of those that have one', () => {
    const text = listingText(setOf(releases), {
      style: plainStyle,
      drawQr: (code) => `[QR ${code}]`,
    });

    expect(text.split('\n').slice(-5)).toEqual([
      '',
      '2.4.0  megapay/Sandbox',
      '[QR https://qr.example/1]',
      'https://qr.example/1',
      '',
    ]);
  });

  it('says so when there is nothing', () => {
    const text = listingText(setOf({ what: 'versions', programs: [] }), { style: plainStyle });

    expect(text).toContain('no version found');
  });
});
