import type { DesiredValue } from '../words/fields.ts';

/** A declared value as it may be shown: a secret is its reference. */
export type DeclaredValue =
  | { readonly state: 'value'; readonly value: string | readonly string[] }
  | { readonly state: 'secret'; readonly name: string; readonly key: string };

export function declaredValue(value: DesiredValue): DeclaredValue {
  switch (value.kind) {
    case 'text':
      return { state: 'value', value: value.text };
    case 'list':
      return { state: 'value', value: value.items };
    case 'secret':
      return { state: 'secret', name: value.ref.name, key: value.ref.key };
  }
}
