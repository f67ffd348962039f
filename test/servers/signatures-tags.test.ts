import { beforeAll, describe, expect, it } from 'vitest';
import { historyOf, refusing, useStage, type Signing } from './signing-stage.ts';

const stage = useStage();
const history = (...signings: readonly (Signing | undefined)[]) => historyOf(stage, signings);
const keys = { good: '', stranger: '' };
const by = (gpg: string): Signing => ({ gpg });

beforeAll(() => {
  keys.good = stage.gpgKey('good');
  keys.stranger = stage.gpgKey('stranger');
});

describe('tags', () => {
  const policy = () => ({ verify: 'tag', gpgKeys: stage.gpgExport(keys.good) }) as const;
  const ask = (name: string, tagObject: string, head: string) =>
    stage.verify({ policy: policy(), head, tagObject, tagName: name });

  it('are good when signed by a key that was given, whatever the commits are', async () => {
    const { head } = history(undefined);
    const tag = stage.tag('v1.0.0', { sign: by(keys.good) });

    expect(await ask('v1.0.0', tag, head)).toMatchObject({ verdict: 'good' });
  });

  it('are good with SSH too', async () => {
    const key = stage.sshKey('tagger');
    const { head } = history(undefined);
    const tagObject = stage.tag('v1.0.1', { sign: { ssh: key } });
    const allowedSigners = `ada@example.com ${stage.sshPublic(key)}`;

    const said = await stage.verify({
      policy: { verify: 'tag', allowedSigners },
      head,
      tagObject,
      tagName: 'v1.0.1',
    });

    expect(said).toMatchObject({ verdict: 'good' });
  });

  it.each([
    {
      name: 'lightweight',
      why: 'the signed commit behind it says nothing about the tag',
      tag: () => stage.git(['rev-parse', 'HEAD']),
      reason: 'LightweightTag',
    },
    { name: 'not signed', why: 'the first rule', tag: () => stage.tag('v2'), reason: 'Unsigned' },
    {
      name: 'signed by a stranger',
      why: 'his key was not given',
      tag: () => stage.tag('v2', { sign: by(keys.stranger) }),
      reason: 'UnknownSigner',
    },
    {
      name: 'changed after it was signed',
      why: 'it is another tag',
      tag: () => {
        const raw = stage.git(['cat-file', 'tag', stage.tag('v2.old', { sign: by(keys.good) })]);
        return stage.object('tag', `${raw.replace('tag v2.old', 'tag v2')}\n`);
      },
      reason: 'Tampered',
    },
    {
      name: 'followed by something that is not signed',
      why: 'everything before the signature is signed, and nothing may stand behind it',
      tag: () => {
        const raw = stage.git(['cat-file', 'tag', stage.tag('v2', { sign: by(keys.good) })]);
        return stage.object('tag', `${raw}\nmore\n`);
      },
      reason: 'UnknownForm',
    },
    {
      name: 'signed under another name',
      why: 'whoever may push could bring back an old release as the newest',
      tag: () => stage.tag('v2.other', { sign: by(keys.good) }),
      reason: 'OtherName',
    },
    {
      name: 'a tag of a tag',
      why: 'it does not name a commit',
      tag: () => {
        const inner = stage.tag('v2.inner', { sign: by(keys.good) });
        const raw = `object ${inner}\ntype tag\ntag v2\ntagger A <a@example.com> 1 +0000\n\nmessage\n`;
        return stage.object('tag', raw);
      },
      reason: 'OtherTarget',
    },
  ] as const)('are refused when $name', async ({ tag, reason, why }) => {
    const { head } = history(by(keys.good));
    const tagObject = tag();
    stage.git(['tag', '--delete', ...stage.git(['tag', '--list']).split('\n').filter(Boolean)]);

    const said = await ask('v2', tagObject, head);

    expect(said, why).toMatchObject(refusing('tag "v2"', reason));
  });

  it('are refused for another commit than they name', async () => {
    const { ids, head } = history(undefined, undefined);
    const tag = stage.tag('v3', { sign: by(keys.good) });

    expect([await ask('v3', tag, ids[0] ?? ''), await ask('v3', tag, head)]).toMatchObject([
      { verdict: 'SourceRefused' },
      { verdict: 'good' },
    ]);
  });

  it('are refused where the ref is no tag', async () => {
    const { head } = history(by(keys.good));

    expect(await stage.verify({ policy: policy(), head })).toMatchObject({
      verdict: 'SourceRefused',
    });
  });
});
