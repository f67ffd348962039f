/**
 * Cuts what the tests need of GitHub's published descriptions: the packages that hold them are too large to install
 * for everybody.
 *
 *     npm pack @octokit/openapi@23.0.2 @octokit/graphql-schema@15.26.1   (and unpack both)
 *     node tools/forge-shapes.ts FOLDER_OF_OPENAPI FOLDER_OF_GRAPHQL_SCHEMA
 *
 * Both are under the MIT licence, "Copyright (c) Octokit contributors" and "Copyright GitHub".
 */
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';

import { type DefinitionNode, Kind, parse, print, type TypeNode, visit } from 'graphql';

import { root } from './files.ts';

type Json = Record<string, unknown>;

/** What the adapter for GitHub asks. */
const operations = [
  'get /repos/{owner}/{repo}/pulls/{pull_number}',
  'get /repos/{owner}/{repo}/pulls',
  'post /repos/{owner}/{repo}/issues/{issue_number}/comments',
  'patch /repos/{owner}/{repo}/issues/comments/{comment_id}',
  'get /repos/{owner}/{repo}/commits/{ref}/status',
  'post /repos/{owner}/{repo}/statuses/{sha}',
  'get /repos/{owner}/{repo}/commits/{ref}/check-runs',
  'post /repos/{owner}/{repo}/check-runs',
  'get /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'patch /repos/{owner}/{repo}/check-runs/{check_run_id}',
  'post /repos/{owner}/{repo}/code-scanning/sarifs',
  'get /repos/{owner}/{repo}/installation',
  'post /app/installations/{installation_id}/access_tokens',
] as const;

/** Types of the GraphQL schema that the query goes through. */
const graphqlTypes = new Set([
  ...['Query', 'Repository', 'PullRequest', 'IssueCommentConnection', 'IssueComment', 'PageInfo'],
  ...['BigInt', 'IssueCommentOrder', 'IssueCommentOrderField', 'OrderDirection'],
]);
const builtIn = new Set(['String', 'Int', 'Float', 'Boolean', 'ID']);

const [openapi = '', graphql = ''] = process.argv.slice(2);
const folder = join(root, 'test/fixtures/forges');
const described = JSON.parse(
  await readFile(join(openapi, 'generated/api.github.com.json'), 'utf8'),
) as Json;
await writeFile(join(folder, 'github-openapi.json'), `${JSON.stringify(cut(described))}\n`);
const schema = await readFile(join(graphql, 'schema.graphql'), 'utf8');
await writeFile(join(folder, 'github.graphql'), `${cutGraphql(schema)}\n`);

function cut(whole: Json): Json {
  const paths: Record<string, Json> = {};
  for (const operation of operations) {
    const [method = '', path = ''] = operation.split(' ');
    const found = at(whole, ['paths', path, method]);
    paths[path] = { ...paths[path], [method]: bare(found) };
  }
  const components = new Map<string, unknown>();
  collect(paths, whole, components);
  return { openapi: whole['openapi'], info: whole['info'], paths, components: nested(components) };
}

function at(node: unknown, path: readonly string[]): unknown {
  const found = path.reduce<unknown>((inner, key) => (inner as Json | undefined)?.[key], node);
  if (found === undefined) throw new Error(`nothing at ${path.join(' ')}`);
  return found;
}

/** Without what only people read. */
function bare(node: unknown): unknown {
  if (Array.isArray(node)) return node.map(bare);
  if (typeof node !== 'object' || node === null) return node;
  return Object.fromEntries(
    Object.entries(node)
      .filter(([key, value]) => !isProse(key, value))
      .map(([key, value]) => [key, bare(value)]),
  );
}

function isProse(key: string, value: unknown): boolean {
  if (/^x-|^examples?$|^externalDocs$/.test(key)) return true;
  return /^(?:description|summary|title)$/.test(key) && typeof value === 'string';
}

/** Everything that is referred to, by its own reference. */
function collect(node: unknown, whole: Json, into: Map<string, unknown>): void {
  if (typeof node !== 'object' || node === null) return;
  for (const [key, value] of Object.entries(node)) {
    if (key !== '$ref' || typeof value !== 'string') {
      collect(value, whole, into);
    } else if (!into.has(value)) {
      const part = bare(at(whole, value.replace('#/', '').split('/')));
      into.set(value, part);
      collect(part, whole, into);
    }
  }
}

function nested(parts: ReadonlyMap<string, unknown>): Json {
  const components: Record<string, Json> = {};
  for (const [reference, part] of [...parts].sort(([a], [b]) => (a < b ? -1 : 1))) {
    const [, , kind = '', name = ''] = reference.split('/');
    components[kind] = { ...components[kind], [name]: part };
  }
  return components;
}

/** The kept types, with the fields and arguments that need no other type. */
function cutGraphql(text: string): string {
  const document = parse(text, { noLocation: true });
  const definitions = document.definitions.filter(
    (definition: DefinitionNode) =>
      'name' in definition && graphqlTypes.has(definition.name?.value ?? ''),
  );
  const kept = visit(
    { kind: Kind.DOCUMENT, definitions },
    {
      StringValue: (_, key) => (key === 'description' ? null : undefined),
      Directive: () => null,
      FieldDefinition: ({ type, arguments: given = [] }) =>
        isKept(type) && given.every((argument) => isKept(argument.type)) ? undefined : null,
      ObjectTypeDefinition: (definition) => ({ ...definition, interfaces: [] }),
    },
  );
  return print(kept);
}

function isKept(type: TypeNode): boolean {
  if (type.kind !== Kind.NAMED_TYPE) return isKept(type.type);
  return builtIn.has(type.name.value) || graphqlTypes.has(type.name.value);
}
