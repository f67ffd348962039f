import type { ConfigProfile, MiniProgramRelease } from '../kinds/index.ts';
import type { LayerName } from '../model/desired.ts';
import type { Target } from '../words/keys.ts';
import type { DocumentId, Place } from '../words/places.ts';
import type { DeclaredProgram } from './homes.ts';
import type { Entry, SourceIndex } from './index-source.ts';
import { type Below, createBelow, type Layer, type LayerBody, layerSteps } from './layers.ts';
import type { TargetShape } from './shape.ts';

type Spec = MiniProgramRelease['spec'];

/** Makes each layer once, however many targets it reaches. */
export type LayerBook = (
  body: LayerBody,
  document: DocumentId,
  base: string,
  layer: LayerName,
) => Layer;

/** Books for one family after the other; the layers of profiles, which reach many programs, are kept for all of them. */
export function createLayerBooks(): () => LayerBook {
  const below = createBelow();
  const profiles = createLayerBook(below);
  return () => createLayerBook(below, profiles);
}

function createLayerBook(below: Below, profiles?: LayerBook): LayerBook {
  const made = new Map<string, Layer>();
  return (body, document, base, layer) => {
    if (profiles !== undefined && layer.endsWith('profile'))
      return profiles(body, document, base, layer);
    const key = `${layer}\n${base}\n${document}`;
    const known = made.get(key);
    if (known !== undefined) return known;
    // Below zero in the book of profiles, so that a layer of one book never counts as one of the other.
    const id = profiles === undefined ? -1 - made.size : made.size;
    const fresh = { id, steps: layerSteps(body, { document, base, layer, below }) };
    made.set(key, fresh);
    return fresh;
  };
}

/** A target of a release: standing on its program, written in its own document, or both. */
export interface WantedTarget extends Target {
  readonly standing?: TargetShape;
  readonly own?: TargetShape;
}

/** A reference to a ConfigProfile, and where it stands. */
export interface ProfileUse {
  readonly name: string;
  readonly layer: LayerName;
  readonly place: Place;
}

/** The profiles of a target in the order in which they are laid; a name met twice counts at its first place. */
export function profileUses(
  program: DeclaredProgram,
  release: { readonly entry: Entry; readonly spec: Spec },
  target: WantedTarget,
): ProfileUse[] {
  const programId = program.entry.id;
  const releaseId = release.entry.id;
  const standing = bodyAt(program.spec?.targets, target.standing);
  const own = bodyAt(release.spec.targets, target.own);
  const uses = [
    ...usesOf(program.spec?.profiles, 'program profile', programId, '/spec'),
    ...usesOf(release.spec.profiles, 'release profile', releaseId, '/spec'),
    ...usesOf(
      standing?.profiles,
      'standing target profile',
      programId,
      target.standing?.pointer ?? '',
    ),
    ...usesOf(own?.profiles, 'release target profile', releaseId, target.own?.pointer ?? ''),
  ];
  const seen = new Set<string>();
  return uses.filter(({ name }) => !seen.has(name) && seen.add(name));
}

function usesOf(
  names: readonly string[] | undefined,
  layer: LayerName,
  document: DocumentId,
  base: string,
): ProfileUse[] {
  return (names ?? []).map((name, index) => ({
    name,
    layer,
    place: { document, pointer: `${base}/profiles/${index}` },
  }));
}

function bodyAt<T>(
  bodies: readonly T[] | undefined,
  target: TargetShape | undefined,
): T | undefined {
  if (target === undefined) return undefined;
  return bodies?.[Number(target.pointer.slice(target.pointer.lastIndexOf('/') + 1))];
}

/** Everything a target's layers are made from. */
export interface StackParts {
  readonly index: SourceIndex;
  readonly book: LayerBook;
  readonly program: DeclaredProgram;
  readonly release: { readonly entry: Entry; readonly spec: Spec };
}

/** The layers of a target, lowest first; references that lead nowhere are found before. */
export function stackOf(parts: StackParts, target: WantedTarget): readonly Layer[] {
  const { book, program, release } = parts;
  const profiles = profileUses(program, release, target).flatMap((use) =>
    profileLayers(parts, use, target),
  );
  const standing = bodyAt(program.spec?.targets, target.standing);
  const own = bodyAt(release.spec.targets, target.own);
  const layers = [
    ...profiles,
    program.spec && book(program.spec, program.entry.id, '/spec', 'program'),
    standing && book(standing, program.entry.id, target.standing?.pointer ?? '', 'standing target'),
    book(release.spec, release.entry.id, '/spec', 'release'),
    own && book(own, release.entry.id, target.own?.pointer ?? '', 'release target'),
  ];
  return layers.filter((layer) => layer !== undefined).filter(({ steps }) => steps.length > 0);
}

function profileLayers(
  { index, book, release }: StackParts,
  use: ProfileUse,
  target: Target,
): Layer[] {
  const profile = index.find('ConfigProfile', release.entry.namespace, use.name);
  if (profile?.document?.kind !== 'ConfigProfile') return [];
  const { spec } = profile.document.value;
  return applies(spec, target) ? [book(spec, profile.id, '/spec', use.layer)] : [];
}

function applies({ appliesTo }: ConfigProfile['spec'], { app, environment }: Target): boolean {
  const { apps, environments } = appliesTo ?? {};
  return (apps?.includes(app) ?? true) && (environments?.includes(environment) ?? true);
}

/** What a valid MiniProgramRelease says. */
export function specOf(entry: Entry): MiniProgramRelease['spec'] | undefined {
  return entry.document?.kind === 'MiniProgramRelease' ? entry.document.value.spec : undefined;
}
