import { originText, stepsOf, type Origin } from '../words/places.ts';

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
  const { path } = origin;
  const who = `${kind} ${namespace === undefined ? '' : `${namespace}/`}${name}`;
  return `${who} ${path.startsWith('/') ? objectPath(path) : path}`.trim();
}
