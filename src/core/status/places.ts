import { originText, stepsOf, type Locate, type Origin, type Place } from '../words/places.ts';

const objectId = /^[^|]*\|([A-Za-z]+)\/(?:([^/]*)\/)?([^/]+)$/;

/**
 * The origin of a place in an object, from the place alone: `source|kind/namespace/name` says which.
 *
 * @param fallback  for places that stand in files
 */
export function locateObjects(fallback: Locate): Locate {
  return (place) => objectOrigin(place) ?? fallback(place);
}

/** @returns undefined for a place that stands in a file */
export function objectOrigin({ document, pointer }: Place): Origin | undefined {
  const found = objectId.exec(document);
  if (found === null || document.includes('#')) return undefined;
  const [, kind = '', namespace, name = ''] = found;
  const object = { kind, name, ...(namespace ? { namespace } : {}) };
  return { object, path: objectPath(pointer) };
}

/** `spec.targets[2].config.merchantId` for a JSON Pointer. */
export function objectPath(pointer: string): string {
  return stepsOf(pointer)
    .map((step, index) => {
      if (/^\d+$/.test(step)) return `[${step}]`;
      if (!/^[A-Za-z_]\w*$/.test(step)) return `[${JSON.stringify(step)}]`;
      return index === 0 ? step : `.${step}`;
    })
    .join('');
}

/** `MiniProgramRelease team-a/coffee-2.4.0 spec.targets[2].config.merchantId`, or `coffee.yaml:12`. */
export function placeText(origin: Origin): string {
  if ('file' in origin) return originText(origin);
  const { kind, namespace, name } = origin.object;
  const who = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return `${who} ${origin.path}`.trim();
}
