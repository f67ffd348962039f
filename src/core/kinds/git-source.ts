import { Type, type Static } from 'typebox';
import { kindSchema, Moment } from './common.ts';
import { KeyFrom } from './platform-connection.ts';

/** How the repository is reached; every secret by reference. */
const GitCredentials = Type.Object(
  {
    token: Type.Optional(KeyFrom),
    username: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 255,
        description: 'https: the user name; with a token "git" if omitted.',
      }),
    ),
    password: Type.Optional(KeyFrom),
    sshKey: Type.Optional(KeyFrom),
    knownHosts: Type.Optional(KeyFrom),
    expiresAt: Type.Optional(Moment('When the credential ends; shown in status and metrics.')),
  },
  {
    additionalProperties: false,
    description:
      'https: a token, or username and password. ssh: sshKey (a private key without passphrase) and knownHosts (lines of a known_hosts file).',
  },
);

/** What a commit or tag must be signed by before it is believed. */
const SignaturePolicySchema = Type.Object(
  {
    verify: Type.Union([Type.Literal('commits'), Type.Literal('tag')], {
      description:
        'commits: every commit since the last completed one. tag: the tag object that ref names.',
    }),
    gpgKeys: Type.Optional(KeyFrom),
    allowedSigners: Type.Optional(KeyFrom),
    since: Type.Optional(
      Type.String({
        pattern: '^([0-9a-f]{40}|[0-9a-f]{64})$',
        description:
          'verify commits: the commit after which everything must be signed, where none was completed yet.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'gpgKeys: armored public keys; allowedSigners: lines of an SSH allowed signers file. At least one of the two.',
  },
);

/** Where pull requests into the followed branch are reviewed. */
const ReviewSchema = Type.Object(
  {
    forge: Type.Union([Type.Literal('github'), Type.Literal('gitlab'), Type.Literal('gitea')], {
      description: 'What serves the repository; gitea is for Forgejo, too.',
    }),
    url: Type.Optional(
      Type.String({
        minLength: 1,
        maxLength: 2048,
        description:
          'What people open, such as https://git.example.com. Default: github.com, gitlab.com; gitea has none.',
      }),
    ),
    repository: Type.String({
      minLength: 3,
      maxLength: 1024,
      description: 'OWNER/NAME; on GitLab with all groups.',
    }),
    token: Type.Optional(KeyFrom),
    app: Type.Optional(
      Type.Object(
        {
          id: Type.String({
            minLength: 1,
            maxLength: 255,
            description: 'Client id or number of the GitHub App.',
          }),
          privateKey: KeyFrom,
          installationId: Type.Optional(
            Type.Integer({ minimum: 1, description: 'Default: the one of the repository.' }),
          ),
        },
        { additionalProperties: false, description: 'GitHub: an App in place of a token.' },
      ),
    ),
    intervalSeconds: Type.Optional(
      Type.Number({
        minimum: 5,
        maximum: 86_400,
        description: 'How often the forge is asked for pull requests, with jitter. Default 60.',
      }),
    ),
    name: Type.Optional(
      Type.String({
        pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
        description:
          'Of the comment, where several reviews have one each. Default: the one of fairlead review.',
      }),
    ),
    showTestQr: Type.Optional(
      Type.Boolean({
        description: 'Show test QR codes, in private repositories alone. Default false.',
      }),
    ),
  },
  {
    additionalProperties: false,
    description:
      'Review pull requests into the branch: one comment and statuses on each. Exactly one of token and app.',
  },
);

export const GitSource = kindSchema(
  'GitSource',
  Type.Object(
    {
      url: Type.String({
        minLength: 1,
        maxLength: 2048,
        description: 'https or ssh; file only where Settings allow it.',
      }),
      ref: Type.Optional(
        Type.Object(
          {
            branch: Type.Optional(
              Type.String({ minLength: 1, maxLength: 255, description: 'Name of a branch.' }),
            ),
            tag: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 255,
                description: 'Name of a tag.',
              }),
            ),
            semver: Type.Optional(
              Type.String({
                minLength: 1,
                maxLength: 255,
                description:
                  'A range of versions, such as ">=1.4 <2": the tag with the greatest version in it (v1.4.2 or 1.4.2).',
              }),
            ),
          },
          { additionalProperties: false, description: 'Exactly one; branch main if omitted.' },
        ),
      ),
      path: Type.Optional(
        Type.String({
          maxLength: 1024,
          description: 'Folder below which declarations are read. Default: all.',
        }),
      ),
      include: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description: 'Glob patterns. Default *.yaml and *.yml at any depth.',
        }),
      ),
      exclude: Type.Optional(
        Type.Array(Type.String({ minLength: 1 }), {
          description: 'Glob patterns taken out again.',
        }),
      ),
      intervalSeconds: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 86_400,
          description: 'How often the remote is asked, with jitter. Default 60.',
        }),
      ),
      credentials: Type.Optional(GitCredentials),
      caFile: Type.Optional(
        Type.String({
          minLength: 1,
          description: 'Extra certificate authorities for https, PEM.',
        }),
      ),
      signatures: Type.Optional(SignaturePolicySchema),
      review: Type.Optional(ReviewSchema),
      timeoutSeconds: Type.Optional(
        Type.Number({
          minimum: 1,
          maximum: 3600,
          description: 'Deadline of one fetch. Default 60.',
        }),
      ),
    },
    {
      additionalProperties: false,
      description: 'Where the repository is, and what of it is read.',
    },
  ),
  'A Git repository whose declarations are kept.',
);

export type GitSource = Static<typeof GitSource>;
