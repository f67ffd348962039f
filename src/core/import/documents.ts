import { type Document, isMap, isSeq } from 'yaml';
import { apiVersion } from '../kinds/common.ts';
import type { ObservedMiniProgram } from '../model/observed.ts';
import type { FieldPath } from '../words/fields.ts';
import { newDocument, writeDocument } from '../yaml/write.ts';
import type { LayerPlan, Layout, ReleasePlan } from './layout.ts';
import { quoted } from './names.ts';
import { configBody, type Values, type Wanted } from './wanted.ts';

/** What every document of one import shares. */
export interface Frame {
  /** Name of the MiniProgram. */
  readonly name: string;
  readonly connection: string;
  readonly program: ObservedMiniProgram;
  readonly global: Values;
  /** Global fields no declaration can say. */
  readonly globalLeft: readonly FieldPath[];
}

/** The MiniProgram document. */
export function programText(frame: Frame, { standing }: Layout): string {
  const { name, connection, program, global, globalLeft } = frame;
  const { workspace, miniProgram } = program.key;
  const globalConfig = configBody(global);
  const document = newDocument({
    ...head('MiniProgram', name),
    spec: {
      ...(connection !== 'default' && { connection }),
      ...{ workspace, id: miniProgram },
      ...(Object.keys(globalConfig).length > 0 && { globalConfig }),
      ...(standing.length > 0 && {
        targets: standing.map(({ target, ...layer }) => ({ ...target, ...layerBody(layer) })),
      }),
    },
  });
  const title = program.name === undefined ? quoted(miniProgram) : quoted(program.name);
  document.commentBefore = lines([
    `${title}: where it lives, and what is the same in every version.`,
    ...(globalLeft.length > 0
      ? [`Set globally to what no declaration can say, and left alone: ${globalLeft.join(', ')}`]
      : []),
  ]);
  return writeDocument(document);
}

/** The ConfigProfile documents, one stream. */
export function profilesText({ profiles }: Layout): string {
  return [...profiles]
    .map(([name, values]) =>
      newDocument({ ...head('ConfigProfile', name), spec: { config: configBody(values) } }),
    )
    .map(writeDocument)
    .join('---\n');
}

/** A MiniProgramRelease document. */
export function releaseText(frame: Frame, name: string, plan: ReleasePlan): string {
  const { version, environments, layer, targets, selected } = plan;
  const document = newDocument({
    ...head('MiniProgramRelease', name),
    spec: {
      ...{ miniProgram: frame.name, version },
      ...(environments.length > 0 && { environments: [...environments] }),
      ...layerBody(layer),
      ...(targets.length > 0 && {
        targets: targets.map(({ wanted, ...own }) => ({
          app: wanted.key.app,
          environment: wanted.key.environment,
          ...layerBody(own),
        })),
      }),
    },
  });
  const said = selected.flatMap(remarks);
  if (said.length > 0) document.commentBefore = lines(said);
  targets.forEach(({ wanted }, index) => {
    const [own] = [remarks(wanted)];
    if (own.length > 0) commentItem(document, index, lines(own));
  });
  return writeDocument(document);
}

function head(kind: string, name: string): object {
  return { apiVersion, kind, metadata: { name } };
}

function layerBody({ profiles, values, unset }: LayerPlan): object {
  const config = configBody(values);
  return {
    ...(profiles.length > 0 && { profiles: [...profiles] }),
    ...(Object.keys(config).length > 0 && { config }),
    ...(unset.length > 0 && { unset: [...unset] }),
  };
}

/** What a reader should know of a record that its declaration does not say. Names only, never a value. */
function remarks({ key, status, variables, left }: Wanted): string[] {
  const target = `${quoted(key.app)}/${key.environment} (${status})`;
  return [
    ...(variables.length > 0
      ? [
          `${target} has environment variables that are not written here: ${variables.map(quoted).join(', ')}`,
        ]
      : []),
    ...(left.length > 0
      ? [`${target} has values no declaration can say, left alone: ${left.join(', ')}`]
      : []),
  ];
}

function commentItem(document: Document, index: number, comment: string): void {
  const targets = document.getIn(['spec', 'targets']);
  const item = isSeq(targets) ? targets.items[index] : undefined;
  if (isMap(item)) item.commentBefore = comment;
}

function lines(all: readonly string[]): string {
  return all.map((line) => ` ${line}`).join('\n');
}
